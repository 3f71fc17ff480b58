-- +goose Up
DROP TABLE IF EXISTS gram_progress;
