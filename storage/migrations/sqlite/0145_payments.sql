-- +goose Up
-- What is to be paid at once: all orders of a commit (purpose order), money into a wallet
-- (recharge), or the debt of order_id (credit). pay_id is 17 digits, the first ten the Unix
-- second of its making; it ends in 00. Money is fen, times are Unix seconds, 0 is none.
-- cashier_key_hash is of the key of the cashier's page.
CREATE TABLE IF NOT EXISTS payments (
    pay_id           TEXT NOT NULL,
    purpose          TEXT NOT NULL,
    user_id          TEXT NOT NULL,
    order_id         TEXT NOT NULL DEFAULT '',
    pay_state        TEXT NOT NULL,
    pay_price        BIGINT NOT NULL,
    method           TEXT NOT NULL DEFAULT '',
    cashier_key_hash BLOB NOT NULL DEFAULT '',
    expire_time      BIGINT NOT NULL,
    creat_time       BIGINT NOT NULL,
    pay_time         BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (pay_id)
);

CREATE INDEX IF NOT EXISTS payments_user ON payments (user_id, pay_id);
CREATE INDEX IF NOT EXISTS payments_waiting ON payments (user_id, pay_state);
CREATE INDEX IF NOT EXISTS payments_order ON payments (order_id);
