-- +goose Up
-- What open orders hold of beli and credit (fen), what is owed of the credit, and when an
-- admin last changed the credit.
ALTER TABLE profiles ADD COLUMN beli_held   BIGINT NOT NULL DEFAULT 0;
ALTER TABLE profiles ADD COLUMN credit_held BIGINT NOT NULL DEFAULT 0;
ALTER TABLE profiles ADD COLUMN credit_debt BIGINT NOT NULL DEFAULT 0;
ALTER TABLE profiles ADD COLUMN credit_time BIGINT NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS profiles_credit_time ON profiles (credit_time);
