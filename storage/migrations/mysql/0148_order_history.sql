-- +goose Up
-- Every step that was taken of an order: number counts from 1. state is the one after it.
-- who is buyer, seller, admin or clock; user_id is '' for a clock. note is the reason given.
CREATE TABLE IF NOT EXISTS order_history (
    order_id  VARBINARY(32) NOT NULL,
    number    BIGINT NOT NULL,
    step      VARBINARY(32) NOT NULL,
    state     VARBINARY(16) NOT NULL,
    step_time BIGINT NOT NULL,
    who       VARBINARY(16) NOT NULL,
    user_id   VARBINARY(255) NOT NULL,
    note      VARBINARY(2000) NOT NULL,
    PRIMARY KEY (order_id, number)
);
