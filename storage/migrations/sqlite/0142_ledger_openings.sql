-- +goose Up
-- While this table is there, Migrate gives the wallets and beli that are older than the
-- ledger their rows before it goes on.
CREATE TABLE IF NOT EXISTS ledger_openings (unused BIGINT NOT NULL PRIMARY KEY);
