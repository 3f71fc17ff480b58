-- +goose Up

-- Lets one of several processes that migrate at once commit a version.
CREATE UNIQUE INDEX campusgate_migrations_version ON campusgate_migrations (version_id);

-- The account service's tables, for a database that it does not use.
-- DECIMAL makes SQLite keep 12.34 as the nearest binary value and 12.00 as an integer.
CREATE TABLE IF NOT EXISTS users (
    id       INTEGER PRIMARY KEY,
    name     TEXT,
    phone    TEXT,
    nickname TEXT,
    email    TEXT,
    wealth   DECIMAL(12, 2)
);

-- user_id is text so that "012" is not taken for user 12.
CREATE TABLE IF NOT EXISTS tokens (
    token   TEXT NOT NULL PRIMARY KEY,
    user_id TEXT,
    UNIQUE (user_id, token)
);
