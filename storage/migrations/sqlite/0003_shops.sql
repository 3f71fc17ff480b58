-- +goose Up
-- seq is the order of adding.
CREATE TABLE shops (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    shop_id      BIGINT NOT NULL DEFAULT 0,
    shop_name    TEXT   NOT NULL DEFAULT '',
    shop_content TEXT   NOT NULL DEFAULT '',
    user_id      TEXT   NOT NULL DEFAULT '',
    creat_time   BIGINT NOT NULL DEFAULT 0,
    pic_url      TEXT   NOT NULL DEFAULT '',
    UNIQUE (shop_id),
    UNIQUE (shop_name)
);

CREATE INDEX shops_user ON shops (user_id);
