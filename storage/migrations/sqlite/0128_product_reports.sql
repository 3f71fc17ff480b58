-- +goose Up
-- Who has reported which product, once, and why.
CREATE TABLE IF NOT EXISTS product_reports (
    user_id     TEXT   NOT NULL,
    product_id  BIGINT NOT NULL,
    reason      TEXT   NOT NULL,
    report_time BIGINT NOT NULL,
    PRIMARY KEY (user_id, product_id)
) WITHOUT ROWID;
