-- +goose Up
-- The answers of calls that a client may send again with the same request_key.
CREATE TABLE IF NOT EXISTS request_keys (
    user_id     VARBINARY(255) NOT NULL,
    call_name   VARBINARY(64)  NOT NULL,
    request_key VARBINARY(64)  NOT NULL,
    data_hash   VARBINARY(32)  NOT NULL,
    answer      MEDIUMBLOB     NOT NULL,
    expire_time BIGINT NOT NULL,
    PRIMARY KEY (user_id, call_name, request_key),
    KEY request_keys_expire (expire_time)
);
