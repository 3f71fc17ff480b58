-- +goose Up
-- What this server knows of an account beside users. name_key and phone are NULL where
-- there is none, so that the indexes let many rows have none. A password is that of an
-- account of our own, '' elsewhere. Texts are kept as shown, beli are whole, money is fen.
CREATE TABLE IF NOT EXISTS profiles (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id       TEXT   NOT NULL DEFAULT '',
    name          TEXT   NOT NULL DEFAULT '',
    name_key      TEXT   NULL,
    phone         TEXT   NULL,
    email         TEXT   NOT NULL DEFAULT '',
    sex           BIGINT NOT NULL DEFAULT 0,
    role          TEXT   NOT NULL DEFAULT '',
    state         BIGINT NOT NULL DEFAULT 0,
    password      TEXT   NOT NULL DEFAULT '',
    beli          BIGINT NOT NULL DEFAULT 0,
    credit_amount BIGINT NOT NULL DEFAULT 0,
    verify_state  BIGINT NOT NULL DEFAULT 0,
    verify_note   TEXT   NOT NULL DEFAULT '',
    phone_hash    BLOB   NULL,
    creat_time    BIGINT NOT NULL DEFAULT 0,
    mail_time     BIGINT NOT NULL DEFAULT 0,
    UNIQUE (user_id),
    UNIQUE (name_key),
    UNIQUE (phone)
);

CREATE INDEX IF NOT EXISTS profiles_role ON profiles (role, user_id);
CREATE INDEX IF NOT EXISTS profiles_verify ON profiles (verify_state);
CREATE INDEX IF NOT EXISTS profiles_phone_hash ON profiles (phone_hash) WHERE phone_hash IS NOT NULL;
