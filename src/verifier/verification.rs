//! What is answered about a token.

use crate::domain::{Key, Standing, Verdict};

/// A verdict, and the key it is about; or how that stands, where very many are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification<K = Key> {
    /// What was decided.
    pub verdict: Verdict,
    /// The token's key; absent if the token is malformed or unknown.
    pub key: Option<K>,
}

impl<K> Verification<K> {
    pub(super) const MALFORMED: Verification<K> = Verification {
        verdict: Verdict::Malformed,
        key: None,
    };

    pub(super) const NOT_FOUND: Verification<K> = Verification {
        verdict: Verdict::NotFound,
        key: None,
    };
}

impl From<Verification> for Verification<Standing> {
    fn from(whole: Verification) -> Verification<Standing> {
        Verification {
            verdict: whole.verdict,
            key: whole.key.map(Standing::from),
        }
    }
}
