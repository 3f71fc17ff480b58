-- +goose Up
-- What was asked back of an order, or given back by the seller, an admin or a clock: number
-- counts from 1. amount is fen, of what was asked until it is decided. items are lines with
-- pieces as JSON, pics one URL a line. logistics is how the buyer sent it back, to the
-- address beside it. back_ is what of it lowered the debt, and what of the market's share
-- and of the beli went with it. is_arrived: all of it has come to where it was paid from.
CREATE TABLE IF NOT EXISTS order_refunds (
    order_id       TEXT NOT NULL,
    number         BIGINT NOT NULL,
    kind           TEXT NOT NULL,
    state          TEXT NOT NULL,
    amount         BIGINT NOT NULL,
    items          TEXT NOT NULL,
    reason         TEXT NOT NULL,
    pics           TEXT NOT NULL,
    who            TEXT NOT NULL,
    user_id        TEXT NOT NULL,
    note           TEXT NOT NULL DEFAULT '',
    is_arrived     BOOLEAN NOT NULL DEFAULT FALSE,
    address_name   TEXT NOT NULL DEFAULT '',
    address_phone  TEXT NOT NULL DEFAULT '',
    address        TEXT NOT NULL DEFAULT '',
    logistics      TEXT NOT NULL DEFAULT '',
    logistics_id   TEXT NOT NULL DEFAULT '',
    is_sent        BOOLEAN NOT NULL DEFAULT FALSE,
    back_debt      BIGINT NOT NULL DEFAULT 0,
    back_promotion BIGINT NOT NULL DEFAULT 0,
    back_beli      BIGINT NOT NULL DEFAULT 0,
    creat_time     BIGINT NOT NULL,
    decide_time    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, number)
) WITHOUT ROWID;
