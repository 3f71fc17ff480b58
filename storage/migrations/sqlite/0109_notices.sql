-- +goose Up
-- What the gateway tells its users. mail_due is a mail that is asked for and not accepted
-- yet; mail_id is the mail that the notice was gathered into, 0 while it is in none.
CREATE TABLE IF NOT EXISTS notices (
    notice_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT    NOT NULL,
    notice_key TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    content    TEXT    NOT NULL,
    order_id   TEXT    NOT NULL,
    product_id BIGINT  NOT NULL,
    creat_time BIGINT  NOT NULL,
    is_read    BOOLEAN NOT NULL DEFAULT FALSE,
    mail_due   BOOLEAN NOT NULL DEFAULT FALSE,
    mail_id    BIGINT  NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS notices_user_key ON notices (user_id, notice_key);
CREATE INDEX IF NOT EXISTS notices_user ON notices (user_id, notice_id);
CREATE INDEX IF NOT EXISTS notices_user_read ON notices (user_id, is_read, notice_id);
CREATE INDEX IF NOT EXISTS notices_user_mail ON notices (user_id, mail_due, mail_id, notice_id);
