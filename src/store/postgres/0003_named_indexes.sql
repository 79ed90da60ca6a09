-- In SQLite, this names the indexes that keep ids and digests unique. Here they
-- have names.
SELECT 1;
