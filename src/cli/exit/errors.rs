//! What the library's errors look like: one exhaustive match each.

use std::io;

use keyctl::domain::{
    Action, Candidate, Discrepancy, Error, Refusal, Status, StoreFault, WhyUnknown,
};

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

use super::connection::not_connected;
use super::{Exit, Failure, reason};

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let message = error.to_string();
        match &error {
            Error::Refused(refusal) => refused(refusal, message),
            Error::NoMatch {
                elsewhere: Some(workspace),
                ..
            } => Failure::new(Exit::NoMatch, "no_match", message).hint(format!(
                "that key is in another workspace: --workspace {workspace}"
            )),
            Error::NoMatch { .. } => Failure::new(Exit::NoMatch, "no_match", message)
                .hint("see all keys: keyctl list --all"),
            Error::Random(_) => Failure::new(Exit::Failed, "random_generator", message)
                .hint("no key was made; try again when the system has recovered"),
            Error::Delivery(cause) => Failure::new(
                Exit::Failed,
                "output",
                format!("{message}: {}", reason(cause)),
            ),
            Error::NotSaved(cause) => {
                let told = store_failed(cause.fault(), cause);
                let message = format!("the token above is not valid: {message}: {}", told.message);
                Failure { message, ..told }.hint_first("forget the token, and run it again")
            }
            Error::Unconfirmed(_) => Failure::new(
                Exit::Store,
                "store_unconfirmed",
                format!("{message}: whether the token is valid is unknown"),
            )
            .hint("see whether its key is there: keyctl list, keyctl verify"),
            Error::Altered(difference) => altered(difference, message),
            Error::Backup(_) => Failure::new(Exit::Store, "backup_unreadable", message)
                .hint("name a file that was made by keyctl store backup"),
            Error::Store(cause) => store_failed(cause.fault(), cause),
        }
    }
}

