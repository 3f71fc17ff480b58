-- +goose Up
-- What products are sorted into. kind is 0 for goods, 1 for second-hand, 2 for courses.
CREATE TABLE IF NOT EXISTS categories (
    category_id   BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    category_name VARBINARY(80) NOT NULL,
    kind          BIGINT        NOT NULL,
    sort          BIGINT        NOT NULL,
    UNIQUE KEY categories_name (kind, category_name),
    KEY categories_sort (kind, sort, category_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
