-- +goose Up
-- Prices are fen. seq decides between orders of one second.
CREATE TABLE IF NOT EXISTS purchases (
    seq                BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    purchase_id        VARBINARY(64)  NOT NULL DEFAULT '',
    purchase_state     VARBINARY(16)  NOT NULL DEFAULT '',
    user_id            VARBINARY(255) NOT NULL DEFAULT '',
    purchase_type      BIGINT NOT NULL DEFAULT 0,
    purchase_price     BIGINT NOT NULL DEFAULT 0,
    creat_time         BIGINT NOT NULL DEFAULT 0,
    pay_method         VARBINARY(64)  NOT NULL DEFAULT '',
    product_id         BIGINT NOT NULL DEFAULT 0,
    product_num        BIGINT NOT NULL DEFAULT 0,
    product_unitprice  BIGINT NOT NULL DEFAULT 0,
    product_totalprice BIGINT NOT NULL DEFAULT 0,
    UNIQUE KEY purchases_id (purchase_id),
    KEY purchases_user_creat (user_id, creat_time, seq)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
