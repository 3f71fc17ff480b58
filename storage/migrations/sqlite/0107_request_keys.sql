-- +goose Up
-- The answers of calls that a client may send again with the same request_key.
CREATE TABLE IF NOT EXISTS request_keys (
    user_id     TEXT   NOT NULL,
    call_name   TEXT   NOT NULL,
    request_key TEXT   NOT NULL,
    data_hash   BLOB   NOT NULL,
    answer      BLOB   NOT NULL,
    expire_time BIGINT NOT NULL,
    PRIMARY KEY (user_id, call_name, request_key)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS request_keys_expire ON request_keys (expire_time);
