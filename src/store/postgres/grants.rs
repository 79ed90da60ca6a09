//! What a role needs to be allowed, and no more.

use super::settings::Settings;
use crate::store::Duty;

/// What a verifier may do: ask for the key of one digest, and record its use.
/// Which keys there are it cannot list, since it sees no table that has them.
const VERIFIER: [&str; 3] = [
    "GRANT USAGE ON SCHEMA keyctl",
    "GRANT SELECT ON keyctl.version, keyctl.policy",
    "GRANT EXECUTE ON FUNCTION keyctl.key_by_digest(BYTEA), keyctl.record_use(TEXT, BIGINT)",
];

/// What an operator may do besides: issue, change and end keys. The log only
/// grows for it, and tables are made by their owner.
const ADMIN: [&str; 6] = [
    "GRANT SELECT ON keyctl.head, keyctl.keys, keyctl.key_datasets, keyctl.last_uses, keyctl.events",
    "GRANT UPDATE (seq, hash) ON keyctl.head",
    "GRANT INSERT, UPDATE, DELETE ON keyctl.keys",
    "GRANT INSERT, DELETE ON keyctl.key_datasets, keyctl.policy",
    "GRANT INSERT, UPDATE ON keyctl.last_uses",
    "GRANT INSERT ON keyctl.events",
];

/// The statements that allow `role` what its duty takes, to be run by the owner of
/// the store.
pub(super) fn grants(settings: &Settings, duty: Duty, role: &str) -> Vec<String> {
    let connect = format!("GRANT CONNECT ON DATABASE {}", quoted(settings.database()));
    let more: &[&str] = match duty {
        Duty::Verifier => &[],
        Duty::Admin => &ADMIN,
    };
    std::iter::once(connect.as_str())
        .chain(VERIFIER)
        .chain(more.iter().copied())
        .map(|grant| format!("{grant} TO {};", quoted(role)))
        .collect()
}

/// A name as SQL has it, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
