-- +goose Up
-- Those of the accounts that are there, and of the deleted ones.
INSERT IGNORE INTO welcomes (phone_hash) SELECT DISTINCT phone_hash FROM profiles WHERE phone_hash IS NOT NULL;
