-- +goose Up
-- Every step that was taken of an order: number counts from 1. state is the one after it.
-- who is buyer, seller, admin or clock; user_id is '' for a clock. note is the reason given.
-- title is that of the notice to the sides that have not taken it, '' of none; sale is 1
-- where the step sells the order's pieces, -1 where it takes them back. untold: that has yet
-- to follow.
CREATE TABLE IF NOT EXISTS order_history (
    order_id  TEXT NOT NULL,
    number    BIGINT NOT NULL,
    step      TEXT NOT NULL,
    state     TEXT NOT NULL,
    step_time BIGINT NOT NULL,
    who       TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    note      TEXT NOT NULL,
    title     TEXT NOT NULL,
    sale      BIGINT NOT NULL,
    untold    BOOLEAN NOT NULL,
    PRIMARY KEY (order_id, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS order_history_untold ON order_history (untold, order_id, number);
