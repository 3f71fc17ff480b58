-- +goose Up
-- What open orders hold of beli and credit (fen), what is owed of the credit, and when an
-- admin last changed the credit. Done again it fails, because the first column is there:
-- the engine knows that.
ALTER TABLE profiles
    ADD COLUMN beli_held   BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN credit_held BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN credit_debt BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN credit_time BIGINT NOT NULL DEFAULT 0,
    ADD KEY profiles_credit_time (credit_time);
