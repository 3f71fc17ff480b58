-- +goose Up
-- Jobs that are to be done. run_time (Unix seconds) is when one may be taken; of a
-- taken one it is the end of the lease. wishes counts how often it was asked for.
CREATE TABLE IF NOT EXISTS jobs (
    job_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT   NOT NULL,
    job_key    TEXT   NOT NULL,
    data       TEXT   NOT NULL DEFAULT '',
    run_time   BIGINT NOT NULL,
    tries      BIGINT NOT NULL DEFAULT 0,
    wishes     BIGINT NOT NULL DEFAULT 1,
    taken_by   TEXT   NOT NULL DEFAULT '',
    dead       BOOLEAN NOT NULL DEFAULT FALSE,
    last_error TEXT   NOT NULL DEFAULT '',
    UNIQUE (kind, job_key)
);

CREATE INDEX IF NOT EXISTS jobs_due ON jobs (dead, run_time);
