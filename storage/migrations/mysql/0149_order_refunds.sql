-- +goose Up
-- What was asked back of an order, or given back by the seller, an admin or a clock: number
-- counts from 1. amount is fen, of what was asked until it is decided. items are lines with
-- pieces as JSON, pics one URL a line. logistics is how the buyer sent it back, to the
-- address beside it. back_ is what of it lowered the debt, and what of the market's share
-- and of the beli went with it. is_arrived: all of it has come to where it was paid from.
CREATE TABLE IF NOT EXISTS order_refunds (
    order_id       VARBINARY(32) NOT NULL,
    number         BIGINT NOT NULL,
    kind           VARBINARY(16) NOT NULL,
    state          VARBINARY(16) NOT NULL,
    amount         BIGINT NOT NULL,
    items          BLOB NOT NULL,
    reason         VARBINARY(800) NOT NULL,
    pics           BLOB NOT NULL,
    who            VARBINARY(16) NOT NULL,
    user_id        VARBINARY(255) NOT NULL,
    note           VARBINARY(2000) NOT NULL DEFAULT '',
    is_arrived     BOOLEAN NOT NULL DEFAULT FALSE,
    address_name   VARBINARY(128) NOT NULL DEFAULT '',
    address_phone  VARBINARY(64) NOT NULL DEFAULT '',
    address        VARBINARY(1020) NOT NULL DEFAULT '',
    logistics      VARBINARY(200) NOT NULL DEFAULT '',
    logistics_id   VARBINARY(200) NOT NULL DEFAULT '',
    is_sent        BOOLEAN NOT NULL DEFAULT FALSE,
    back_debt      BIGINT NOT NULL DEFAULT 0,
    back_promotion BIGINT NOT NULL DEFAULT 0,
    back_beli      BIGINT NOT NULL DEFAULT 0,
    creat_time     BIGINT NOT NULL,
    decide_time    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, number)
);
