-- A store as its first version had it: keys numbered from 1 on, and no table of
-- policies.
CREATE TEMP TABLE places AS
    SELECT id, row_number() OVER (ORDER BY seq) AS place FROM keys;
UPDATE keys SET seq = -seq;
UPDATE keys SET seq = (SELECT place FROM places p WHERE p.id = keys.id);
DROP TABLE policy;
PRAGMA user_version = 1;
