-- +goose Up
-- Who came on a day. Done again it fails, because the index is there: the engine knows that.
ALTER TABLE profiles ADD KEY profiles_made (creat_time);
