-- +goose Up
-- Prices are fen; a product_disprice of NULL is none.
CREATE TABLE IF NOT EXISTS products (
    seq                BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    product_id         BIGINT NOT NULL DEFAULT 0,
    product_name       VARBINARY(400)  NOT NULL DEFAULT '',
    product_content    MEDIUMBLOB      NOT NULL,
    product_key        VARBINARY(1020) NOT NULL DEFAULT '',
    product_price      BIGINT NOT NULL DEFAULT 0,
    product_disprice   BIGINT NULL,
    product_sale       BIGINT NOT NULL DEFAULT 0,
    product_click      BIGINT NOT NULL DEFAULT 0,
    product_collection BIGINT NOT NULL DEFAULT 0,
    shop_id            BIGINT NOT NULL DEFAULT 0,
    creat_time         BIGINT NOT NULL DEFAULT 0,
    update_time        BIGINT NOT NULL DEFAULT 0,
    pic_url            VARBINARY(4096) NOT NULL DEFAULT '',
    product_status     BIGINT NOT NULL DEFAULT 0,
    UNIQUE KEY products_id (product_id),
    KEY products_shop_status (shop_id, product_status),
    KEY products_status (product_status)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
