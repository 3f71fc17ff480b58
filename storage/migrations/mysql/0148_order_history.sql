-- +goose Up
-- Every step that was taken of an order: number counts from 1. state is the one after it.
-- who is buyer, seller, admin or clock; user_id is '' for a clock. note is the reason given.
-- title is that of the notice to the sides that have not taken it, '' of none; sale is 1
-- where the step sells the order's pieces, -1 where it takes them back. untold: that has yet
-- to follow.
CREATE TABLE IF NOT EXISTS order_history (
    order_id  VARBINARY(32) NOT NULL,
    number    BIGINT NOT NULL,
    step      VARBINARY(32) NOT NULL,
    state     VARBINARY(16) NOT NULL,
    step_time BIGINT NOT NULL,
    who       VARBINARY(16) NOT NULL,
    user_id   VARBINARY(255) NOT NULL,
    note      VARBINARY(2000) NOT NULL,
    title     VARBINARY(256) NOT NULL,
    sale      BIGINT NOT NULL,
    untold    BOOLEAN NOT NULL,
    PRIMARY KEY (order_id, number),
    KEY order_history_untold (untold, order_id, number)
);
