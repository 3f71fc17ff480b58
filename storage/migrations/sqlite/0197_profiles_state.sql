-- +goose Up
-- The accounts in a state, the newest first.
CREATE INDEX IF NOT EXISTS profiles_state ON profiles (state);
