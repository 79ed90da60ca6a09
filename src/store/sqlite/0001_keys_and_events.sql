-- The end of the log, in one row: what the next event builds on.
CREATE TABLE head (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    store_id TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    hash     BLOB    CHECK (hash IS NULL OR length(hash) = 32)
) STRICT;

CREATE TABLE keys (
    seq           INTEGER NOT NULL PRIMARY KEY,  -- the order of issue
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

CREATE INDEX keys_by_creation ON keys (workspace, created_at);
CREATE INDEX keys_by_name ON keys (workspace, name) WHERE name IS NOT NULL;
CREATE INDEX keys_by_app ON keys (workspace, app) WHERE app IS NOT NULL;
CREATE INDEX keys_for_all_datasets ON keys (workspace) WHERE access = 'all_datasets';

-- The datasets of keys whose access is 'datasets'. A key of that access
-- without a row here is damaged; it never means all of them.
CREATE TABLE key_datasets (
    dataset TEXT NOT NULL,
    key_id  TEXT NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    PRIMARY KEY (dataset, key_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX key_datasets_by_key ON key_datasets (key_id, dataset);

CREATE TABLE last_uses (
    key_id TEXT    NOT NULL PRIMARY KEY REFERENCES keys (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    seq        INTEGER NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    workspace  TEXT,
    key_id     TEXT,
    row_digest BLOB    CHECK (row_digest IS NULL OR length(row_digest) = 32),
    detail     TEXT    NOT NULL,
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX events_by_key ON events (key_id, seq) WHERE key_id IS NOT NULL;
