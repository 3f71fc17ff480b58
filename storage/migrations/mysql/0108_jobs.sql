-- +goose Up
-- Jobs that are to be done. run_time (Unix seconds) is when one may be taken; of a
-- taken one it is the end of the lease. wishes counts how often it was asked for.
CREATE TABLE IF NOT EXISTS jobs (
    job_id     BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind       VARBINARY(64)   NOT NULL,
    job_key    VARBINARY(255)  NOT NULL,
    data       VARBINARY(4096) NOT NULL DEFAULT '',
    run_time   BIGINT NOT NULL,
    tries      BIGINT NOT NULL DEFAULT 0,
    wishes     BIGINT NOT NULL DEFAULT 1,
    taken_by   VARBINARY(255)  NOT NULL DEFAULT '',
    dead       BOOLEAN NOT NULL DEFAULT FALSE,
    last_error VARBINARY(1020) NOT NULL DEFAULT '',
    UNIQUE KEY jobs_kind_key (kind, job_key),
    KEY jobs_due (dead, run_time)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
