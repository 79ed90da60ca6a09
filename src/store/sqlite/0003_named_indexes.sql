-- The indexes that keep ids and digests unique get names. One that belongs to
-- UNIQUE cannot be made after the rows of a long import, which then hangs on
-- writing it all over. Foreign keys are off meanwhile: with the old table, SQLite
-- would take away what belongs to its rows.
CREATE TABLE keys_anew (
    seq           INTEGER NOT NULL PRIMARY KEY,  -- the number of the event that added it
    id            TEXT    NOT NULL,
    workspace     TEXT    NOT NULL,
    name          TEXT,
    description   TEXT,
    access        TEXT    NOT NULL CHECK (access IN ('datasets', 'all_datasets', 'app')),
    app           TEXT    CHECK ((access = 'app') = (app IS NOT NULL)),
    scopes        TEXT    NOT NULL CHECK (scopes <> ''),
    digest        BLOB    NOT NULL CHECK (length(digest) = 32),
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

INSERT INTO keys_anew SELECT * FROM keys;
DROP TABLE keys;
ALTER TABLE keys_anew RENAME TO keys;

CREATE UNIQUE INDEX keys_by_id ON keys (id);
CREATE UNIQUE INDEX keys_by_digest ON keys (digest);
CREATE INDEX keys_by_creation ON keys (workspace, created_at);
CREATE INDEX keys_by_name ON keys (workspace, name) WHERE name IS NOT NULL;
CREATE INDEX keys_by_app ON keys (workspace, app) WHERE app IS NOT NULL;
CREATE INDEX keys_for_all_datasets ON keys (workspace) WHERE access = 'all_datasets';
