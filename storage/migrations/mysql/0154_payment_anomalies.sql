-- +goose Up
-- What a channel says and does not fit, for an admin: of an attempt one of each kind.
-- end_time is 0 while it is open.
CREATE TABLE IF NOT EXISTS payment_anomalies (
    anomaly_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    channel    VARBINARY(16) NOT NULL,
    attempt_id VARBINARY(64) NOT NULL,
    pay_id     VARBINARY(64) NOT NULL DEFAULT '',
    kind       VARBINARY(16) NOT NULL,
    amount     BIGINT NOT NULL,
    creat_time BIGINT NOT NULL,
    end_time   BIGINT NOT NULL DEFAULT 0,
    UNIQUE KEY payment_anomalies_attempt (attempt_id, channel, kind),
    KEY payment_anomalies_open (end_time, anomaly_id)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
