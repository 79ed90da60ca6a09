-- The settings that are not at their defaults.
CREATE TABLE policy (
    setting TEXT NOT NULL PRIMARY KEY,
    value   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- From here on the order of issue is told by the log: a key's seq is the number
-- of the event that added it. By way of negative numbers, since a number must
-- not be taken twice in between.
UPDATE keys SET seq = -coalesce((SELECT min(e.seq) FROM events e WHERE e.key_id = keys.id), seq);
UPDATE keys SET seq = -seq;
