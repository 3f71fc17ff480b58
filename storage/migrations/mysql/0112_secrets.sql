-- +goose Up
-- What the server has made up and must keep, such as the key of look-ups, encrypted.
CREATE TABLE IF NOT EXISTS secrets (
    name   VARBINARY(64)  NOT NULL PRIMARY KEY,
    sealed VARBINARY(255) NOT NULL,
    key_id BIGINT NOT NULL,
    KEY secrets_key (key_id, name)
);
