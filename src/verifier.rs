//! What a service embeds: a token in, a verdict out.

mod apart;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use apart::Apart;

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
    store: Holder,
    judge: Judge,
}

/// Who has the store, which does one thing at a time.
enum Holder {
    /// Whoever asks.
    Caller(Mutex<Box<dyn Store>>),
    /// A thread of its own, which is waited for.
    Thread(Apart),
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
    /// Opens the store that is there, to judge tokens of `workspace`. On a server
    /// that is the primary: a revocation holds at once.
    ///
    /// # Errors
    /// [`StoreFault::Missing`](crate::StoreFault::Missing) if there is none;
    /// a verifier never makes one.
    pub fn open(location: &Location, workspace: Workspace) -> Result<Verifier, StoreError> {
        Verifier::over(location, workspace, |location| {
            store::open(location, IfMissing::Fail)
        })
    }

    /// As [`open`](Self::open), on a replica too. What it shows is as old as it
    /// lags: for so long, a key that was revoked is valid still.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_replica(location: &Location, workspace: Workspace) -> Result<Verifier, StoreError> {
        Verifier::over(location, workspace, store::open_replica)
    }

    fn over(
        location: &Location,
        workspace: Workspace,
        open: fn(&Location) -> Result<Box<dyn Store>, StoreError>,
    ) -> Result<Verifier, StoreError> {
        let store = match location {
            Location::File(_) => Holder::Caller(Mutex::new(open(location)?)),
            // What speaks to a server must not run in a task of an asynchronous
            // runtime, and a thread of its own is none.
            Location::Url(_) => {
                let location = location.clone();
                Holder::Thread(Apart::open(move || open(&location))?)
            }
        };
        Ok(Verifier {
            store,
            judge: Judge {
                workspace,
                records_use: true,
            },
        })
    }

    /// The same verifier, leaving no trace of the keys' use.
    #[must_use]
    pub fn without_touch(self) -> Verifier {
        Verifier {
            judge: Judge {
                records_use: false,
                ..self.judge
            },
            ..self
        }
    }

    /// The same verifier, whose answers nobody waits for longer than `timeout`:
    /// [`StoreFault::TimedOut`](crate::StoreFault::TimedOut) is the answer then. The
    /// use of a key is recorded after the answer.
    ///
    /// A task of an asynchronous runtime may ask any verifier, and waits for the
    /// answer: let it do so where that is allowed, in tokio in `spawn_blocking` or
    /// `block_in_place`.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Verifier {
        let store = match self.store {
            Holder::Caller(store) => {
                let store = store.into_inner().unwrap_or_else(PoisonError::into_inner);
                Apart::of(store).waiting(timeout)
            }
            Holder::Thread(apart) => apart.waiting(timeout),
        };
        Verifier {
            store: Holder::Thread(store),
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
        let case = Case {
            count: tokens.len(),
            digests: in_order_of_digest(tokens),
            need: need.clone(),
            now,
        };
        match &self.store {
            Holder::Caller(store) => {
                // A thread that died holding it left no transaction behind.
                let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
                let judged = self.judge.judge_all(store.as_mut(), &case)?;
                record(store.as_mut(), &judged.uses);
                Ok(judged.answers)
            }
            Holder::Thread(apart) => {
                let judge = self.judge.clone();
                let is_hurried = apart.has_timeout();
                apart.ask(move |store, answer| {
                    let (judged, uses) = match judge.judge_all(store, &case) {
                        Ok(Judged { answers, uses }) => (Ok(answers), uses),
                        Err(error) => (Err(error), Vec::new()),
                    };
                    // Without a bound, whoever asks may end once it has its answer.
                    if is_hurried {
                        answer(judged);
                        record(store, &uses);
                    } else {
                        record(store, &uses);
                        answer(judged);
                    }
                })?
            }
        }
    }
}

/// What tokens are held against.
#[derive(Clone)]
struct Judge {
    workspace: Workspace,
    records_use: bool,
}

/// What is asked of a judge.
struct Case {
    count: usize,
    /// Of those tokens that are well-formed, by their place.
    digests: Vec<(usize, Digest)>,
    need: Need,
    now: Timestamp,
}

struct Judged {
    answers: Vec<Verification>,
    /// The uses that are to be recorded.
    uses: Vec<(KeyId, Timestamp)>,
}

impl Judge {
    /// Once more if the connection was lost meanwhile: asking changes nothing.
    fn judge_all(&self, store: &mut dyn Store, case: &Case) -> Result<Judged, Error> {
        match self.judge_once(store, case) {
            Err(Error::Store(error)) if error.fault().is_passing() => self.judge_once(store, case),
            judged => judged,
        }
    }

    fn judge_once(&self, store: &mut dyn Store, case: &Case) -> Result<Judged, Error> {
        let mut answers = vec![Verification::MALFORMED; case.count];
        let tx = store.read()?;
        for (index, digest) in &case.digests {
            answers[*index] = self.judge(tx.as_ref(), digest, case)?;
        }
        let uses = self.due_uses(tx.as_ref(), &answers, case.now);
        Ok(Judged { answers, uses })
    }

    fn judge(&self, tx: &dyn Tx, digest: &Digest, case: &Case) -> Result<Verification, Error> {
        let key = key_of_digest(tx, Some(&self.workspace), digest)?;
        Ok(match key {
            Some(key) => Verification {
                verdict: decide(&key, &case.need, case.now),
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

/// Best effort: the verdict stands whether this is recorded or not.
fn record(store: &mut dyn Store, uses: &[(KeyId, Timestamp)]) {
    if !uses.is_empty() {
        let _ = store.touch(uses);
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
