//! One who changes a store and remembers what came of it, to hold the store against
//! that afterwards.

use std::ops::ControlFlow;
use std::time::Duration;

use keyctl::ops::Switch;
use keyctl::store::EventFilter;
use keyctl::{Location, Need, Registry, Target, Timestamp, Verdict, Verifier, Workspace};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::campaign::seed;
use super::plans::{Door, End, Plan, Trace};
use super::support::Sandbox;

struct Known {
    id: String,
    token: String,
    verdict: Verdict,
}

/// When a change counts as acknowledged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Afterwards,
    /// When a token was handed over, which is how a harness fails.
    TooEarly,
}

impl Told {
    /// How long there is between the one and the other.
    fn pause(self) -> Duration {
        match self {
            Told::Afterwards => Duration::ZERO,
            Told::TooEarly => Duration::from_millis(50),
        }
    }
}

pub(crate) struct Writer {
    name: String,
    door: Door,
    dice: SmallRng,
    told: Told,
    /// Keys that others change too.
    shared: Vec<String>,
    prunes: bool,
    keys: Vec<Known>,
    /// What the log must say it did.
    done: Vec<(&'static str, String)>,
    /// What the log may say it did last.
    unknown: Option<Trace>,
    /// Tokens of changes that were refused.
    void: Vec<String>,
    /// What it was told instead of being served.
    pub(crate) turned_away: Vec<String>,
    step: usize,
}

pub(crate) fn location(url: &str) -> Location {
    url.parse().unwrap()
}

pub(crate) fn need(app: &str) -> Need {
    Need {
        target: Some(Target::App(app.parse().unwrap())),
        scopes: Vec::new(),
    }
}

impl Writer {
    /// One that uses the library.
    pub(crate) fn embedding(url: &str, name: &str) -> Writer {
        let registry = Registry::open(&location(url), name.parse().unwrap());
        Writer::through(Door::Library(Box::new(registry.unwrap())), name)
    }

    /// One that runs the program, for each change anew.
    pub(crate) fn running(url: &str, name: &str) -> Writer {
        let url = url.to_owned();
        let sandbox = Sandbox::new();
        Writer::through(Door::Program { url, sandbox }, name)
    }

    fn through(door: Door, name: &str) -> Writer {
        let number = name.bytes().fold(seed(), |sum, byte| {
            sum.wrapping_mul(257).wrapping_add(u64::from(byte))
        });
        Writer {
            name: name.to_owned(),
            door,
            dice: SmallRng::seed_from_u64(number),
            told: Told::Afterwards,
            shared: Vec::new(),
            prunes: false,
            keys: Vec::new(),
            done: Vec::new(),
            unknown: None,
            void: Vec::new(),
            turned_away: Vec::new(),
            step: 0,
        }
    }

    pub(crate) fn told(self, told: Told) -> Writer {
        Writer { told, ..self }
    }

    /// One that changes these keys too, and that may prune.
    pub(crate) fn sharing(self, shared: &[String], prunes: bool) -> Writer {
        Writer {
            shared: shared.to_vec(),
            prunes,
            ..self
        }
    }

    /// How many events its changes have made.
    pub(crate) fn event_count(&self) -> usize {
        self.done.len()
    }

    /// The keys whose records it removed.
    pub(crate) fn pruned(&self) -> Vec<String> {
        let pruned = self.done.iter().filter(|(action, _)| *action == "pruned");
        pruned.map(|(_, id)| id.clone()).collect()
    }

    /// Issues a key; its id and its token.
    pub(crate) fn issue(&mut self) -> (String, String) {
        let app = self.name.clone();
        let plan = Plan::Issue { app };
        let (trace, _) = self.door.carry_out(&self.name, &plan, Duration::ZERO);
        trace.issued.unwrap()
    }

