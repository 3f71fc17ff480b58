-- +goose Up
-- The sections of chapters, in the order of place. is_text: content is what is studied, else
-- link is, a video of so many seconds. free: for everybody.
CREATE TABLE IF NOT EXISTS course_sections (
    section_id INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id BIGINT NOT NULL,
    chapter_id BIGINT NOT NULL,
    place      BIGINT NOT NULL,
    title      TEXT NOT NULL,
    is_text    BIGINT NOT NULL,
    seconds    BIGINT NOT NULL,
    free       BIGINT NOT NULL,
    link       TEXT NOT NULL,
    content    TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS course_sections_product ON course_sections (product_id, place);
CREATE INDEX IF NOT EXISTS course_sections_chapter ON course_sections (chapter_id, place);
CREATE INDEX IF NOT EXISTS course_sections_link ON course_sections (link);
