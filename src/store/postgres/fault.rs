//! What an error of the driver means.

use std::error::Error;
use std::io;

use postgres::error::{DbError, Severity};

use crate::domain::{ConnectionFault, StoreError, StoreFault};

/// What the failure of a statement means; the cause is kept.
pub(super) fn fault(error: postgres::Error) -> StoreError {
    let meaning = match meaning(&error) {
        meaning @ StoreFault::Connection(_) => meaning,
        // Whatever it was about: of a COMMIT, it does not say what became of it.
        _ if is_last(&error) => StoreFault::Connection(ConnectionFault::Lost),
        meaning => meaning,
    };
    told(meaning, error)
}

/// What it means that there is no connection; the cause is kept.
pub(super) fn refusal(error: postgres::Error) -> StoreError {
    told(meaning(&error), error)
}

fn meaning(error: &postgres::Error) -> StoreFault {
    match error.code() {
        Some(state) => of_state(state.code()),
        None if is_lost(error) => StoreFault::Connection(ConnectionFault::Lost),
        None => StoreFault::Other,
    }
}

/// Whether the server has ended the connection with it.
fn is_last(error: &postgres::Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
}

fn told(meaning: StoreFault, error: postgres::Error) -> StoreError {
    if let Some(told) = error.as_db_error() {
        return StoreError::caused(meaning, told.message().to_owned());
    }
    // The driver's own words say only of what kind it is.
    match error
        .source()
        .is_some()
        .then(|| error.into_source())
        .flatten()
    {
        Some(cause) => StoreError::caused(meaning, cause),
        None => StoreError::new(meaning),
    }
}

/// By the codes in appendix A of PostgreSQL's manual.
fn of_state(code: &str) -> StoreFault {
    match code {
        "40001" | "40P01" => StoreFault::Conflict,
        "55P03" => StoreFault::Locked,
        "57014" => StoreFault::TimedOut,
        "53100" => StoreFault::Full,
        "53300" => StoreFault::Connection(ConnectionFault::TooMany),
        "25006" => StoreFault::ReadOnly,
        "42501" => StoreFault::Connection(ConnectionFault::NoRight),
        "42P01" | "3F000" => StoreFault::Corrupt,
        // What stands there was put there by somebody else.
        _ if code.starts_with("23") => StoreFault::Corrupt,
        "57P01" | "57P02" | "57P03" => StoreFault::Connection(ConnectionFault::Lost),
        _ if code.starts_with("08") => StoreFault::Connection(ConnectionFault::Lost),
        _ => StoreFault::Other,
    }
}

fn is_lost(error: &postgres::Error) -> bool {
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<io::Error>());
    error.is_closed()
        || cause.is_some_and(|cause| of_tls(cause).is_some() || is_of_connection(cause.kind()))
}

/// Whether an error of this kind ends a connection.
pub(super) fn is_of_connection(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NotConnected
            | io::ErrorKind::TimedOut
            | io::ErrorKind::UnexpectedEof
    )
}

/// The error of TLS that is in it.
pub(super) fn of_tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|cause| cause.downcast_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_has_a_meaning_by_its_code() {
        let lost = StoreFault::Connection(ConnectionFault::Lost);
        let cases = [
            ("40001", StoreFault::Conflict),
            ("40P01", StoreFault::Conflict),
            ("40002", StoreFault::Other),
            ("55P03", StoreFault::Locked),
            ("57014", StoreFault::TimedOut),
            ("53100", StoreFault::Full),
            ("53300", StoreFault::Connection(ConnectionFault::TooMany)),
            ("25006", StoreFault::ReadOnly),
            ("42501", StoreFault::Connection(ConnectionFault::NoRight)),
            ("42P01", StoreFault::Corrupt),
            ("3F000", StoreFault::Corrupt),
            ("57P01", lost.clone()),
            ("57P02", lost.clone()),
            ("57P03", lost.clone()),
            ("08006", lost.clone()),
            ("08P01", lost),
            ("23505", StoreFault::Corrupt),
            ("22021", StoreFault::Other),
        ];
        for (code, expected) in cases {
            assert_eq!(of_state(code), expected, "{code}");
        }
    }
}
