-- +goose Up
-- What this server knows of an account beside users. name_key and phone are NULL where
-- there is none, so that the indexes let many rows have none. A password is that of an
-- account of our own, '' elsewhere. Texts are kept as shown, beli are whole, money is fen.
CREATE TABLE IF NOT EXISTS profiles (
    seq           BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id       VARBINARY(255)  NOT NULL DEFAULT '',
    name          VARBINARY(255)  NOT NULL DEFAULT '',
    name_key      VARBINARY(255)  NULL,
    phone         VARBINARY(32)   NULL,
    email         VARBINARY(320)  NOT NULL DEFAULT '',
    sex           BIGINT NOT NULL DEFAULT 0,
    role          VARBINARY(32)   NOT NULL DEFAULT '',
    state         BIGINT NOT NULL DEFAULT 0,
    password      VARBINARY(255)  NOT NULL DEFAULT '',
    beli          BIGINT NOT NULL DEFAULT 0,
    credit_amount BIGINT NOT NULL DEFAULT 0,
    verify_state  BIGINT NOT NULL DEFAULT 0,
    verify_note   VARBINARY(2048) NOT NULL DEFAULT '',
    phone_hash    VARBINARY(32)   NULL,
    creat_time    BIGINT NOT NULL DEFAULT 0,
    mail_time     BIGINT NOT NULL DEFAULT 0,
    UNIQUE KEY profiles_user (user_id),
    UNIQUE KEY profiles_name (name_key),
    UNIQUE KEY profiles_phone (phone),
    KEY profiles_role (role, user_id),
    KEY profiles_verify (verify_state),
    KEY profiles_phone_hash (phone_hash)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
