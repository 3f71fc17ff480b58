-- +goose Up
-- What was done by a call, by anybody and by one user. Done again it fails, because the
-- indexes are there: the engine knows that.
ALTER TABLE audit ADD KEY audit_calls (call_name, audit_time), ADD KEY audit_user_calls (user_id, call_name, audit_time);
