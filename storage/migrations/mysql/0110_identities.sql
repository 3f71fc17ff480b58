-- +goose Up
-- Who users are, to be verified by an admin. sealed is encrypted by the key key_id.
CREATE TABLE IF NOT EXISTS identities (
    user_id      VARBINARY(255)  NOT NULL PRIMARY KEY,
    state        BIGINT NOT NULL,
    sealed       VARBINARY(1024) NOT NULL,
    key_id       BIGINT NOT NULL,
    id_hash      VARBINARY(32)   NOT NULL,
    note         VARBINARY(1024) NOT NULL,
    creat_time   BIGINT NOT NULL,
    decided_time BIGINT NOT NULL,
    KEY identities_hash (id_hash),
    KEY identities_key (key_id, user_id)
);
