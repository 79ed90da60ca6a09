//! What a service embeds: a token in, a verdict out.

use std::sync::{Mutex, PoisonError};

use crate::domain::{
    Digest, Error, Key, KeyId, Need, StoreError, Timestamp, Token, Verdict, Workspace, decide,
};
use crate::ops::find::key_of_digest;
use crate::store::{self, IfMissing, Location, Store, Tx};

/// Answers whether the holder of a token may do something. It is `Send` and
/// `Sync`: open one and share it.
///
/// A revocation holds from the moment the revoking command returned: nothing is
/// cached here, each verdict is read from the store.
///
/// ```
/// use keyctl::{Location, Need, Target, Timestamp, Verdict, Verifier, Workspace};
/// # let folder = tempfile::tempdir()?;
/// # let location = Location::File(folder.path().join("keys.db"));
/// # keyctl::Registry::create(&location, "doc".parse()?, Timestamp::now())?;
///
/// let verifier = Verifier::open(&location, Workspace::default())?;
/// let need = Need {
///     target: Some(Target::Dataset("ds_42".parse()?)),
///     scopes: vec!["datasets:read".parse()?],
/// };
/// let presented = "dataset-0123456789ABCDEFGHIJKLYc";
/// let answer = verifier.verify(presented, &need, Timestamp::now())?;
/// assert_eq!(answer.verdict, Verdict::NotFound);
/// assert_eq!(answer.verdict.http_status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Verifier {
    store: Mutex<Box<dyn Store>>,
    workspace: Workspace,
    records_use: bool,
}

/// A verdict, and the key it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// What was decided.
    pub verdict: Verdict,
    /// The token's key; absent if the token is malformed or unknown.
    pub key: Option<Key>,
}

impl Verifier {
    /// Opens the store that is there, to judge tokens of `workspace`.
    ///
    /// # Errors
    /// [`StoreFault::Missing`](crate::StoreFault::Missing) if there is none;
    /// a verifier never makes one.
    pub fn open(location: &Location, workspace: Workspace) -> Result<Verifier, StoreError> {
        Ok(Verifier {
            store: Mutex::new(store::open(location, IfMissing::Fail)?),
            workspace,
            records_use: true,
        })
    }

    /// The same verifier, leaving no trace of the keys' use.
    #[must_use]
    pub fn without_touch(self) -> Verifier {
        Verifier {
            records_use: false,
            ..self
        }
    }

    /// Judges one presented token. That it was used is recorded at most once
    /// in the policy's interval, and failing to record it changes nothing.
    ///
    /// # Errors
    /// The store's faults. A denial is not an error.
    pub fn verify(
        &self,
        token: impl AsRef<[u8]>,
        need: &Need,
        now: Timestamp,
    ) -> Result<Verification, Error> {
        let mut answers = self.verify_all(&[token], need, now)?;
        // One token was given, so there is one answer.
        Ok(answers.pop().unwrap_or(Verification::MALFORMED))
    }

    /// Judges many presented tokens against one state of the store; the answers
    /// are in the order of the tokens.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_all<T: AsRef<[u8]>>(
        &self,
        tokens: &[T],
        need: &Need,
        now: Timestamp,
    ) -> Result<Vec<Verification>, Error> {
        // A thread that died holding it left no transaction behind.
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answers = vec![Verification::MALFORMED; tokens.len()];
        let tx = store.read()?;
        for (index, digest) in in_order_of_digest(tokens) {
            answers[index] = self.judge(tx.as_ref(), &digest, need, now)?;
        }
        let uses = self.due_uses(tx.as_ref(), &answers, now);
        drop(tx);
        if !uses.is_empty() {
            // Best effort: the verdict stands whether this is recorded or not.
            let _ = store.touch(&uses);
        }
        Ok(answers)
    }

    fn judge(
        &self,
        tx: &dyn Tx,
        digest: &Digest,
        need: &Need,
        now: Timestamp,
    ) -> Result<Verification, Error> {
        let key = key_of_digest(tx, Some(&self.workspace), digest)?;
        Ok(match key {
            Some(key) => Verification {
                verdict: decide(&key, need, now),
                key: Some(key),
            },
            None => Verification {
                verdict: Verdict::NotFound,
                key: None,
            },
        })
    }

    fn due_uses(
        &self,
        tx: &dyn Tx,
        answers: &[Verification],
        now: Timestamp,
    ) -> Vec<(KeyId, Timestamp)> {
        let used: Vec<&Key> = answers
            .iter()
            .filter(|answer| self.records_use && answer.verdict.is_use())
            .filter_map(|answer| answer.key.as_ref())
            .collect();
        if used.is_empty() {
            return Vec::new();
        }
        // A policy that cannot be read keeps nobody from an answer.
        let policy = tx.policy().unwrap_or_default();
        used.into_iter()
            .filter(|key| policy.is_use_due(key.last_used_at, now))
            .map(|key| (key.id.clone(), now))
            .collect()
    }
}

impl Verification {
    const MALFORMED: Verification = Verification {
        verdict: Verdict::Malformed,
        key: None,
    };
}

/// The well-formed tokens by their place, sorted by digest: neighbours in the
/// index are then looked up one after the other.
fn in_order_of_digest<T: AsRef<[u8]>>(tokens: &[T]) -> Vec<(usize, Digest)> {
    let mut digests: Vec<(usize, Digest)> = tokens
        .iter()
        .enumerate()
        .filter_map(|(index, text)| Some((index, Token::parse(text.as_ref()).ok()?.digest())))
        .collect();
    digests.sort_unstable_by(|(_, a), (_, b)| a.as_bytes().cmp(b.as_bytes()));
    digests
}
