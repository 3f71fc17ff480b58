-- +goose Up
-- What the market knows of a product beside the document. Prices are fen. product_stock: what
-- is free, NULL is unlimited. first_price: NULL is none. user_id: the seller of what no shop sells.
-- pics: one URL a line, NULL is none. open_orders: those that are not closed. Done again it
-- fails, because the first column is there: the engine knows that.
ALTER TABLE products
    ADD COLUMN product_type   BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN product_stock  BIGINT NULL,
    ADD COLUMN original_price BIGINT NULL,
    ADD COLUMN ship_price     BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN sell_method    BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN first_price    BIGINT NULL,
    ADD COLUMN review_state   BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN review_note    VARBINARY(1020) NOT NULL DEFAULT '',
    ADD COLUMN user_id        VARBINARY(255) NOT NULL DEFAULT '',
    ADD COLUMN pics           BLOB NULL,
    ADD COLUMN open_orders    BIGINT NOT NULL DEFAULT 0,
    ADD KEY products_type_status (product_type, product_status),
    ADD KEY products_user (user_id);
