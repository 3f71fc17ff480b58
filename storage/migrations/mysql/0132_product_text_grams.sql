-- +goose Up
CREATE TABLE IF NOT EXISTS product_text_grams (
    gram    VARBINARY(300) NOT NULL,
    gram_id BIGINT NOT NULL,
    PRIMARY KEY (gram, gram_id)
);
