-- +goose Up
-- Every step that was taken of an order: number counts from 1. state is the one after it.
-- who is buyer, seller, admin or clock; user_id is '' for a clock. note is the reason given.
CREATE TABLE IF NOT EXISTS order_history (
    order_id  TEXT NOT NULL,
    number    BIGINT NOT NULL,
    step      TEXT NOT NULL,
    state     TEXT NOT NULL,
    step_time BIGINT NOT NULL,
    who       TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    note      TEXT NOT NULL,
    PRIMARY KEY (order_id, number)
) WITHOUT ROWID;
