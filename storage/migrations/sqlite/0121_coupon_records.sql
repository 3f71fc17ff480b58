-- +goose Up
-- What users have taken of coupons. take_number counts a user's records of a coupon from
-- 1. state is 0 usable, 1 used, 3 held by the order order_id.
CREATE TABLE IF NOT EXISTS coupon_records (
    record_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    coupon_id   BIGINT NOT NULL,
    user_id     TEXT   NOT NULL,
    take_number BIGINT NOT NULL,
    state       BIGINT NOT NULL DEFAULT 0,
    order_id    TEXT   NOT NULL DEFAULT '',
    take_time   BIGINT NOT NULL,
    valid_begin BIGINT NOT NULL,
    valid_end   BIGINT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS coupon_records_taken ON coupon_records (coupon_id, user_id, take_number);
CREATE INDEX IF NOT EXISTS coupon_records_user ON coupon_records (user_id, record_id);
CREATE INDEX IF NOT EXISTS coupon_records_state ON coupon_records (user_id, state, record_id);
