-- +goose Up
-- What the sandbox has given back.
CREATE TABLE IF NOT EXISTS sandbox_refunds (
    refund_no  TEXT   NOT NULL PRIMARY KEY,
    attempt_id TEXT   NOT NULL,
    amount     BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS sandbox_refunds_attempt ON sandbox_refunds (attempt_id, amount);
