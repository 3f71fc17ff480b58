-- +goose Up
-- What users write to each other about a product. user_low and user_high are the two, in the
-- order of their bytes. picture is the name of one that the two alone see, NULL for none.
CREATE TABLE IF NOT EXISTS messages (
    message_id BIGINT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_low   VARBINARY(255) NOT NULL,
    user_high  VARBINARY(255) NOT NULL,
    product_id BIGINT         NOT NULL,
    sender_id  VARBINARY(255) NOT NULL,
    content    BLOB           NOT NULL,
    picture    VARBINARY(64)  NULL,
    creat_time BIGINT         NOT NULL,
    KEY messages_conversation (user_low, user_high, product_id, message_id),
    KEY messages_sender (sender_id, message_id),
    KEY messages_picture (picture)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
