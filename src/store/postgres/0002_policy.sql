-- The settings that are not at their defaults.
CREATE TABLE IF NOT EXISTS keyctl.policy (
    setting TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value   TEXT COLLATE "C" NOT NULL
);
