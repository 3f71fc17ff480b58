-- +goose Up
-- What the sandbox knows of attempts, as a channel would. result is what its user chose,
-- '' before that.
CREATE TABLE IF NOT EXISTS sandbox_trades (
    attempt_id  TEXT   NOT NULL PRIMARY KEY,
    amount      BIGINT NOT NULL,
    subject     TEXT   NOT NULL,
    return_url  TEXT   NOT NULL,
    expire_time BIGINT NOT NULL,
    result      TEXT   NOT NULL DEFAULT ''
) WITHOUT ROWID;
