//! The rules: what a key is, what it reaches, and what is decided about it.
//!
//! Pure values and pure functions. Nothing here does input or output, reads a
//! clock (save [`Timestamp::now`], the only one), knows SQL or prints: every
//! rule takes `now` and can be tested with a table of cases.

mod access;
mod audit;
mod change;
mod connection;
mod discrepancy;
mod error;
mod event;
mod hash;
mod kept_head;
mod key;
mod key_row;
mod lookalike;
mod mask;
mod name;
mod outline;
mod policy;
mod scope;
mod several;
mod standing;
mod surroundings;
mod tally;
mod text;
mod time;
mod token;
mod verdict;

pub use access::{Access, Datasets, Kind, Need, Target};
pub use audit::{Audit, Checked, KeyMark};
pub use change::{Action, Change, Difference, TOMBSTONE};
pub use connection::{ConnectionFault, Distrust, Unreached, UnusedFile, WhyUnused};
pub use discrepancy::Discrepancy;
pub use error::{Candidate, Error, Invalid, Refusal, StoreError, StoreFault, WhyUnknown};
pub use event::{Entry, EntryRow, Event, EventRow, Head};
pub use hash::{EventHash, RowDigest};
pub use kept_head::KeptHead;
pub use key::{Key, KeyId, Selector, Status};
pub(crate) use key_row::KeyRow;
pub use lookalike::{find_lookalike, find_token};
pub use mask::MaskedToken;
pub use name::{Actor, KeyName, Remark, TargetId, Workspace};
pub use outline::Outline;
pub use policy::{Choice, Policy, Setting};
pub use scope::{Scope, Scopes};
pub use standing::Standing;
pub use surroundings::{Exposure, FileFacts, FileRole};
pub use tally::Tally;
pub(crate) use text::Spelt;
pub use time::{Expiry, Lifetime, TimeText, Timestamp};
pub(crate) use token::random_part_of;
pub use token::{Digest, MalformedToken, RandomError, Token};
pub use verdict::{Verdict, decide};

#[cfg(test)]
pub(crate) use key::tests::sample_key;
