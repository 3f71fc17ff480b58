-- +goose Up
-- Tries to pay at a channel. attempt_id is the payment's number and two digits. trade_no,
-- which the channel gives, is NULL before that. action (JSON) is how the user pays.
CREATE TABLE IF NOT EXISTS attempts (
    attempt_id  VARBINARY(64)   NOT NULL PRIMARY KEY,
    pay_id      VARBINARY(64)   NOT NULL,
    channel     VARBINARY(16)   NOT NULL,
    client      VARBINARY(16)   NOT NULL,
    return_url  VARBINARY(2048) NOT NULL DEFAULT '',
    subject     VARBINARY(255)  NOT NULL DEFAULT '',
    amount      BIGINT NOT NULL,
    state       VARBINARY(16)   NOT NULL,
    channel_id  VARBINARY(64)   NOT NULL DEFAULT '',
    trade_no    VARBINARY(64),
    action      BLOB   NOT NULL,
    ask_time    BIGINT NOT NULL DEFAULT 0,
    creat_time  BIGINT NOT NULL,
    expire_time BIGINT NOT NULL,
    end_time    BIGINT NOT NULL DEFAULT 0,
    KEY attempts_pay (pay_id, attempt_id),
    UNIQUE KEY attempts_trade (channel, trade_no)
);