fn refused(refusal: &Refusal, message: String) -> Failure {
    match refusal {
        Refusal::LimitReached { target, limit } => {
            let failure = Failure::new(Exit::Refused, "limit_reached", message);
            match target {
                keyctl::Target::Dataset(id) => {
                    failure.hint(format!("see them: keyctl list --dataset {id} --bound-only"))
                }
                keyctl::Target::App(id) => {
                    failure.hint(format!("see them: keyctl list --app {id}"))
                }
                keyctl::Target::AllDatasets => failure.hint("see them: keyctl list"),
            }
            .hint("make room: keyctl revoke KEY")
            .hint(format!(
                "or allow more: keyctl policy set max-keys-per-target {}",
                limit.saturating_add(1)
            ))
        }
        Refusal::ExpiryInPast { .. } => Failure::new(Exit::Refused, "expiry_in_past", message)
            .hint("give a time in the future, such as --expires 90d"),
        Refusal::ExpiryTooFar => Failure::new(Exit::Refused, "expiry_too_far", message)
            .hint("give a nearer time, or --expires never"),
        Refusal::ExpiryBeyondPolicy { max, .. } => {
            Failure::new(Exit::Refused, "expiry_beyond_policy", message)
                .hint(format!("give an end within it, such as --expires {max}"))
                .hint("see what the store allows: keyctl policy show")
        }
        Refusal::Unfit { id, status, action } => {
            let failure = Failure::new(Exit::Refused, "unfit_status", message);
            match (status, action) {
                (Status::Disabled, _) => failure.hint(format!("enable it: keyctl enable {id}")),
                (Status::Expired, Action::Disabled) => {
                    failure.hint("an expired key is denied already")
                }
                (Status::Expired, _) => failure.hint(format!(
                    "give it a new end first: keyctl edit {id} --expires 90d"
                )),
                (Status::Revoked, _) => {
                    failure.hint("a revoked key stays so for ever; issue another: keyctl create")
                }
                (Status::Active, _) => failure,
            }
        }
        Refusal::Replaced { successor, .. } => Failure::new(Exit::Refused, "replaced", message)
            .hint(format!("see its successor: keyctl show {successor}")),
        Refusal::NoScopeLeft { id } => Failure::new(Exit::Refused, "no_scope_left", message)
            .hint(format!("disable it instead: keyctl disable {id}"))
            .hint(format!("or end it for ever: keyctl revoke {id}")),
        Refusal::CountDiffers { .. } => Failure::new(Exit::Refused, "count_differs", message)
            .hint("nothing was changed; see which keys they are: --dry-run"),
        Refusal::Ambiguous { candidates, .. } => ambiguous(candidates, message),
        Refusal::IdTaken { id } => Failure::new(Exit::Refused, "id_taken", message)
            .hint(format!("see that key: keyctl show {id}"))
            .hint("import it into a store of its own: --store PATH"),
        Refusal::ExportAltered(_) => Failure::new(Exit::Refused, "export_altered", message)
            .hint("nothing was imported; export it again where it comes from")
            .hint("see there whether it was altered already, with keyctl audit verify"),
        Refusal::RevocationsUnknown(why) => {
            let failure = Failure::new(Exit::Refused, "revocations_unknown", message);
            match why {
                WhyUnknown::HeadUnmet(_) => failure.hint("take a newer backup"),
                WhyUnknown::HeadOlder { .. } => {
                    failure.hint("give a head that was kept after the backup was made: --head HEAD")
                }
                WhyUnknown::Diverged { .. } => failure.hint(
                    "the store here was restored since, or is an older copy: take a backup of it",
                ),
                WhyUnknown::NoStore | WhyUnknown::Unreadable => failure
                    .hint("give the last head that you kept, if the backup has it: --head HEAD"),
                WhyUnknown::Altered(_) => failure,
            }
            .hint("or name what was revoked since, ids or tokens, one a line: --revocations FILE")
            .hint("or take the backup as it is, with all that is valid in it: --exact")
        }
        Refusal::RevocationsUnmet { .. } => Failure::new(Exit::NoMatch, "no_match", message)
            .hint("nothing was restored; --if-exists passes over keys issued since the backup"),
        Refusal::OtherStore { .. } => Failure::new(Exit::Refused, "other_store", message)
            .hint("name the store that it is of: --store PATH")
            .hint("or have it replaced all the same: --exact"),
        Refusal::BackupAltered(_) => Failure::new(Exit::Refused, "backup_altered", message)
            .hint("nothing was restored; take an older backup"),
        Refusal::TokenTaken { .. } => Failure::new(Exit::Refused, "token_taken", message)
            .hint("nothing was imported: which of the two counts cannot be told"),
        Refusal::TokenLeftOut { .. } => Failure::new(Exit::Refused, "token_left_out", message)
            .hint("nothing was imported: which of the two counts cannot be told"),
        Refusal::ExportDisordered => Failure::new(Exit::Refused, "export_altered", message)
            .hint("nothing was imported; export it again where it comes from"),
        Refusal::ExportCut => Failure::new(Exit::Refused, "export_cut", message)
            .hint("nothing was imported; export it again where it comes from"),
    }
}

fn ambiguous(candidates: &[Candidate], message: String) -> Failure {
    const SHOWN: usize = 10;
    let mut failure = Failure::new(Exit::Refused, "ambiguous", message);
    for candidate in candidates.iter().take(SHOWN) {
        let name = candidate
            .name
            .as_ref()
            .map(|name| format!("  {name}"))
            .unwrap_or_default();
        failure = failure.hint(format!("{}{name}  {}", candidate.id, candidate.access));
    }
    match candidates.len().saturating_sub(SHOWN) {
        0 => failure,
        more => failure.hint(format!("and {more} more: keyctl list")),
    }
    .hint("name one of them by its id")
}

fn altered(difference: &Discrepancy, message: String) -> Failure {
    let failure = Failure::new(Exit::Store, "store_altered", message);
    match difference {
        Discrepancy::OtherStore { .. } => failure.hint("name that store: --store PATH"),
        Discrepancy::HeadAhead { .. } | Discrepancy::HeadUnknown => failure
            .hint("what this store says of its keys may be outdated: revocations may be missing")
            .hint("keep a copy of the store before anything else"),
        Discrepancy::EventMissing { .. }
        | Discrepancy::EventAltered { .. }
        | Discrepancy::HeadAltered { .. }
        | Discrepancy::RowUnknown { .. }
        | Discrepancy::RowMissing { .. }
        | Discrepancy::RowAltered { .. }
        | Discrepancy::PolicyAltered { .. } => failure
            .hint("see who can write to the store; there may be more differences than this one")
            .hint("keep a copy of the store before anything else"),
    }
}

