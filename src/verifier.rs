//! What a service embeds: a token in, a verdict out.

mod apart;
mod find;
mod halves;
mod judge;
mod presented;
mod verification;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use apart::Apart;
use halves::Both;
use judge::{Judge, Judged, Question};
use presented::MANY;
pub use presented::Presented;
pub use verification::Verification;

use crate::domain::{Error, KeyId, Need, Standing, StoreError, Timestamp, Workspace};
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
    Caller(Mutex<Both>),
    /// A thread of its own, which is waited for.
    Thread(Apart),
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
            Location::File(_) => Holder::Caller(Mutex::new(Both::of(open(location)?))),
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
            Holder::Caller(both) => {
                let both = both.into_inner().unwrap_or_else(PoisonError::into_inner);
                Apart::of(both.store).waiting(timeout)
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
        let need = need.clone();
        self.ask(Presented::one_by_one(tokens), Question { need, now })
    }

    /// Judges very many presented tokens, and hands each answer over with the place
    /// of its token, in no order: as [`verify_all`](Self::verify_all), without having
    /// all the keys in memory or reading all of each. A store on a server is asked
    /// about a thousand at a time, and may have changed in between.
    ///
    /// Two threads may do that. Each has an `S` of its own, which `each` is given along
    /// with an answer; they are what is returned. `each` must not ask this verifier for
    /// anything.
    ///
    /// ```
    /// use keyctl::{Location, Need, Presented, Timestamp, Verifier, Workspace};
    /// # let folder = tempfile::tempdir()?;
    /// # let location = Location::File(folder.path().join("keys.db"));
    /// # keyctl::Registry::create(&location, "doc".parse()?, Timestamp::now())?;
    ///
    /// let verifier = Verifier::open(&location, Workspace::default())?;
    /// let presented = Presented::of(&["app-0123456789ABCDEFGHIJKLNF", ""]);
    /// let (need, now) = (Need::default(), Timestamp::now());
    /// let denied = verifier.verify_each(presented, &need, now, |denied: &mut usize, _, answer| {
    ///     *denied += usize::from(!answer.verdict.is_valid());
    /// })?;
    /// assert_eq!(denied.iter().sum::<usize>(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_each<S: Default + Send>(
        &self,
        presented: Presented,
        need: &Need,
        now: Timestamp,
        each: impl Fn(&mut S, usize, Verification<Standing>) + Sync,
    ) -> Result<Vec<S>, Error> {
        let need = need.clone();
        let question = Question { need, now };
        if let Holder::Caller(both) = &self.store
            && presented.count >= MANY
        {
            let mut both = both.lock().unwrap_or_else(PoisonError::into_inner);
            let judged = self
                .judge
                .judge_halves(&mut both, presented, &question, each)?;
            record(both.store.as_mut(), &judged.used, now);
            return Ok(judged.answers);
        }
        let mut heard = S::default();
        for place in &presented.malformed {
            each(&mut heard, *place, Verification::MALFORMED);
        }
        for (places, portion) in presented.portions(PORTION) {
            let answers = self.ask(portion, question.clone())?;
            for (place, answer) in places.into_iter().zip(answers) {
                each(&mut heard, place, answer.into());
            }
        }
        Ok(vec![heard])
    }

    fn ask(&self, presented: Presented, question: Question) -> Result<Vec<Verification>, Error> {
        let now = question.now;
        match &self.store {
            Holder::Caller(both) => {
                // A thread that died holding it left no transaction behind.
                let mut both = both.lock().unwrap_or_else(PoisonError::into_inner);
                let store = both.store.as_mut();
                let judged = self.judge.judge_all(store, &presented, &question)?;
                record(store, &judged.used, now);
                Ok(judged.answers)
            }
            Holder::Thread(apart) => {
                let judge = self.judge.clone();
                let is_hurried = apart.has_timeout();
                apart.ask(move |store, answer| {
                    let (judged, used) = match judge.judge_all(store, &presented, &question) {
                        Ok(Judged { answers, used }) => (Ok(answers), used),
                        Err(error) => (Err(error), Vec::new()),
                    };
                    // Without a bound, whoever asks may end once it has its answer.
                    if is_hurried {
                        answer(judged);
                        record(store, &used, now);
                    } else {
                        record(store, &used, now);
                        answer(judged);
                    }
                })?
            }
        }
    }
}

/// Best effort: the verdict stands whether this is recorded or not. In portions,
/// so that others can write meanwhile.
fn record(store: &mut dyn Store, used: &[KeyId], now: Timestamp) {
    for portion in used.chunks(MAX_USES) {
        let uses: Vec<_> = portion.iter().map(|id| (id.clone(), now)).collect();
        if store.touch(&uses).is_err() {
            break;
        }
    }
}
