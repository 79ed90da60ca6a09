-- Ids are random: by them, what belongs to a key is on another page for nearly every
-- key. So its datasets stand in its row, and what else is kept of it goes by its
-- number. The indexes that keep ids and digests unique get names: one that belongs to
-- UNIQUE cannot be made after the rows of a long import, which then hangs on writing
-- it all over. Foreign keys are off meanwhile: with the old table, SQLite would take
-- away what belongs to its rows.
CREATE TABLE keys_anew (
    seq           INTEGER NOT NULL PRIMARY KEY,  -- the number of the event that added it
    id            TEXT    NOT NULL,
    workspace     TEXT    NOT NULL,
    name          TEXT,
    description   TEXT,
    access        TEXT    NOT NULL CHECK (access IN ('datasets', 'all_datasets', 'app')),
    -- Sorted, with blanks between. None at all is damage; it never means all of them.
    datasets      TEXT    CHECK ((access = 'datasets') = (datasets IS NOT NULL)),
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

-- What is damaged stays so, for the audit to find: a key without any dataset, and one
-- whose dataset has a blank in it, which would pass for two.
INSERT INTO keys_anew
    SELECT k.seq, k.id, k.workspace, k.name, k.description, k.access,
           iif(k.access = 'datasets', coalesce(
               (SELECT group_concat(replace(d.dataset, ' ', '?'), ' ' ORDER BY d.dataset)
                FROM key_datasets d WHERE d.key_id = k.id), ''), NULL),
           k.app, k.scopes, k.digest, k.masked_token, k.created_at, k.created_by, k.expires_at,
           k.disabled_at, k.revoked_at, k.revoke_reason, k.replaces, k.replaced_by
    FROM keys k ORDER BY k.seq;

-- Which keys a dataset has. What a key is bound to, its row says.
CREATE TABLE key_datasets_anew (
    dataset TEXT    NOT NULL,
    seq     INTEGER NOT NULL REFERENCES keys (seq) ON DELETE CASCADE,
    PRIMARY KEY (dataset, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO key_datasets_anew
    SELECT d.dataset, k.seq FROM key_datasets d JOIN keys k ON k.id = d.key_id ORDER BY 1, 2;

CREATE TABLE last_uses_anew (
    seq INTEGER NOT NULL PRIMARY KEY REFERENCES keys (seq) ON DELETE CASCADE,
    at  INTEGER NOT NULL
) STRICT;

INSERT INTO last_uses_anew
    SELECT k.seq, u.at FROM last_uses u JOIN keys k ON k.id = u.key_id ORDER BY 1;

DROP TABLE last_uses;
DROP TABLE key_datasets;
DROP TABLE keys;
ALTER TABLE keys_anew RENAME TO keys;
ALTER TABLE key_datasets_anew RENAME TO key_datasets;
ALTER TABLE last_uses_anew RENAME TO last_uses;

CREATE UNIQUE INDEX keys_by_id ON keys (id);
CREATE UNIQUE INDEX keys_by_digest ON keys (digest);
CREATE INDEX keys_by_creation ON keys (workspace, created_at);
CREATE INDEX keys_by_name ON keys (workspace, name) WHERE name IS NOT NULL;
CREATE INDEX keys_by_app ON keys (workspace, app) WHERE app IS NOT NULL;
CREATE INDEX keys_for_all_datasets ON keys (workspace) WHERE access = 'all_datasets';
CREATE INDEX key_datasets_by_key ON key_datasets (seq, dataset);
