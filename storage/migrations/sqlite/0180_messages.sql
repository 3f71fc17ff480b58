-- +goose Up
-- What users write to each other about a product. user_low and user_high are the two, in the
-- order of their bytes. picture is the name of one that the two alone see, NULL for none.
CREATE TABLE IF NOT EXISTS messages (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_low   TEXT   NOT NULL,
    user_high  TEXT   NOT NULL,
    product_id BIGINT NOT NULL,
    sender_id  TEXT   NOT NULL,
    content    TEXT   NOT NULL,
    picture    TEXT   NULL,
    creat_time BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_conversation ON messages (user_low, user_high, product_id, message_id);
CREATE INDEX IF NOT EXISTS messages_sender ON messages (sender_id, message_id);
CREATE INDEX IF NOT EXISTS messages_picture ON messages (picture) WHERE picture IS NOT NULL;
