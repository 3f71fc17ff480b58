-- +goose Up
-- What a channel says and does not fit, for an admin: of an attempt one of each kind.
-- end_time is 0 while it is open.
CREATE TABLE IF NOT EXISTS payment_anomalies (
    anomaly_id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel    TEXT   NOT NULL,
    attempt_id TEXT   NOT NULL,
    pay_id     TEXT   NOT NULL DEFAULT '',
    kind       TEXT   NOT NULL,
    amount     BIGINT NOT NULL,
    creat_time BIGINT NOT NULL,
    end_time   BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX IF NOT EXISTS payment_anomalies_attempt ON payment_anomalies (attempt_id, channel, kind);
CREATE INDEX IF NOT EXISTS payment_anomalies_open ON payment_anomalies (end_time, anomaly_id);
