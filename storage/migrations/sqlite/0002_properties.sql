-- +goose Up
-- AUTOINCREMENT: the id of a deleted notice is not given again.
CREATE TABLE properties (
    id              INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
    type            BIGINT NOT NULL DEFAULT 0,
    state           BIGINT NOT NULL DEFAULT 0,
    lab             TEXT   NOT NULL DEFAULT '',
    title           TEXT   NOT NULL DEFAULT '',
    content         TEXT   NOT NULL DEFAULT '',
    occurrence_time BIGINT NOT NULL DEFAULT 0,
    user_id         TEXT   NOT NULL DEFAULT '',
    user_name       TEXT   NOT NULL DEFAULT '',
    user_phone      TEXT   NOT NULL DEFAULT '',
    user_qq         TEXT   NOT NULL DEFAULT '',
    user2_id        TEXT   NOT NULL DEFAULT '',
    user2_name      TEXT   NOT NULL DEFAULT '',
    user2_phone     TEXT   NOT NULL DEFAULT '',
    user2_qq        TEXT   NOT NULL DEFAULT '',
    publish_time    BIGINT NOT NULL DEFAULT 0,
    update_time     BIGINT NOT NULL DEFAULT 0,
    pic_num         BIGINT NOT NULL DEFAULT 0,
    pic_url1        TEXT   NOT NULL DEFAULT '',
    pic_url2        TEXT   NOT NULL DEFAULT '',
    pic_url3        TEXT   NOT NULL DEFAULT ''
);

-- The list's order; the primary key is every index's last column.
CREATE INDEX properties_type_update ON properties (type, update_time);
