//! Tokens held against the store: which keys they are of, and what these may do.

use std::sync::OnceLock;

use super::Verification;
use super::find::{find, read};
use super::halves::Both;
use super::presented::Presented;
use crate::domain::{Error, KeyId, Need, Policy, Standing, Timestamp, Workspace, decide};
use crate::ops::find::keys_of_digests;
use crate::store::{Store, Tx};

/// What tokens are held against.
#[derive(Clone)]
pub(super) struct Judge {
    pub(super) workspace: Workspace,
    pub(super) records_use: bool,
}

/// What is asked of a judge about tokens.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) need: Need,
    pub(super) now: Timestamp,
}

pub(super) struct Judged<A> {
    pub(super) answers: A,
    /// The keys whose use is to be recorded.
    pub(super) used: Vec<KeyId>,
}

impl Judge {
    /// Once more if the connection was lost meanwhile: asking changes nothing.
    pub(super) fn judge_all(
        &self,
        store: &mut dyn Store,
        presented: &Presented,
        question: &Question,
    ) -> Result<Judged<Vec<Verification>>, Error> {
        match self.judge_once(store, presented, question) {
            Err(Error::Store(error)) if error.fault().is_passing() => {
                self.judge_once(store, presented, question)
            }
            judged => judged,
        }
    }

    fn judge_once(
        &self,
        store: &mut dyn Store,
        presented: &Presented,
        question: &Question,
    ) -> Result<Judged<Vec<Verification>>, Error> {
        let tx = store.read()?;
        let mut answers = vec![Verification::NOT_FOUND; presented.count];
        for place in &presented.malformed {
            answers[*place] = Verification::MALFORMED;
        }
        let mut used = Vec::new();
        let (digests, places): (Vec<_>, Vec<_>) = presented.digests.iter().cloned().unzip();
        keys_of_digests(tx.as_ref(), &self.workspace, &digests, &mut |nth, key| {
            let verdict = decide(&key, &question.need, question.now);
            if self.records_use && verdict.is_use() {
                used.push((key.id.clone(), key.last_used_at));
            }
            let key = Some(key);
            answers[places[nth]] = Verification { verdict, key };
        })?;
        let recorder = Recorder::default();
        let due = used
            .into_iter()
            .filter(|(_, last)| recorder.is_due(tx.as_ref(), *last, question.now));
        let used = due.map(|(id, _)| id).collect();
        Ok(Judged { answers, used })
    }

    /// Judges very many tokens: the index is walked first, then the rows in their own
    /// order, so that a page is read once for all that is on it.
    pub(super) fn judge_halves<S: Default + Send>(
        &self,
        both: &mut Both,
        presented: Presented,
        question: &Question,
        each: impl Fn(&mut S, usize, Verification<Standing>) + Sync,
    ) -> Result<Judged<Vec<S>>, Error> {
        let mut halves = both.read()?;
        let recorder = Recorder::default();
        let Presented {
            digests, malformed, ..
        } = presented;
        let (found, unknown) = find(&mut halves, digests)?;
        let [mut judged, others] = halves.work(&found, |tx, found| {
            let mut judged = Judged {
                answers: S::default(),
                used: Vec::new(),
            };
            read(tx, &self.workspace, found, &mut |place, standing| {
                let Some(standing) = standing else {
                    each(&mut judged.answers, place, Verification::NOT_FOUND);
                    return;
                };
                let verdict = standing.decide(&question.need, question.now);
                let last = standing.last_used_at;
                let is_use = self.records_use && verdict.is_use();
                if is_use && recorder.is_due(tx, last, question.now) {
                    judged.used.push(standing.id.clone());
                }
                let key = Some(standing);
                each(&mut judged.answers, place, Verification { verdict, key });
            })?;
            Ok(judged)
        })?;
        for place in unknown {
            each(&mut judged.answers, place, Verification::NOT_FOUND);
        }
        for place in malformed {
            each(&mut judged.answers, place, Verification::MALFORMED);
        }
        judged.used.extend(others.used);
        Ok(Judged {
            answers: vec![judged.answers, others.answers],
            used: judged.used,
        })
    }
}

/// What says which uses are recorded. It is read once there is one.
#[derive(Default)]
struct Recorder(OnceLock<Policy>);

impl Recorder {
    fn is_due(&self, tx: &dyn Tx, last_used_at: Option<Timestamp>, now: Timestamp) -> bool {
        // A policy that cannot be read keeps nobody from an answer.
        let policy = self.0.get_or_init(|| tx.policy().unwrap_or_default());
        policy.is_use_due(last_used_at, now)
    }
}
