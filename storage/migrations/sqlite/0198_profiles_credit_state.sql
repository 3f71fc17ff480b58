-- +goose Up
-- How many credits have been changed since a time, without a look at the profiles.
CREATE INDEX IF NOT EXISTS profiles_credit_state ON profiles (credit_time, state);
