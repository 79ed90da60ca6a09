-- Ids are random: by them, what belongs to a key is on another page for nearly every
-- key. So its datasets stand in its row, and what else is kept of it goes by its
-- number. All of it is one statement: whoever reads or writes meanwhile waits, and
-- nobody finds half of it. Who takes this step later than others finds nothing to do
-- but the functions; who takes the first one so late is told that a column is not
-- there, and looks again which steps are missing.
--
-- Only a semicolon at the end of a line ends a statement.
DO LANGUAGE plpgsql $step$ BEGIN
LOCK TABLE keyctl.head, keyctl.last_uses, keyctl.key_datasets, keyctl.keys
    IN ACCESS EXCLUSIVE MODE
; IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'keyctl.key_datasets'::regclass
             AND attname = 'key_id' AND NOT attisdropped) THEN
    -- Sorted, with blanks between. None at all is damage; it never means all of them.
    ALTER TABLE keyctl.keys ADD COLUMN datasets TEXT COLLATE "C"
    -- What is damaged stays so, for the audit to find: a key without any dataset, and
    -- one whose dataset has a blank in it, which would pass for two.
  ; UPDATE keyctl.keys k SET datasets = coalesce(
        (SELECT string_agg(replace(d.dataset, ' ', '?'), ' ' ORDER BY d.dataset)
         FROM keyctl.key_datasets d WHERE d.key_id = k.id), '')
    WHERE k.access = 'datasets'
  ; ALTER TABLE keyctl.keys ADD CONSTRAINT keys_datasets_check
        CHECK ((access = 'datasets') = (datasets IS NOT NULL))

    -- Which keys a dataset has. What a key is bound to, its row says.
  ; ALTER TABLE keyctl.key_datasets ADD COLUMN seq BIGINT
  ; UPDATE keyctl.key_datasets d SET seq = k.seq FROM keyctl.keys k WHERE k.id = d.key_id
  ; DELETE FROM keyctl.key_datasets WHERE seq IS NULL
  ; ALTER TABLE keyctl.key_datasets DROP COLUMN key_id
  ; ALTER TABLE keyctl.key_datasets ADD PRIMARY KEY (dataset, seq),
        ADD FOREIGN KEY (seq) REFERENCES keyctl.keys (seq) ON DELETE CASCADE
  ; CREATE INDEX key_datasets_by_key ON keyctl.key_datasets (seq, dataset)

  ; ALTER TABLE keyctl.last_uses ADD COLUMN seq BIGINT
  ; UPDATE keyctl.last_uses u SET seq = k.seq FROM keyctl.keys k WHERE k.id = u.key_id
  ; DELETE FROM keyctl.last_uses WHERE seq IS NULL
  ; ALTER TABLE keyctl.last_uses DROP COLUMN key_id
  ; ALTER TABLE keyctl.last_uses ADD PRIMARY KEY (seq),
        ADD FOREIGN KEY (seq) REFERENCES keyctl.keys (seq) ON DELETE CASCADE
; END IF

; CREATE OR REPLACE FUNCTION keyctl.key_by_digest(wanted BYTEA) RETURNS TABLE (
    id TEXT, workspace TEXT, name TEXT, description TEXT, access TEXT, datasets TEXT, app TEXT,
    scopes TEXT, digest BYTEA, masked_token TEXT, created_at BIGINT, created_by TEXT,
    expires_at BIGINT, last_used_at BIGINT, disabled_at BIGINT, revoked_at BIGINT,
    revoke_reason TEXT, replaces TEXT, replaced_by TEXT
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = keyctl, pg_temp AS $$
    SELECT k.id, k.workspace, k.name, k.description, k.access, k.datasets, k.app, k.scopes,
           k.digest, k.masked_token, k.created_at, k.created_by, k.expires_at, u.at,
           k.disabled_at, k.revoked_at, k.revoke_reason, k.replaces, k.replaced_by
    FROM keyctl.keys k LEFT JOIN keyctl.last_uses u ON u.seq = k.seq
    WHERE k.digest = wanted
$$

-- A key pruned in the meantime has no row to speak of. Whoever may only verify is not
-- believed every time: one that is none would keep others from reading the key, and
-- one that is yet to come would keep later ones from being seen.
; CREATE OR REPLACE FUNCTION keyctl.record_use(used TEXT, used_at BIGINT) RETURNS VOID
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = keyctl, pg_temp AS $$
    INSERT INTO keyctl.last_uses (seq, at)
    SELECT k.seq, least(used_at, floor(extract(epoch FROM now()))::BIGINT)
    FROM keyctl.keys k WHERE k.id = used AND used_at >= 0
    ON CONFLICT (seq) DO UPDATE SET at = excluded.at WHERE excluded.at > last_uses.at
$$
; END $step$;
