-- +goose Up
-- The products that users have collected; fav_id is the order in which they did.
CREATE TABLE IF NOT EXISTS favourites (
    fav_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT    NOT NULL,
    product_id BIGINT  NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS favourites_user_product ON favourites (user_id, product_id);
CREATE INDEX IF NOT EXISTS favourites_user ON favourites (user_id, fav_id);
