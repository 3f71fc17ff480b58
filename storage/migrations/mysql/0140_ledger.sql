-- +goose Up
-- Everything that moves: amount (> 0, fen or whole beli) from one account to another. Only
-- ever added to. A balance is that behind the row, NULL where an account has none stored.
CREATE TABLE IF NOT EXISTS ledger (
    ledger_id    BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind         VARBINARY(32) NOT NULL,
    currency     VARBINARY(8) NOT NULL,
    account_from VARBINARY(300) NOT NULL,
    account_to   VARBINARY(300) NOT NULL,
    amount       BIGINT NOT NULL,
    order_id     VARBINARY(64) NOT NULL DEFAULT '',
    pay_id       VARBINARY(64) NOT NULL DEFAULT '',
    note         VARBINARY(1020) NOT NULL DEFAULT '',
    from_balance BIGINT NULL,
    to_balance   BIGINT NULL,
    creat_time   BIGINT NOT NULL,
    KEY ledger_from (account_from, currency, ledger_id),
    KEY ledger_to (account_to, currency, ledger_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
