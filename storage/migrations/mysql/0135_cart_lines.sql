-- +goose Up
-- What users want to buy. A user has a product once, or a course once for each price policy;
-- price_policy_id is 0 for what is no course. Money is fen: added_price is what a piece cost
-- when it was added, first_price what of it is to be paid at once, NULL being all.
CREATE TABLE IF NOT EXISTS cart_lines (
    cart_id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id         VARBINARY(255) NOT NULL,
    product_id      BIGINT NOT NULL,
    price_policy_id BIGINT NOT NULL,
    product_num     BIGINT NOT NULL,
    first_price     BIGINT NULL,
    added_price     BIGINT NOT NULL,
    UNIQUE KEY cart_lines_product (user_id, product_id, price_policy_id),
    KEY cart_lines_user (user_id, cart_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
