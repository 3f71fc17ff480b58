-- +goose Up
DROP TABLE gram_progress;
