-- +goose Up
-- What the sandbox has given back.
CREATE TABLE IF NOT EXISTS sandbox_refunds (
    refund_no  VARBINARY(64) NOT NULL PRIMARY KEY,
    attempt_id VARBINARY(64) NOT NULL,
    amount     BIGINT        NOT NULL,
    KEY sandbox_refunds_attempt (attempt_id, amount)
);
