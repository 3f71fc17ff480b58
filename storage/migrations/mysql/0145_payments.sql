-- +goose Up
-- What is to be paid at once: all orders of a commit (purpose order), money into a wallet
-- (recharge), or the debt of order_id (credit). pay_id is 17 digits, the first ten the Unix
-- second of its making; it ends in 00. Money is fen, times are Unix seconds, 0 is none.
-- cashier_key_hash is of the key of the cashier's page.
CREATE TABLE IF NOT EXISTS payments (
    pay_id           VARBINARY(32) NOT NULL,
    purpose          VARBINARY(16) NOT NULL,
    user_id          VARBINARY(255) NOT NULL,
    order_id         VARBINARY(32) NOT NULL DEFAULT '',
    pay_state        VARBINARY(16) NOT NULL,
    pay_price        BIGINT NOT NULL,
    method           VARBINARY(32) NOT NULL DEFAULT '',
    cashier_key_hash VARBINARY(32) NOT NULL DEFAULT '',
    expire_time      BIGINT NOT NULL,
    creat_time       BIGINT NOT NULL,
    pay_time         BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (pay_id),
    KEY payments_user (user_id, pay_id),
    KEY payments_waiting (user_id, pay_state),
    KEY payments_order (order_id)
);
