-- Each statement ends a line and can be run again: two programs may take a step
-- at once, and one may be cut off in the middle of it.

-- The end of the log, in one row: what the next event builds on. Whoever writes
-- locks it first.
CREATE TABLE IF NOT EXISTS keyctl.head (
    one      BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    store_id TEXT   NOT NULL,
    seq      BIGINT NOT NULL,
    hash     BYTEA  CHECK (hash IS NULL OR length(hash) = 32)
);

-- Texts are compared by their bytes, whatever the database's own order is.
CREATE TABLE IF NOT EXISTS keyctl.keys (
    seq           BIGINT           NOT NULL PRIMARY KEY,  -- the event that added it
    id            TEXT COLLATE "C" NOT NULL UNIQUE,
    workspace     TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C",
    description   TEXT,
    access        TEXT COLLATE "C" NOT NULL CHECK (access IN ('datasets', 'all_datasets', 'app')),
    app           TEXT COLLATE "C" CHECK ((access = 'app') = (app IS NOT NULL)),
    scopes        TEXT             NOT NULL CHECK (scopes <> ''),
    digest        BYTEA            NOT NULL UNIQUE CHECK (length(digest) = 32),
    masked_token  TEXT             NOT NULL,
    created_at    BIGINT           NOT NULL,
    created_by    TEXT             NOT NULL,
    expires_at    BIGINT,
    disabled_at   BIGINT,
    revoked_at    BIGINT,
    revoke_reason TEXT,
    replaces      TEXT COLLATE "C",
    replaced_by   TEXT COLLATE "C"
);

CREATE INDEX IF NOT EXISTS keys_by_creation ON keyctl.keys (workspace, created_at);
CREATE INDEX IF NOT EXISTS keys_by_name ON keyctl.keys (workspace, name) WHERE name IS NOT NULL;
CREATE INDEX IF NOT EXISTS keys_by_app ON keyctl.keys (workspace, app) WHERE app IS NOT NULL;
CREATE INDEX IF NOT EXISTS keys_for_all_datasets ON keyctl.keys (workspace)
    WHERE access = 'all_datasets';

-- The datasets of keys whose access is 'datasets'. A key of that access
-- without a row here is damaged; it never means all of them.
CREATE TABLE IF NOT EXISTS keyctl.key_datasets (
    dataset TEXT COLLATE "C" NOT NULL,
    key_id  TEXT COLLATE "C" NOT NULL REFERENCES keyctl.keys (id) ON DELETE CASCADE,
    PRIMARY KEY (dataset, key_id)
);

CREATE INDEX IF NOT EXISTS key_datasets_by_key ON keyctl.key_datasets (key_id, dataset);

CREATE TABLE IF NOT EXISTS keyctl.last_uses (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES keyctl.keys (id) ON DELETE CASCADE,
    at     BIGINT           NOT NULL
);

CREATE TABLE IF NOT EXISTS keyctl.events (
    seq        BIGINT           NOT NULL PRIMARY KEY,
    at         BIGINT           NOT NULL,
    actor      TEXT COLLATE "C" NOT NULL,
    action     TEXT COLLATE "C" NOT NULL,
    workspace  TEXT COLLATE "C",
    key_id     TEXT COLLATE "C",
    row_digest BYTEA            CHECK (row_digest IS NULL OR length(row_digest) = 32),
    detail     TEXT             NOT NULL,
    hash       BYTEA            NOT NULL CHECK (length(hash) = 32)
);

CREATE INDEX IF NOT EXISTS events_by_key ON keyctl.events (key_id, seq) WHERE key_id IS NOT NULL;

-- The two questions of a role that only verifies. As functions they answer for
-- one digest, and show no table.
CREATE OR REPLACE FUNCTION keyctl.key_by_digest(wanted BYTEA) RETURNS TABLE (
    id TEXT, workspace TEXT, name TEXT, description TEXT, access TEXT, datasets TEXT, app TEXT,
    scopes TEXT, digest BYTEA, masked_token TEXT, created_at BIGINT, created_by TEXT,
    expires_at BIGINT, last_used_at BIGINT, disabled_at BIGINT, revoked_at BIGINT,
    revoke_reason TEXT, replaces TEXT, replaced_by TEXT
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = keyctl, pg_temp AS $$
    SELECT k.id, k.workspace, k.name, k.description, k.access,
           (SELECT string_agg(replace(d.dataset, ' ', '?'), ' ')
            FROM keyctl.key_datasets d WHERE d.key_id = k.id),
           k.app, k.scopes, k.digest, k.masked_token, k.created_at, k.created_by, k.expires_at,
           u.at, k.disabled_at, k.revoked_at, k.revoke_reason, k.replaces, k.replaced_by
    FROM keyctl.keys k LEFT JOIN keyctl.last_uses u ON u.key_id = k.id
    WHERE k.digest = wanted
$$;

-- A key pruned in the meantime has no row to speak of. Whoever may only verify is not
-- believed every time: one that is none would keep others from reading the key, and
-- one that is yet to come would keep later ones from being seen.
CREATE OR REPLACE FUNCTION keyctl.record_use(used TEXT, used_at BIGINT) RETURNS VOID
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = keyctl, pg_temp AS $$
    INSERT INTO keyctl.last_uses (key_id, at)
    SELECT k.id, least(used_at, floor(extract(epoch FROM now()))::BIGINT)
    FROM keyctl.keys k WHERE k.id = used AND used_at >= 0
    ON CONFLICT (key_id) DO UPDATE SET at = excluded.at WHERE excluded.at > last_uses.at
$$;

REVOKE ALL ON FUNCTION keyctl.key_by_digest(BYTEA) FROM PUBLIC;

REVOKE ALL ON FUNCTION keyctl.record_use(TEXT, BIGINT) FROM PUBLIC;
