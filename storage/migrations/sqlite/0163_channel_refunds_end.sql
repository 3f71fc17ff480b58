-- +goose Up
-- What was given back on a day, to be held against a channel's bill.
CREATE INDEX IF NOT EXISTS channel_refunds_end ON channel_refunds (end_time);
