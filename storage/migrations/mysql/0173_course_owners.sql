-- +goose Up
-- Who has a course, or has had it, and until when: end_time is that of the last of the
-- user's course_grants, and 0 where none is left.
CREATE TABLE IF NOT EXISTS course_owners (
    owner_id   BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id    VARBINARY(255) NOT NULL,
    product_id BIGINT NOT NULL,
    begin_time BIGINT NOT NULL,
    end_time   BIGINT NOT NULL,
    UNIQUE KEY course_owners_course (user_id, product_id),
    KEY course_owners_user (user_id, owner_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
