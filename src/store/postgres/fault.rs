//! What an error of the driver means.

use postgres::error::SqlState;

use crate::domain::{ConnectionFault, StoreError, StoreFault};

/// What the failure of a statement means; the cause is kept.
pub(super) fn fault(error: postgres::Error) -> StoreError {
    let meaning = match error.code() {
        Some(state) => of_state(state),
        None if is_lost(&error) => StoreFault::Connection(ConnectionFault::Lost),
        None => StoreFault::Other,
    };
    StoreError::caused(meaning, error)
}

fn of_state(state: &SqlState) -> StoreFault {
    let code = state.code();
    match code {
        "40001" | "40P01" => StoreFault::Conflict,
        "55P03" | "57014" => StoreFault::Locked,
        "53100" => StoreFault::Full,
        "53300" => StoreFault::Connection(ConnectionFault::TooMany),
        "25006" => StoreFault::ReadOnly,
        "42501" => StoreFault::Connection(ConnectionFault::NoRight),
        "42P01" | "3F000" => StoreFault::Corrupt,
        "57P01" | "57P02" | "57P03" => StoreFault::Connection(ConnectionFault::Lost),
        _ if code.starts_with("08") => StoreFault::Connection(ConnectionFault::Lost),
        _ => StoreFault::Other,
    }
}

fn is_lost(error: &postgres::Error) -> bool {
    error.is_closed()
}
