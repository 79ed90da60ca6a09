//! What a service embeds: a token in, a verdict out.

mod apart;
mod judge;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use apart::Apart;
use judge::{Case, Judge, Judged};

use crate::domain::{Error, Key, KeyId, Need, StoreError, Timestamp, Verdict, Workspace};
use crate::store::{self, IfMissing, Location, Store};

/// How many tokens a thread of its own is asked about in one go.
const PORTION: usize = 1_000;
/// How many uses are recorded in one go.
const MAX_USES: usize = 10_000;

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
        let case = Case::new(tokens, need, now);
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

    /// Judges very many presented tokens, and hands each answer over with the place
    /// of its token, in no order: as [`verify_all`](Self::verify_all), without having
    /// all the keys in memory. `each` must not ask this verifier for anything.
    ///
    /// ```
    /// use keyctl::{Location, Need, Timestamp, Verdict, Verifier, Workspace};
    /// # let folder = tempfile::tempdir()?;
    /// # let location = Location::File(folder.path().join("keys.db"));
    /// # keyctl::Registry::create(&location, "doc".parse()?, Timestamp::now())?;
    ///
    /// let verifier = Verifier::open(&location, Workspace::default())?;
    /// let mut verdicts = [Verdict::NotFound; 2];
    /// let tokens = ["app-0123456789ABCDEFGHIJKLNF", ""];
    /// verifier.verify_each(&tokens, &Need::default(), Timestamp::now(), |place, answer| {
    ///     verdicts[place] = answer.verdict;
    /// })?;
    /// assert_eq!(verdicts, [Verdict::NotFound, Verdict::Malformed]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify); answers may have been handed over before.
    pub fn verify_each<T: AsRef<[u8]>>(
        &self,
        tokens: &[T],
        need: &Need,
        now: Timestamp,
        mut each: impl FnMut(usize, Verification),
    ) -> Result<(), Error> {
        if let Holder::Caller(store) = &self.store {
            let case = Case::new(tokens, need, now);
            for place in &case.malformed {
                each(*place, Verification::MALFORMED);
            }
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            let uses = self.judge.judge_each(store.as_mut(), &case, &mut each)?;
            record(store.as_mut(), &uses);
            return Ok(());
        }
        for (start, portion) in (0..).step_by(PORTION).zip(tokens.chunks(PORTION)) {
            let answers = self.verify_all(portion, need, now)?;
            for (place, answer) in (start..).zip(answers) {
                each(place, answer);
            }
        }
        Ok(())
    }
}

/// Best effort: the verdict stands whether this is recorded or not. In portions,
/// so that others can write meanwhile.
fn record(store: &mut dyn Store, uses: &[(KeyId, Timestamp)]) {
    for portion in uses.chunks(MAX_USES) {
        if store.touch(portion).is_err() {
            break;
        }
    }
}

impl Verification {
    const MALFORMED: Verification = Verification {
        verdict: Verdict::Malformed,
        key: None,
    };

    const NOT_FOUND: Verification = Verification {
        verdict: Verdict::NotFound,
        key: None,
    };
}