    /// Makes one change; whether it was served.
    pub(crate) fn write(&mut self) -> bool {
        let plan = self.plan();
        let (mut trace, end) = self.door.carry_out(&self.name, &plan, self.told.pause());
        let is_served = end == End::Acknowledged;
        let is_early = self.told == Told::TooEarly && trace.issued.is_some();
        match end {
            End::Unknown if !is_early => self.unknown = Some(trace),
            End::Refused(why) if !is_early => {
                self.void
                    .extend(trace.issued.take().map(|(_, token)| token));
                self.turned_away.push(format!("{plan:?}: {why}"));
            }
            _ => self.remember(trace),
        }
        is_served
    }

    fn plan(&mut self) -> Plan {
        self.step += 1;
        let kind = self.dice.random_range(0..8);
        let live = |key: &&Known| key.verdict != Verdict::Revoked;
        let mut live = self.keys.iter().filter(live).rev();
        let Some(last) = live.next().filter(|_| kind > 0) else {
            return Plan::Issue {
                app: self.name.clone(),
            };
        };
        let id = last.id.clone();
        match (kind, last.verdict) {
            (1, Verdict::Valid) => Plan::Rotate(id),
            (2, _) => {
                let other = live.next().map(|key| key.id.clone());
                Plan::Revoke([id].into_iter().chain(other).collect())
            }
            (3 | 4, Verdict::Disabled) => Plan::Switch(Switch::Enabled, id),
            (3, _) => Plan::Switch(Switch::Disabled, id),
            (5, _) if self.prunes => Plan::Prune,
            _ => Plan::Edit(self.edited(id), format!("{} {}", self.name, self.step)),
        }
    }

    /// One that others change too, or its own.
    fn edited(&mut self, id: String) -> String {
        let place = self.dice.random_range(0..=self.shared.len());
        self.shared.get(place).cloned().unwrap_or(id)
    }

    fn remember(&mut self, trace: Trace) {
        self.done.extend(trace.events);
        self.keys.extend(trace.issued.map(|(id, token)| Known {
            id,
            token,
            verdict: Verdict::Valid,
        }));
        for (id, verdict) in trace.verdicts {
            for key in self.keys.iter_mut().filter(|key| key.id == id) {
                key.verdict = verdict;
            }
        }
    }

    /// In what the store differs from what it was told, `pruned` keys aside. What
    /// nobody knew is known then.
    pub(crate) fn losses(&mut self, url: &str, pruned: &[String]) -> Vec<String> {
        let mut losses = Vec::new();
        let logged = self.logged(url);
        if logged != self.done
            && let Some(unknown) = self.unknown.take()
        {
            self.remember(unknown);
        } else if let Some((_, token)) = self.unknown.take().and_then(|trace| trace.issued) {
            self.void.push(token);
        }
        if logged != self.done {
            let (log, told) = (logged.len(), self.done.len());
            let name = &self.name;
            losses.push(format!("{name}: {log} events are in the log, not {told}"));
        }
        let verifier = Verifier::open(&location(url), Workspace::default()).unwrap();
        let verifier = verifier.without_touch();
        let verdict = |token: &str| {
            let found = verifier.verify(token, &need(&self.name), Timestamp::now());
            found.unwrap().verdict
        };
        for key in &self.keys {
            let found = verdict(&key.token);
            let is_pruned = found == Verdict::NotFound && pruned.contains(&key.id);
            if found != key.verdict && !(is_pruned && key.verdict == Verdict::Revoked) {
                losses.push(format!("{} is {found:?}, not {:?}", key.id, key.verdict));
            }
        }
        let void = self
            .void
            .iter()
            .filter(|token| verdict(token) != Verdict::NotFound);
        losses.extend(void.map(|_| "a key that was refused is there".to_owned()));
        losses
    }

    /// What the log says it did.
    fn logged(&self, url: &str) -> Vec<(&'static str, String)> {
        let mut auditor = Registry::open(&location(url), "auditor".parse().unwrap()).unwrap();
        let filter = EventFilter {
            actor: Some(self.name.parse().unwrap()),
            ..EventFilter::default()
        };
        let mut logged = Vec::new();
        let read = auditor.events(&filter, |event| {
            let id = event.entry.key_id.map(|id| id.to_string());
            logged.push((event.entry.action.as_str(), id.unwrap_or_default()));
            ControlFlow::Continue(())
        });
        read.unwrap();
        logged
    }
}
