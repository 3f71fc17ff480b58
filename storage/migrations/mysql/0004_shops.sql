-- +goose Up
-- seq is the order of adding.
CREATE TABLE IF NOT EXISTS shops (
    seq          BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    shop_id      BIGINT NOT NULL DEFAULT 0,
    shop_name    VARBINARY(400)  NOT NULL DEFAULT '',
    shop_content MEDIUMBLOB      NOT NULL,
    user_id      VARBINARY(255)  NOT NULL DEFAULT '',
    creat_time   BIGINT NOT NULL DEFAULT 0,
    pic_url      VARBINARY(4096) NOT NULL DEFAULT '',
    UNIQUE KEY shops_id (shop_id),
    UNIQUE KEY shops_name (shop_name),
    KEY shops_user (user_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