fn store_failed(fault: &StoreFault, error: &dyn std::error::Error) -> Failure {
    let told = |code| Failure::new(Exit::Store, code, fault.to_string());
    let told_with_cause = |code| {
        let cause = error.source().map(|cause| {
            let of_system = cause.downcast_ref::<io::Error>().map(reason);
            // SQLite's errors can have the whole of its SQL behind the first line.
            let of_sqlite = || {
                cause
                    .to_string()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            };
            format!(": {}", of_system.unwrap_or_else(of_sqlite))
        });
        told(code).saying(format!("{fault}{}", cause.unwrap_or_default()))
    };
    match fault {
        StoreFault::Missing => told("store_missing")
            .hint("make it with the first key: keyctl create --dataset ID")
            .hint("or name another one: --store PATH, or KEYCTL_STORE"),
        StoreFault::Foreign(_) | StoreFault::NotADatabase => {
            told("store_foreign").hint("name another one: --store PATH, or KEYCTL_STORE")
        }
        StoreFault::Linked(_) => told("store_linked")
            .hint("whoever can put a link there can lead keyctl elsewhere")
            .hint("if it is yours, name the place it leads to: --store PATH, or KEYCTL_STORE"),
        StoreFault::Newer { .. } => {
            told("store_newer").hint("use the newest keyctl that has been used on this store")
        }
        StoreFault::Outdated => told("store_outdated")
            .hint("have its owner open it once, on the primary: keyctl store init"),
        StoreFault::Locked => told("store_locked").hint("try again when the other program is done"),
        StoreFault::Unreadable => limited(
            told_with_cause("store_unreadable")
                .hint("see who owns the file and its folder, and who may write there"),
        ),
        StoreFault::ReadOnly => told("store_read_only")
            .hint("see who may write to its folder, its file and the -wal and -shm beside it"),
        // Not the store's fault, and nothing in it has changed.
        StoreFault::Full => Failure::new(Exit::Failed, "disk_full", fault.to_string())
            .hint("make room and try again"),
        StoreFault::Corrupt | StoreFault::BadRow { .. } => {
            told_with_cause("store_damaged").hint("keep a copy of the store before anything else")
        }
        StoreFault::Unsupported { scheme } => {
            let failure = told("store_unsupported");
            let failure = match scheme.as_str() {
                "postgres" | "postgresql" => failure.hint(
                    "build it with that engine: cargo install --locked --path . --features postgres",
                ),
                _ => failure,
            };
            failure.hint("name a file: --store PATH, or KEYCTL_STORE")
        }
        StoreFault::NoRoles => told("store_has_no_roles")
            .hint("name a store on PostgreSQL: --store postgres://HOST/DATABASE, or KEYCTL_STORE"),
        StoreFault::HasOwnTools => told("store_has_own_tools")
            .hint("on PostgreSQL those are pg_dump, pg_basebackup and point-in-time recovery")
            .hint("to move keys and log to another store: keyctl export FILE"),
        StoreFault::BadUrl(problem) => Failure::new(Exit::Usage, "bad_url", problem.to_string())
            .hint("a URL is like postgres://USER@HOST:PORT/DATABASE"),
        StoreFault::Connection(fault) => not_connected(fault, error),
        StoreFault::TimedOut => told("store_timed_out").hint("see whether its server is well"),
        StoreFault::Conflict => told("store_conflict").hint("nothing was changed; try again"),
        StoreFault::Other => limited(told_with_cause("store_failed")),
    }
}

/// SQLite does not tell a limit of this process from a disk that fails.
fn limited(failure: Failure) -> Failure {
    /// With fewer, a store cannot be opened.
    const FEW_FILES: u64 = 32;
    let limit = |resource| getrlimit(resource).map_or(RLIM_INFINITY, |(now, _)| now);
    let (len, count) = (
        limit(Resource::RLIMIT_FSIZE),
        limit(Resource::RLIMIT_NOFILE),
    );
    let failure = if len == RLIM_INFINITY {
        failure
    } else {
        failure.hint(format!(
            "files can have {len} bytes here at most: see ulimit -f"
        ))
    };
    if count < FEW_FILES {
        failure.hint(format!(
            "only {count} files can be open here: see ulimit -n"
        ))
    } else {
        failure
    }
}
