-- +goose Up
-- What the gateway tells its users. mail_due is a mail that is asked for and not accepted
-- yet; mail_id is the mail that the notice was gathered into, 0 while it is in none.
CREATE TABLE IF NOT EXISTS notices (
    notice_id  BIGINT          NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id    VARBINARY(255)  NOT NULL,
    notice_key VARBINARY(255)  NOT NULL,
    kind       VARBINARY(64)   NOT NULL,
    title      VARBINARY(1024) NOT NULL,
    content    BLOB            NOT NULL,
    order_id   VARBINARY(64)   NOT NULL,
    product_id BIGINT          NOT NULL,
    creat_time BIGINT          NOT NULL,
    is_read    BOOLEAN         NOT NULL DEFAULT FALSE,
    mail_due   BOOLEAN         NOT NULL DEFAULT FALSE,
    mail_id    BIGINT          NOT NULL DEFAULT 0,
    UNIQUE KEY notices_user_key (user_id, notice_key),
    KEY notices_user (user_id, notice_id),
    KEY notices_user_read (user_id, is_read, notice_id),
    KEY notices_user_mail (user_id, mail_due, mail_id, notice_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
