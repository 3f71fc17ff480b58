-- +goose Up
-- What a course has beside its product. level: 0 to 4. teachers and questions: JSON, shown
-- with the course alone. recommended: product ids, one a line. is_free: a price policy costs
-- nothing. sections: how many it has. students: who has ever had it.
CREATE TABLE IF NOT EXISTS courses (
    product_id       INTEGER PRIMARY KEY,
    brief            TEXT NOT NULL,
    level            BIGINT NOT NULL,
    hours            BIGINT NOT NULL,
    slogan           TEXT NOT NULL,
    study_all_time   TEXT NOT NULL,
    why_study        TEXT NOT NULL,
    what_to_study    TEXT NOT NULL,
    career           TEXT NOT NULL,
    prerequisite     TEXT NOT NULL,
    video_brief_link TEXT NOT NULL,
    teachers         TEXT NOT NULL,
    questions        TEXT NOT NULL,
    recommended      TEXT NOT NULL,
    is_free          BIGINT NOT NULL,
    sections         BIGINT NOT NULL,
    students         BIGINT NOT NULL
);
