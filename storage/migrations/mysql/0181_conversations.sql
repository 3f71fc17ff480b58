-- +goose Up
-- A user's side of the messages with another about a product: there are two rows for each.
-- What is counted here need not be counted in messages.
CREATE TABLE IF NOT EXISTS conversations (
    user_id      VARBINARY(255) NOT NULL,
    peer_id      VARBINARY(255) NOT NULL,
    product_id   BIGINT         NOT NULL,
    last_message BIGINT         NOT NULL,
    messages     BIGINT         NOT NULL,
    unread       BIGINT         NOT NULL,
    PRIMARY KEY (user_id, peer_id, product_id),
    KEY conversations_user (user_id, last_message)
);
