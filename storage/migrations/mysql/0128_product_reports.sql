-- +goose Up
-- Who has reported which product, once, and why.
CREATE TABLE IF NOT EXISTS product_reports (
    user_id     VARBINARY(255)  NOT NULL,
    product_id  BIGINT          NOT NULL,
    reason      VARBINARY(1020) NOT NULL,
    report_time BIGINT          NOT NULL,
    PRIMARY KEY (user_id, product_id)
);
