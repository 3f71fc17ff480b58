-- +goose Up
-- Finds the notices that a user has published or answered.
CREATE INDEX IF NOT EXISTS properties_user ON properties (user_id);
CREATE INDEX IF NOT EXISTS properties_user2 ON properties (user2_id);
