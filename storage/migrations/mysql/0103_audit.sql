-- +goose Up
-- What admins and operators have changed or looked at. Rows are never changed.
CREATE TABLE IF NOT EXISTS audit (
    audit_id     BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    audit_time   BIGINT NOT NULL,
    user_id      VARBINARY(255)  NOT NULL,
    call_name    VARBINARY(64)   NOT NULL,
    target       VARBINARY(255)  NOT NULL,
    value_before VARBINARY(4096) NOT NULL,
    value_after  VARBINARY(4096) NOT NULL,
    KEY audit_times (audit_time),
    KEY audit_users (user_id, audit_time)
) /*T![auto_id_cache] AUTO_ID_CACHE 1 */;
