-- +goose Up
-- Pictures that an operator has removed: replicas forget what they keep of them.
CREATE TABLE IF NOT EXISTS picture_removals (
    removed_at BIGINT         NOT NULL,
    source     VARBINARY(64)  NOT NULL,
    name       VARBINARY(256) NOT NULL,
    PRIMARY KEY (removed_at, source, name)
);
