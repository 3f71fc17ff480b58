-- +goose Up
-- Finds the notices that a user has published or answered. Done again it fails, because
-- the keys are there: the engine knows that.
ALTER TABLE properties ADD KEY properties_user (user_id), ADD KEY properties_user2 (user2_id);
