-- +goose Up
-- What was done by a call, by anybody and by one user.
CREATE INDEX IF NOT EXISTS audit_calls ON audit (call_name, audit_time);
CREATE INDEX IF NOT EXISTS audit_user_calls ON audit (user_id, call_name, audit_time);
