-- +goose Up
CREATE TABLE IF NOT EXISTS product_grams (
    gram        VARBINARY(64) NOT NULL,
    product_seq BIGINT NOT NULL,
    PRIMARY KEY (gram, product_seq)
);
