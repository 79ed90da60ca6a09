-- A store as its first version had it: keys numbered from 1 on, what belongs to them
-- by their ids, and no table of policies.
CREATE TABLE keys_then (
    seq           INTEGER NOT NULL PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    workspace     TEXT    NOT NULL,
    name          TEXT,
    description   TEXT,
    access        TEXT    NOT NULL CHECK (access IN ('datasets', 'all_datasets', 'app')),
    app           TEXT    CHECK ((access = 'app') = (app IS NOT NULL)),
    scopes        TEXT    NOT NULL CHECK (scopes <> ''),
    digest        BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
    masked_token  TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    created_by    TEXT    NOT NULL,
    expires_at    INTEGER,
    disabled_at   INTEGER,
    revoked_at    INTEGER,
    revoke_reason TEXT,
    replaces      TEXT,
    replaced_by   TEXT
) STRICT;
INSERT INTO keys_then
    SELECT row_number() OVER (ORDER BY seq), id, workspace, name, description, access, app,
           scopes, digest, masked_token, created_at, created_by, expires_at, disabled_at,
           revoked_at, revoke_reason, replaces, replaced_by
    FROM keys ORDER BY seq;
CREATE TABLE key_datasets_then (
    dataset TEXT NOT NULL,
    key_id  TEXT NOT NULL REFERENCES keys_then (id) ON DELETE CASCADE,
    PRIMARY KEY (dataset, key_id)
) STRICT, WITHOUT ROWID;
INSERT INTO key_datasets_then
    SELECT d.dataset, k.id FROM key_datasets d JOIN keys k ON k.seq = d.seq;
CREATE TABLE last_uses_then (
    key_id TEXT    NOT NULL PRIMARY KEY REFERENCES keys_then (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO last_uses_then
    SELECT k.id, u.at FROM last_uses u JOIN keys k ON k.seq = u.seq;
DROP TABLE last_uses;
DROP TABLE key_datasets;
DROP TABLE keys;
ALTER TABLE keys_then RENAME TO keys;
ALTER TABLE key_datasets_then RENAME TO key_datasets;
ALTER TABLE last_uses_then RENAME TO last_uses;
CREATE INDEX keys_by_creation ON keys (workspace, created_at);
CREATE INDEX keys_by_name ON keys (workspace, name) WHERE name IS NOT NULL;
CREATE INDEX keys_by_app ON keys (workspace, app) WHERE app IS NOT NULL;
CREATE INDEX keys_for_all_datasets ON keys (workspace) WHERE access = 'all_datasets';
CREATE INDEX key_datasets_by_key ON key_datasets (key_id, dataset);
DROP TABLE policy;
PRAGMA user_version = 1;
