-- +goose Up
-- Who has a course, or has had it, and until when: end_time is that of the last of the
-- user's course_grants, and 0 where none is left.
CREATE TABLE IF NOT EXISTS course_owners (
    owner_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT NOT NULL,
    product_id BIGINT NOT NULL,
    begin_time BIGINT NOT NULL,
    end_time   BIGINT NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS course_owners_course ON course_owners (user_id, product_id);
CREATE INDEX IF NOT EXISTS course_owners_user ON course_owners (user_id, owner_id);
