-- +goose Up
-- What ended on a day, to be held against a channel's bill. Done again it fails, because
-- the index is there: the engine knows that.
ALTER TABLE attempts ADD KEY attempts_end (channel, end_time);
