-- +goose Up
-- What the market did on days that are over, from day_begin to before day_end (Unix seconds,
-- so that another time zone has other rows). Each is counted from the orders, refunds and
-- profiles once nothing can be added to it, and never changed. Days on which nothing
-- happened have none. Money is fen.
CREATE TABLE IF NOT EXISTS day_summaries (
    day_begin BIGINT NOT NULL,
    day_end   BIGINT NOT NULL,
    users     BIGINT NOT NULL,
    orders    BIGINT NOT NULL,
    paid      BIGINT NOT NULL,
    pay_price BIGINT NOT NULL,
    refunded  BIGINT NOT NULL,
    PRIMARY KEY (day_begin, day_end)
);
