//! Random lives of keys, against a model that is small enough to be believed:
//! after each operation every token that was ever issued gets the verdict that
//! the model says, limits hold, and the log verifies.

use std::collections::BTreeSet;

use keyctl::domain::{Action, Choice, KeptHead, Lifetime, Selector};
use keyctl::ops::{
    EditRequest, Matching, PruneRequest, RevokeMatchingRequest, RevokeRequest, RotateRequest,
    Selection, Switch, SwitchRequest,
};
use keyctl::store::EventFilter;
use keyctl::{
    Access, Datasets, Error, Expiry, IssueRequest, KeyId, Need, Registry, Scopes, Target,
    Timestamp, Verdict, Verifier, Workspace,
};
use proptest::prelude::*;

use crate::site::Site;

/// How many operations a life has.
const LENGTH: usize = 50;
/// When it begins, in Unix seconds.
const START: i64 = 1_000;

/// What can be done. A key is told by a number, taken modulo how many there
/// ever were; times are in seconds.
#[derive(Debug, Clone)]
enum Op {
    Wait(i64),
    Create {
        reach: Reach,
        scopes: Vec<&'static str>,
        expiry: Option<Option<u64>>,
    },
    Use(usize),
    Rotate {
        key: usize,
        grace: Option<u64>,
        expiry: Option<Option<u64>>,
    },
    Switch {
        key: usize,
        to: Switch,
    },
    Edit {
        key: usize,
        expiry: Option<Option<u64>>,
        added: Vec<&'static str>,
        removed: Vec<&'static str>,
    },
    Revoke(usize),
    RevokeApp,
    RevokeExpired,
    RevokeUnused(u64),
    DatasetGone(&'static str),
    Prune(u64),
    Policy(Choice),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reach {
    Datasets(BTreeSet<&'static str>),
    All,
    App,
}

/// What the model knows of a key.
#[derive(Debug, Clone)]
struct Modelled {
    id: KeyId,
    token: String,
    reach: Reach,
    scopes: BTreeSet<&'static str>,
    born: i64,
    used: i64,
    is_used: bool,
    end: Option<i64>,
    is_disabled: bool,
    revoked: Option<i64>,
    is_replaced: bool,
    is_pruned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Disabled,
    Expired,
    Revoked,
}

impl Modelled {
    fn state(&self, now: i64) -> State {
        if self.revoked.is_some() {
            State::Revoked
        } else if self.is_disabled {
            State::Disabled
        } else if self.end.is_some_and(|end| end <= now) {
            State::Expired
        } else {
            State::Active
        }
    }

    fn is_live(&self, now: i64) -> bool {
        let is_on = matches!(self.state(now), State::Active | State::Disabled);
        is_on && !self.is_replaced && !self.is_pruned
    }

    fn targets(&self) -> Vec<String> {
        match &self.reach {
            Reach::Datasets(ids) => ids.iter().map(|id| (*id).to_owned()).collect(),
            Reach::All => vec!["*".to_owned()],
            Reach::App => vec!["app".to_owned()],
        }
    }

    fn verdict(&self, dataset: Option<&str>, scope: &str, now: i64) -> Verdict {
        if self.is_pruned {
            return Verdict::NotFound;
        }
        match self.state(now) {
            State::Revoked => return Verdict::Revoked,
            State::Disabled => return Verdict::Disabled,
            State::Expired => return Verdict::Expired,
            State::Active => {}
        }
        let is_covered = match (&self.reach, dataset) {
            (Reach::Datasets(ids), Some(id)) => ids.contains(id),
            (Reach::All, _) => true,
            (Reach::Datasets(_), None) | (Reach::App, _) => false,
        };
        if !is_covered {
            Verdict::Forbidden
        } else if self.scopes.contains("full") || self.scopes.contains(scope) {
            Verdict::Valid
        } else {
            Verdict::InsufficientScope
        }
    }
}

/// The model: what is said here is what must happen.
struct Model {
    now: i64,
    keys: Vec<Modelled>,
    limit: Option<u32>,
    default_expiry: Option<u64>,
    max_expiry: Option<u64>,
    use_interval: u64,
}

impl Model {
    /// When a key ends for which this is asked, unless that is too long.
    fn end(&self, asked: Option<Option<u64>>) -> Result<Option<i64>, ()> {
        let length = asked.unwrap_or(self.default_expiry);
        let is_too_long = self
            .max_expiry
            .is_some_and(|max| length.is_none_or(|length| length > max));
        if is_too_long || length == Some(0) {
            return Err(());
        }
        Ok(length.map(|length| self.now + length as i64))
    }

    fn live_count(&self, target: &str) -> usize {
        let is_counted = |key: &&Modelled| {
            key.is_live(self.now) && key.targets().iter().any(|own| own == target)
        };
        self.keys.iter().filter(is_counted).count()
    }

    fn has_room(&self, targets: &[String]) -> bool {
        let has_room = |target: &String| {
            self.limit
                .is_none_or(|limit| self.live_count(target) < limit as usize)
        };
        targets.iter().all(has_room)
    }

    fn create(
        &mut self,
        reach: &Reach,
        scopes: &[&'static str],
        expiry: Option<Option<u64>>,
    ) -> Result<Modelled, ()> {
        let key = Modelled {
            id: KeyId::generate().unwrap(),
            token: String::new(),
            reach: reach.clone(),
            scopes: scopes.iter().copied().collect(),
            born: self.now,
            used: self.now,
            is_used: false,
            end: self.end(expiry)?,
            is_disabled: false,
            revoked: None,
            is_replaced: false,
            is_pruned: false,
        };
        if self.has_room(&key.targets()) {
            Ok(key)
        } else {
            Err(())
        }
    }

    /// The successor, and the old key as it is left.
    fn rotate(
        &self,
        old: &Modelled,
        grace: Option<u64>,
        expiry: Option<Option<u64>>,
    ) -> Result<(Modelled, Modelled), ()> {
        if old.state(self.now) != State::Active || old.is_replaced || old.is_pruned {
            return Err(());
        }
        let life = old.end.map(|end| (end - old.born) as u64);
        let successor = Modelled {
            born: self.now,
            used: self.now,
            is_used: false,
            end: self.end(Some(expiry.unwrap_or(life)))?,
            ..old.clone()
        };
        let mut left = Modelled {
            is_replaced: true,
            ..old.clone()
        };
        match grace {
            None | Some(0) => left.revoked = Some(self.now),
            Some(grace) => {
                let end = self.now + grace as i64;
                left.end = Some(old.end.map_or(end, |own| own.min(end)));
            }
        }
        Ok((successor, left))
    }

    fn switch(&self, key: &Modelled, to: Switch) -> Result<Modelled, ()> {
        match (key.state(self.now), to) {
            _ if key.is_pruned => Err(()),
            (State::Revoked, _) | (State::Expired, Switch::Disabled) => Err(()),
            (_, to) => Ok(Modelled {
                is_disabled: to == Switch::Disabled,
                ..key.clone()
            }),
        }
    }

    fn edit(
        &self,
        key: &Modelled,
        expiry: Option<Option<u64>>,
        added: &[&'static str],
        removed: &[&'static str],
    ) -> Result<Modelled, ()> {
        if key.is_pruned || key.is_replaced || key.revoked.is_some() {
            return Err(());
        }
        let mut edited = key.clone();
        edited.scopes.extend(added);
        edited.scopes.retain(|scope| !removed.contains(scope));
        if edited.scopes.is_empty() {
            return Err(());
        }
        if expiry.is_some() {
            edited.end = self.end(expiry)?;
        }
        let lives_again = edited.is_live(self.now) && !key.is_live(self.now);
        if lives_again && !self.has_room(&key.targets()) {
            return Err(());
        }
        Ok(edited)
    }

    /// Revokes, or for a dataset that is gone, unbinds.
    fn revoke_where(&mut self, gone: Option<&str>, fits: impl Fn(&Modelled, i64) -> bool) {
        let now = self.now;
        for key in &mut self.keys {
            if key.is_pruned || key.revoked.is_some() || !fits(key, now) {
                continue;
            }
            match (&mut key.reach, gone) {
                (Reach::Datasets(ids), Some(gone)) if ids.len() > 1 => {
                    ids.remove(gone);
                }
                _ => key.revoked = Some(now),
            }
        }
    }
}

/// The library, doing the same.
struct Subject {
    registry: Registry,
    verifier: Verifier,
    toucher: Verifier,
    _site: Site,
}

impl Subject {
    fn new() -> Subject {
        let site = Site::new();
        let location = site.location();
        let registry = Registry::create(&location, "model".parse().unwrap(), at(START)).unwrap();
        let verifier = || Verifier::open(&location, Workspace::default()).unwrap();
        Subject {
            registry,
            verifier: verifier().without_touch(),
            toucher: verifier(),
            _site: site,
        }
    }

    /// The id and the token of what was issued.
    fn create(
        &mut self,
        reach: &Reach,
        scopes: &[&str],
        expiry: Option<Option<u64>>,
        now: i64,
    ) -> Result<(KeyId, String), Error> {
        let request = IssueRequest {
            workspace: Workspace::default(),
            access: match reach {
                Reach::Datasets(ids) => {
                    let ids = ids.iter().map(|id| id.parse().unwrap());
                    Access::Datasets(Datasets::new(ids).unwrap())
                }
                Reach::All => Access::AllDatasets,
                Reach::App => Access::App("app".parse().unwrap()),
            },
            name: None,
            description: None,
            scopes: Scopes::new(scopes.iter().map(|scope| scope.parse().unwrap())).unwrap(),
            expiry: expiry.map(asked),
            dry_run: false,
        };
        let mut text = String::new();
        let key = self.registry.issue(&request, at(now), |_, token| {
            text = token.expose().to_owned();
            Ok(())
        })?;
        Ok((key.id, text))
    }

    fn rotate(
        &mut self,
        id: &KeyId,
        grace: Option<u64>,
        expiry: Option<Option<u64>>,
        now: i64,
    ) -> Result<(KeyId, String), Error> {
        let request = RotateRequest {
            workspace: Workspace::default(),
            selector: Selector::Id(id.clone()),
            grace: grace.map(Lifetime::from_seconds),
            expiry: expiry.map(asked),
            dry_run: false,
        };
        let mut text = String::new();
        let rotation = self.registry.rotate(&request, at(now), |_, token| {
            text = token.expose().to_owned();
            Ok(())
        })?;
        Ok((rotation.key.id, text))
    }

    fn revoke_matching(&mut self, matching: Matching, now: i64) {
        let request = RevokeMatchingRequest {
            workspace: Workspace::default(),
            matching,
            agreed: None,
            expected_count: None,
            reason: None,
            dry_run: false,
        };
        self.registry
            .revoke_matching(&request, at(now), |_| {})
            .unwrap();
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn asked(length: Option<u64>) -> Expiry {
    length.map_or(Expiry::Never, |length| {
        Expiry::After(Lifetime::from_seconds(length))
    })
}

fn keys_matching(app: bool, expired: bool, unused_for: Option<u64>) -> Matching {
    Matching::Keys {
        app: app.then(|| "app".parse().unwrap()),
        expired,
        unused_for: unused_for.map(Lifetime::from_seconds),
    }
}

/// Does the same to both, and holds whether it was allowed against the model.
fn run(model: &mut Model, subject: &mut Subject, op: &Op) {
    let now = model.now;
    let count = model.keys.len();
    let chosen = |key: &usize| (count > 0).then(|| key % count);
    match op {
        Op::Wait(seconds) => model.now += seconds,
        Op::Create {
            reach,
            scopes,
            expiry,
        } => {
            let expected = model.create(reach, scopes, *expiry);
            let done = subject.create(reach, scopes, *expiry, now);
            let Some((key, (id, token))) = agreed(expected, done) else {
                return;
            };
            model.keys.push(Modelled { id, token, ..key });
        }
        Op::Use(key) => {
            let Some(index) = chosen(key) else { return };
            let key = &mut model.keys[index];
            subject
                .toucher
                .verify(&key.token, &Need::default(), at(now))
                .unwrap();
            let is_due = !key.is_used || now - key.used >= (model.use_interval as i64).max(1);
            if !key.is_pruned && key.state(now) == State::Active && is_due {
                key.used = now;
                key.is_used = true;
            }
        }
        Op::Rotate { key, grace, expiry } => {
            let Some(index) = chosen(key) else { return };
            let old = model.keys[index].clone();
            let expected = model.rotate(&old, *grace, *expiry);
            let done = subject.rotate(&old.id, *grace, *expiry, now);
            let Some(((successor, left), (id, token))) = agreed(expected, done) else {
                return;
            };
            model.keys[index] = left;
            model.keys.push(Modelled {
                id,
                token,
                ..successor
            });
        }
        Op::Switch { key, to } => {
            let Some(index) = chosen(key) else { return };
            let expected = model.switch(&model.keys[index], *to);
            let request = SwitchRequest {
                workspace: Workspace::default(),
                selectors: vec![Selector::Id(model.keys[index].id.clone())],
                to: *to,
                reason: None,
            };
            let done = subject.registry.switch(&request, at(now));
            if let Some((key, _)) = agreed(expected, done) {
                model.keys[index] = key;
            }
        }
        Op::Edit {
            key,
            expiry,
            added,
            removed,
        } => {
            let Some(index) = chosen(key) else { return };
            let expected = model.edit(&model.keys[index], *expiry, added, removed);
            let scopes = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
            let request = EditRequest {
                workspace: Workspace::default(),
                selector: Selector::Id(model.keys[index].id.clone()),
                name: None,
                description: None,
                expiry: expiry.map(asked),
                added_scopes: scopes(added),
                removed_scopes: scopes(removed),
                dry_run: false,
            };
            let done = subject.registry.edit(&request, at(now));
            if let Some((key, _)) = agreed(expected, done) {
                model.keys[index] = key;
            }
        }
        Op::Revoke(key) => {
            let Some(index) = chosen(key) else { return };
            let key = &mut model.keys[index];
            let request = RevokeRequest {
                workspace: Workspace::default(),
                token_workspace: None,
                selections: vec![Selection::Key(Selector::Id(key.id.clone()))],
                reason: None,
                if_exists: true,
                expected_count: None,
                dry_run: false,
            };
            subject.registry.revoke(&request, at(now)).unwrap();
            if !key.is_pruned {
                key.revoked = key.revoked.or(Some(now));
            }
        }
        Op::RevokeApp => {
            subject.revoke_matching(keys_matching(true, false, None), now);
            model.revoke_where(None, |key, _| key.reach == Reach::App);
        }
        Op::RevokeExpired => {
            subject.revoke_matching(keys_matching(false, true, None), now);
            model.revoke_where(None, |key, now| key.state(now) == State::Expired);
        }
        Op::RevokeUnused(length) => {
            subject.revoke_matching(keys_matching(false, false, Some(*length)), now);
            // A use may be left out for a day.
            let since = |key: &Modelled| key.used + if key.is_used { 86_400 } else { 0 };
            model.revoke_where(None, |key, now| since(key) <= now - *length as i64);
        }
        Op::DatasetGone(id) => {
            subject.revoke_matching(Matching::DatasetGone(id.parse().unwrap()), now);
            model.revoke_where(
                Some(id),
                |key, _| matches!(&key.reach, Reach::Datasets(ids) if ids.contains(id)),
            );
        }
        Op::Prune(length) => {
            let request = PruneRequest {
                workspace: Workspace::default(),
                revoked: true,
                expired: true,
                older_than: Lifetime::from_seconds(*length),
                agreed: None,
                dry_run: false,
            };
            subject.registry.prune(&request, at(now), |_| {}).unwrap();
            let limit = now - *length as i64;
            for key in &mut model.keys {
                let ended = match key.state(now) {
                    State::Revoked => key.revoked,
                    State::Expired => key.end,
                    State::Active | State::Disabled => None,
                };
                key.is_pruned |= ended.is_some_and(|ended| ended <= limit);
            }
        }
        Op::Policy(choice) => {
            subject.registry.set_policy(*choice, at(now)).unwrap();
            match choice {
                Choice::MaxKeysPerTarget(limit) => model.limit = *limit,
                Choice::DefaultExpiry(length) => {
                    model.default_expiry = length.map(Lifetime::as_seconds);
                }
                Choice::MaxExpiry(length) => model.max_expiry = length.map(Lifetime::as_seconds),
                Choice::LastUsedInterval(length) => model.use_interval = length.as_seconds(),
            }
        }
    }
}

/// Both allowed it, or both did not; a fault is neither.
#[track_caller]
fn agreed<M, L>(expected: Result<M, ()>, done: Result<L, Error>) -> Option<(M, L)> {
    match (expected, done) {
        (Ok(expected), Ok(done)) => Some((expected, done)),
        (Err(()), Err(Error::Refused(_) | Error::NoMatch { .. })) => None,
        (Ok(_), Err(error)) => panic!("the library did not allow it: {error}"),
        (Err(()), Err(error)) => panic!("the library failed: {error}"),
        (Err(()), Ok(_)) => panic!("the library allowed it"),
    }
}

fn check_verdicts(model: &Model, subject: &Subject) {
    for key in &model.keys {
        for dataset in [None, Some("a"), Some("c")] {
            for scope in ["read", "write"] {
                let need = Need {
                    target: dataset.map(|id| Target::Dataset(id.parse().unwrap())),
                    scopes: vec![scope.parse().unwrap()],
                };
                let answer = subject
                    .verifier
                    .verify(&key.token, &need, at(model.now))
                    .unwrap();
                let expected = key.verdict(dataset, scope, model.now);
                assert_eq!(answer.verdict, expected, "{key:?}");
                let used_at = answer.key.and_then(|key| key.last_used_at);
                let expected = (key.is_used && !key.is_pruned).then(|| at(key.used));
                assert_eq!(used_at, expected, "{key:?}");
            }
        }
    }
}

fn any_expiry() -> impl Strategy<Value = Option<Option<u64>>> {
    let length = prop_oneof![1u64..8, 1u64..40];
    prop::option::weighted(0.7, prop::option::weighted(0.9, length))
}

fn any_reach() -> impl Strategy<Value = Reach> {
    let dataset = prop::sample::select(vec!["a", "b", "c"]);
    prop_oneof![
        4 => prop::collection::btree_set(dataset, 1..3).prop_map(Reach::Datasets),
        1 => Just(Reach::All),
        1 => Just(Reach::App),
    ]
}

fn any_scopes() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(vec!["full", "read", "write"], 1..3)
}

/// Mostly none: an edit that would leave no scope hides what else it is about.
fn few_scopes() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![3 => Just(Vec::new()), 1 => any_scopes()]
}

fn any_choice() -> impl Strategy<Value = Choice> {
    let length = || prop::option::of((5u64..40).prop_map(Lifetime::from_seconds));
    prop_oneof![
        prop::option::weighted(0.9, 1u32..4).prop_map(Choice::MaxKeysPerTarget),
        length().prop_map(Choice::DefaultExpiry),
        length().prop_map(Choice::MaxExpiry),
        (0u64..10).prop_map(|length| Choice::LastUsedInterval(Lifetime::from_seconds(length))),
    ]
}

fn any_op() -> impl Strategy<Value = Op> {
    let key = || 0usize..1_000;
    let short = || 0u64..20;
    let switch = prop::sample::select(vec![Switch::Disabled, Switch::Enabled]);
    let dataset = prop::sample::select(vec!["a", "b", "c"]);
    prop_oneof![
        8 => (1i64..12).prop_map(Op::Wait),
        8 => (any_reach(), any_scopes(), any_expiry())
            .prop_map(|(reach, scopes, expiry)| Op::Create { reach, scopes, expiry }),
        3 => key().prop_map(Op::Use),
        5 => (key(), prop::option::of(short()), any_expiry())
            .prop_map(|(key, grace, expiry)| Op::Rotate { key, grace, expiry }),
        5 => (key(), switch).prop_map(|(key, to)| Op::Switch { key, to }),
        8 => (key(), any_expiry(), few_scopes(), few_scopes())
            .prop_map(|(key, expiry, added, removed)| Op::Edit { key, expiry, added, removed }),
        3 => key().prop_map(Op::Revoke),
        1 => Just(Op::RevokeApp),
        1 => Just(Op::RevokeExpired),
        1 => (15u64..40).prop_map(Op::RevokeUnused),
        1 => dataset.prop_map(Op::DatasetGone),
        1 => short().prop_map(Op::Prune),
        1 => any_choice().prop_map(Op::Policy),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::LIVES, ..ProptestConfig::default() })]

    #[test]
    fn keys_live_as_the_model_says(ops in prop::collection::vec(any_op(), LENGTH)) {
        let mut model = Model {
            now: START,
            keys: Vec::new(),
            limit: Some(1),
            default_expiry: None,
            max_expiry: None,
            use_interval: 5,
        };
        let mut subject = Subject::new();
        let limit = Choice::MaxKeysPerTarget(model.limit);
        subject.registry.set_policy(limit, at(START)).unwrap();
        let interval = Lifetime::from_seconds(model.use_interval);
        subject.registry.set_policy(Choice::LastUsedInterval(interval), at(START)).unwrap();
        let mut kept: Option<KeptHead> = None;
        for op in &ops {
            let targets = ["a", "b", "c", "*", "app"];
            let before = targets.map(|target| model.live_count(target));
            run(&mut model, &mut subject, op);
            check_verdicts(&model, &subject);
            for (target, before) in targets.into_iter().zip(before) {
                // A limit that is lowered ends no key, but lets no more in.
                let most = model.limit.map_or(usize::MAX, |limit| before.max(limit as usize));
                prop_assert!(model.live_count(target) <= most, "{target} after {op:?}");
            }
            let checked = subject.registry.audit(kept.as_ref()).unwrap();
            let rows = model.keys.iter().filter(|key| !key.is_pruned).count();
            prop_assert_eq!(checked.key_count, rows as u64);
            if kept.is_none() && checked.head.seq > 10 {
                kept = checked.head.hash.map(|hash| hash.to_string().parse().unwrap());
            }
        }
        // The log has every key's beginning, and its end where it was pruned.
        for key in &model.keys {
            let history = subject.registry.history(&key.id).unwrap();
            prop_assert_eq!(history[0].entry.action, Action::Issued);
            let is_pruned = history.iter().any(|event| event.entry.action == Action::Pruned);
            prop_assert_eq!(is_pruned, key.is_pruned);
        }
        let mut count = 0;
        let every = EventFilter::default();
        subject.registry.events(&every, |_| { count += 1; std::ops::ControlFlow::Continue(()) }).unwrap();
        prop_assert_eq!(count, subject.registry.head().unwrap().seq);
    }
}
