-- +goose Up
-- Who came on a day.
CREATE INDEX IF NOT EXISTS profiles_made ON profiles (creat_time);
