-- +goose Up
-- Tries to pay at a channel. attempt_id is the payment's number and two digits. trade_no,
-- which the channel gives, is NULL before that. action (JSON) is how the user pays.
CREATE TABLE IF NOT EXISTS attempts (
    attempt_id  TEXT   NOT NULL PRIMARY KEY,
    pay_id      TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    client      TEXT   NOT NULL,
    return_url  TEXT   NOT NULL DEFAULT '',
    subject     TEXT   NOT NULL DEFAULT '',
    amount      BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    channel_id  TEXT   NOT NULL DEFAULT '',
    trade_no    TEXT,
    action      BLOB   NOT NULL,
    ask_time    BIGINT NOT NULL DEFAULT 0,
    creat_time  BIGINT NOT NULL,
    expire_time BIGINT NOT NULL,
    end_time    BIGINT NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS attempts_pay ON attempts (pay_id, attempt_id);
CREATE UNIQUE INDEX IF NOT EXISTS attempts_trade ON attempts (channel, trade_no);
