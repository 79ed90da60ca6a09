//! Tokens held against the store: which keys they are of, and what these may do.

use super::Verification;
use crate::domain::{Digest, Error, KeyId, Need, Timestamp, Token, Workspace, decide};
use crate::ops::find::keys_of_digests;
use crate::store::{Store, Tx};

/// What tokens are held against.
#[derive(Clone)]
pub(super) struct Judge {
    pub(super) workspace: Workspace,
    pub(super) records_use: bool,
}

/// What is asked of a judge.
pub(super) struct Case {
    count: usize,
    /// The places of those tokens that are none.
    pub(super) malformed: Vec<usize>,
    /// Of the others, sorted: neighbours in the index are then looked up one
    /// after the other.
    digests: Vec<Digest>,
    /// The places of their tokens.
    places: Vec<usize>,
    need: Need,
    now: Timestamp,
}

impl Case {
    pub(super) fn new<T: AsRef<[u8]>>(tokens: &[T], need: &Need, now: Timestamp) -> Case {
        let mut malformed = Vec::new();
        let mut digests = Vec::with_capacity(tokens.len());
        for (place, text) in tokens.iter().enumerate() {
            match Token::parse(text.as_ref()) {
                Ok(token) => digests.push((token.digest(), place)),
                Err(_) => malformed.push(place),
            }
        }
        digests.sort_unstable_by_key(|(digest, _)| digest.beginning());
        let (digests, places) = digests.into_iter().unzip();
        Case {
            count: tokens.len(),
            malformed,
            digests,
            places,
            need: need.clone(),
            now,
        }
    }
}

pub(super) struct Judged {
    pub(super) answers: Vec<Verification>,
    /// The uses that are to be recorded.
    pub(super) uses: Vec<(KeyId, Timestamp)>,
}

impl Judge {
    /// Once more if the connection was lost meanwhile: asking changes nothing.
    pub(super) fn judge_all(&self, store: &mut dyn Store, case: &Case) -> Result<Judged, Error> {
        match self.judge_once(store, case) {
            Err(Error::Store(error)) if error.fault().is_passing() => self.judge_once(store, case),
            judged => judged,
        }
    }

    fn judge_once(&self, store: &mut dyn Store, case: &Case) -> Result<Judged, Error> {
        let mut answers = vec![Verification::MALFORMED; case.count];
        let uses = self.judge_each(store, case, &mut |place, answer| answers[place] = answer)?;
        Ok(Judged { answers, uses })
    }

    /// Judges the tokens that are some; the uses that are to be recorded.
    pub(super) fn judge_each(
        &self,
        store: &mut dyn Store,
        case: &Case,
        each: &mut dyn FnMut(usize, Verification),
    ) -> Result<Vec<(KeyId, Timestamp)>, Error> {
        let tx = store.read()?;
        let mut is_found = vec![false; case.digests.len()];
        let mut used = Vec::new();
        keys_of_digests(
            tx.as_ref(),
            &self.workspace,
            &case.digests,
            &mut |nth, key| {
                is_found[nth] = true;
                let verdict = decide(&key, &case.need, case.now);
                if self.records_use && verdict.is_use() {
                    used.push((key.id.clone(), key.last_used_at));
                }
                let key = Some(key);
                each(case.places[nth], Verification { verdict, key });
            },
        )?;
        for (place, is_found) in case.places.iter().zip(is_found) {
            if !is_found {
                each(*place, Verification::NOT_FOUND);
            }
        }
        Ok(due_uses(tx.as_ref(), used, case.now))
    }
}

/// Which of the keys that were used, and when they were before, have that to be
/// recorded.
fn due_uses(
    tx: &dyn Tx,
    used: Vec<(KeyId, Option<Timestamp>)>,
    now: Timestamp,
) -> Vec<(KeyId, Timestamp)> {
    if used.is_empty() {
        return Vec::new();
    }
    // A policy that cannot be read keeps nobody from an answer.
    let policy = tx.policy().unwrap_or_default();
    used.into_iter()
        .filter(|(_, last_used_at)| policy.is_use_due(*last_used_at, now))
        .map(|(id, _)| (id, now))
        .collect()
}
