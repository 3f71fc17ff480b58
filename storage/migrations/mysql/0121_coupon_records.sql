-- +goose Up
-- What users have taken of coupons. take_number counts a user's records of a coupon from
-- 1. state is 0 usable, 1 used, 3 held by the order order_id.
CREATE TABLE IF NOT EXISTS coupon_records (
    record_id   BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    coupon_id   BIGINT NOT NULL,
    user_id     VARBINARY(255) NOT NULL,
    take_number BIGINT NOT NULL,
    state       BIGINT NOT NULL DEFAULT 0,
    order_id    VARBINARY(64)  NOT NULL DEFAULT '',
    take_time   BIGINT NOT NULL,
    valid_begin BIGINT NOT NULL,
    valid_end   BIGINT NOT NULL,
    UNIQUE KEY coupon_records_taken (coupon_id, user_id, take_number),
    KEY coupon_records_user (user_id, record_id),
    KEY coupon_records_state (user_id, state, record_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
