-- +goose Up
-- MariaDB needs the columns of 0130 otherwise; here they are right.
SELECT 1;
