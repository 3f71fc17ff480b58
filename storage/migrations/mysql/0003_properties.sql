-- +goose Up
-- Texts are the bytes of UTF-8, four for a character at most: compared so, they
-- are exact, and no collation that all three servers have is. INT ends the ids
-- at 2147483647. TiDB gives ids in the order of adding only without a cache.
CREATE TABLE IF NOT EXISTS properties (
    id              INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    type            BIGINT NOT NULL DEFAULT 0,
    state           BIGINT NOT NULL DEFAULT 0,
    lab             VARBINARY(255)  NOT NULL DEFAULT '',
    title           VARBINARY(255)  NOT NULL DEFAULT '',
    content         VARBINARY(2048) NOT NULL DEFAULT '',
    occurrence_time BIGINT NOT NULL DEFAULT 0,
    user_id         VARBINARY(255)  NOT NULL DEFAULT '',
    user_name       VARBINARY(255)  NOT NULL DEFAULT '',
    user_phone      VARBINARY(255)  NOT NULL DEFAULT '',
    user_qq         VARBINARY(255)  NOT NULL DEFAULT '',
    user2_id        VARBINARY(255)  NOT NULL DEFAULT '',
    user2_name      VARBINARY(255)  NOT NULL DEFAULT '',
    user2_phone     VARBINARY(255)  NOT NULL DEFAULT '',
    user2_qq        VARBINARY(255)  NOT NULL DEFAULT '',
    publish_time    BIGINT NOT NULL DEFAULT 0,
    update_time     BIGINT NOT NULL DEFAULT 0,
    pic_num         BIGINT NOT NULL DEFAULT 0,
    pic_url1        VARBINARY(4096) NOT NULL DEFAULT '',
    pic_url2        VARBINARY(4096) NOT NULL DEFAULT '',
    pic_url3        VARBINARY(4096) NOT NULL DEFAULT '',
    -- The list's order.
    KEY properties_type_update (type, update_time, id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
