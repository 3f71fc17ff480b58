-- +goose Up
-- How far a user is in a section: seconds of a video, and percent of the section. opened: by
-- somebody who had the course.
CREATE TABLE IF NOT EXISTS course_progress (
    user_id    VARBINARY(255) NOT NULL,
    product_id BIGINT NOT NULL,
    section_id BIGINT NOT NULL,
    seconds    BIGINT NOT NULL,
    percent    BIGINT NOT NULL,
    opened     BIGINT NOT NULL,
    PRIMARY KEY (user_id, product_id, section_id),
    KEY course_progress_section (section_id)
);
