-- A store on a server as its first version had it, all but the functions: what belongs
-- to keys by their ids, and no table of policies.
ALTER TABLE keyctl.key_datasets ADD COLUMN key_id TEXT COLLATE "C"
    REFERENCES keyctl.keys (id) ON DELETE CASCADE;
UPDATE keyctl.key_datasets d SET key_id = k.id FROM keyctl.keys k WHERE k.seq = d.seq;
ALTER TABLE keyctl.key_datasets DROP COLUMN seq, ADD PRIMARY KEY (dataset, key_id);
ALTER TABLE keyctl.last_uses ADD COLUMN key_id TEXT COLLATE "C"
    REFERENCES keyctl.keys (id) ON DELETE CASCADE;
UPDATE keyctl.last_uses u SET key_id = k.id FROM keyctl.keys k WHERE k.seq = u.seq;
ALTER TABLE keyctl.last_uses DROP COLUMN seq, ADD PRIMARY KEY (key_id);
ALTER TABLE keyctl.keys DROP COLUMN datasets;
DROP TABLE keyctl.policy;
UPDATE keyctl.version SET version = 1;
