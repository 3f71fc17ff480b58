-- +goose Up
-- The chapters of a course, in the order of place.
CREATE TABLE IF NOT EXISTS course_chapters (
    chapter_id INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id BIGINT NOT NULL,
    place      BIGINT NOT NULL,
    title      TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS course_chapters_product ON course_chapters (product_id, place);
