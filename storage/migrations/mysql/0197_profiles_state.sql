-- +goose Up
-- The accounts in a state, the newest first. Done again it fails, because the key is
-- there: the engine knows that.
ALTER TABLE profiles ADD KEY profiles_state (state);
