-- +goose Up
-- One statement a file, and it may run twice: MySQL commits it before goose
-- notes the version. users and tokens are the account service's tables, for a
-- database that it does not use.
CREATE TABLE IF NOT EXISTS users (
    id       BIGINT NOT NULL PRIMARY KEY,
    name     VARCHAR(255),
    phone    VARCHAR(255),
    nickname VARCHAR(255),
    email    VARCHAR(255),
    wealth   DECIMAL(20, 2)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
