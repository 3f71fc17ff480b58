-- +goose Up
-- How many credits have been changed since a time, without a look at the profiles. Done
-- again it fails, because the key is there: the engine knows that.
ALTER TABLE profiles ADD KEY profiles_credit_state (credit_time, state);
