-- +goose Up
-- Finds the pictures that a user has named.
CREATE INDEX IF NOT EXISTS pictures_user ON pictures (user_id, source, name);
