-- +goose Up
-- Everything that moves: amount (> 0, fen or whole beli) from one account to another. Only
-- ever added to, so that an id is never given twice and needs no page of AUTOINCREMENT's own
-- written with each row. A balance is that behind the row, NULL where an account has none stored.
CREATE TABLE IF NOT EXISTS ledger (
    ledger_id    INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    currency     TEXT NOT NULL,
    account_from TEXT NOT NULL,
    account_to   TEXT NOT NULL,
    amount       BIGINT NOT NULL,
    order_id     TEXT NOT NULL DEFAULT '',
    pay_id       TEXT NOT NULL DEFAULT '',
    note         TEXT NOT NULL DEFAULT '',
    from_balance BIGINT NULL,
    to_balance   BIGINT NULL,
    creat_time   BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS ledger_from ON ledger (account_from, currency, ledger_id);
-- Nobody lists what went outside, which purchase/pay writes: it is spared a page.
CREATE INDEX IF NOT EXISTS ledger_to ON ledger (account_to, currency, ledger_id) WHERE account_to <> 'outside';
