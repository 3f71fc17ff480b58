-- +goose Up
-- Where a user has goods sent. One of a user's is the default: is_default is 1.
CREATE TABLE IF NOT EXISTS addresses (
    address_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id    VARBINARY(255)  NOT NULL,
    name       VARBINARY(128)  NOT NULL,
    phone      VARBINARY(20)   NOT NULL,
    address    VARBINARY(1020) NOT NULL,
    is_default BIGINT          NOT NULL,
    KEY addresses_user (user_id, address_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
