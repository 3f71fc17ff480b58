-- +goose Up
-- The sections of chapters, in the order of place. is_text: content is what is studied, else
-- link is, a video of so many seconds. free: for everybody.
CREATE TABLE IF NOT EXISTS course_sections (
    section_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    product_id BIGINT NOT NULL,
    chapter_id BIGINT NOT NULL,
    place      BIGINT NOT NULL,
    title      VARBINARY(400) NOT NULL,
    is_text    BIGINT NOT NULL,
    seconds    BIGINT NOT NULL,
    free       BIGINT NOT NULL,
    link       VARBINARY(4096) NOT NULL,
    content    MEDIUMBLOB NOT NULL,
    KEY course_sections_product (product_id, place),
    KEY course_sections_chapter (chapter_id, place),
    KEY course_sections_link (link(500))
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
