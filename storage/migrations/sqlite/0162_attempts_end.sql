-- +goose Up
-- What ended on a day, to be held against a channel's bill.
CREATE INDEX IF NOT EXISTS attempts_end ON attempts (channel, end_time);
