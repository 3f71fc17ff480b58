-- +goose Up
-- What was given back on a day, to be held against a channel's bill. Done again it fails,
-- because the index is there: the engine knows that.
ALTER TABLE channel_refunds ADD KEY channel_refunds_end (end_time);
