-- +goose Up
-- What the sandbox knows of attempts, as a channel would. result is what its user chose,
-- '' before that.
CREATE TABLE IF NOT EXISTS sandbox_trades (
    attempt_id  VARBINARY(64)   NOT NULL PRIMARY KEY,
    amount      BIGINT          NOT NULL,
    subject     VARBINARY(255)  NOT NULL,
    return_url  VARBINARY(2048) NOT NULL,
    expire_time BIGINT          NOT NULL,
    result      VARBINARY(16)   NOT NULL DEFAULT ''
);
