//! How a transaction begins, and what is told to it.
//!
//! All of it is told to the transaction and not to the connection, which a pooler may
//! give to somebody else in between. First of all comes where names are looked for:
//! functions and operators of others, who may make some in a schema that the database
//! or the role names, would run with the rights of whoever uses keyctl.

use postgres::Client;

/// Where names are looked for: at the server's own, then ours. Where the temporary
/// tables of a connection are not named, they would come before ours.
const OURS: &str = "SET LOCAL search_path = pg_catalog, keyctl, pg_temp";
/// Where they are looked for while ours are made, or held against what they should be.
pub(super) const ITS_OWN: &str =
    "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL quote_all_identifiers = off";

/// Others may hold a table as long as they like: nobody waits for them without end.
const PATIENT: &str = "SET LOCAL lock_timeout = '30s'";

/// What a transaction is for.
#[derive(Clone, Copy)]
pub(super) enum Begin {
    /// Seeing one state of the store throughout.
    Read,
    /// Writing, alone from the first statement on: whoever writes locks the end of the
    /// log first, and waits for nothing else as long, since others wait for it. A
    /// client that vanished is not waited for. A commit that was reported survives a
    /// crash of the server, whatever its settings say of others', and whatever they
    /// become before it ends.
    Write,
    /// Recording uses, which is best effort: the caller has a verdict to give, and
    /// waits neither for others nor for disks, here or elsewhere.
    Touch,
    /// Seeing what the server says of the store.
    Look,
    /// Making tables.
    Make,
}

impl Begin {
    /// The statements that begin it. A policy on rows, of which keyctl makes none, is
    /// an error, and hides nothing.
    pub(super) fn sql(self) -> String {
        let (kind, path, more) = match self {
            Begin::Read => ("REPEATABLE READ READ ONLY", OURS, PATIENT),
            Begin::Look => ("REPEATABLE READ READ ONLY", ITS_OWN, PATIENT),
            Begin::Write => (
                "READ COMMITTED",
                OURS,
                "SET LOCAL idle_in_transaction_session_timeout = '60s';
                 SET LOCAL lock_timeout = '30s';
                 SELECT set_config('synchronous_commit', CASE now WHEN 'off' THEN 'on' ELSE now END, true)
                 FROM (SELECT current_setting('synchronous_commit', true) AS now) AS settings
                 WHERE now IS NOT NULL;
                 SELECT one FROM head WHERE one = 1 FOR UPDATE;
                 SET LOCAL lock_timeout = '5s'",
            ),
            Begin::Touch => (
                "READ COMMITTED",
                OURS,
                "SET LOCAL lock_timeout = '100ms'; SET LOCAL synchronous_commit = off",
            ),
            Begin::Make => ("READ COMMITTED", ITS_OWN, PATIENT),
        };
        format!("BEGIN ISOLATION LEVEL {kind}; {path}; SET LOCAL row_security = off; {more}")
    }
}

/// Ends a transaction of which something failed, or that is not to be kept.
pub(super) fn roll_back(client: &mut Client) {
    // Of a lost connection nothing is left to undo.
    let _ = client.batch_execute("ROLLBACK");
}
