-- +goose Up
-- Finds the pictures that a user has named. Done again it fails, because the key is there:
-- the engine knows that.
ALTER TABLE pictures ADD KEY pictures_user (user_id, source, name);
