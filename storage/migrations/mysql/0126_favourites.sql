-- +goose Up
-- The products that users have collected; fav_id is the order in which they did.
CREATE TABLE IF NOT EXISTS favourites (
    fav_id     BIGINT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id    VARBINARY(255) NOT NULL,
    product_id BIGINT         NOT NULL,
    UNIQUE KEY favourites_user_product (user_id, product_id),
    KEY favourites_user (user_id, fav_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
