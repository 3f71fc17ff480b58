-- +goose Up
-- What admins and operators have changed or looked at. Rows are never changed.
CREATE TABLE IF NOT EXISTS audit (
    audit_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    audit_time   BIGINT NOT NULL,
    user_id      TEXT   NOT NULL,
    call_name    TEXT   NOT NULL,
    target       TEXT   NOT NULL,
    value_before TEXT   NOT NULL,
    value_after  TEXT   NOT NULL
);

CREATE INDEX IF NOT EXISTS audit_times ON audit (audit_time);
CREATE INDEX IF NOT EXISTS audit_users ON audit (user_id, audit_time);
