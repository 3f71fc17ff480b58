-- +goose Up
DROP TABLE IF EXISTS ledger_openings;
