-- +goose Up
-- The chapters of a course, in the order of place.
CREATE TABLE IF NOT EXISTS course_chapters (
    chapter_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    product_id BIGINT NOT NULL,
    place      BIGINT NOT NULL,
    title      VARBINARY(400) NOT NULL,
    KEY course_chapters_product (product_id, place)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
