-- +goose Up
-- What a course has beside its product. level: 0 to 4. teachers and questions: JSON, shown
-- with the course alone. recommended: product ids, one a line. is_free: a price policy costs
-- nothing. sections: how many it has. students: who has ever had it.
CREATE TABLE IF NOT EXISTS courses (
    product_id       BIGINT NOT NULL PRIMARY KEY,
    brief            VARBINARY(2000) NOT NULL,
    level            BIGINT NOT NULL,
    hours            BIGINT NOT NULL,
    slogan           VARBINARY(800) NOT NULL,
    study_all_time   VARBINARY(200) NOT NULL,
    why_study        BLOB NOT NULL,
    what_to_study    BLOB NOT NULL,
    career           BLOB NOT NULL,
    prerequisite     BLOB NOT NULL,
    video_brief_link VARBINARY(4096) NOT NULL,
    teachers         MEDIUMBLOB NOT NULL,
    questions        MEDIUMBLOB NOT NULL,
    recommended      VARBINARY(400) NOT NULL,
    is_free          BIGINT NOT NULL,
    sections         BIGINT NOT NULL,
    students         BIGINT NOT NULL
);
