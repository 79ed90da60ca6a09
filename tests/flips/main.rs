//! One bit of a store's files turned over: whatever it was, either nothing that
//! the store shows is another, or the audit says so.
//!
//! A log beside the store that lost its end is a store as it was some commands
//! ago, which only a head kept elsewhere shows.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "../support/campaign.rs"]
mod campaign;
mod looks;
mod original;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use keyctl::Verdict;
use rand::RngExt;

use campaign::{generator, report, size};
use looks::Looks;
use original::{FILES, Original};

/// How long one store may be looked at before that counts as hanging.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Which bit of which file.
#[derive(Debug, Clone, Copy)]
struct Flip {
    file: usize,
    byte: usize,
    bit: u8,
}

/// What must find what is amiss.
type Guard = fn(&Looks) -> &Option<String>;

/// What became of the flips.
#[derive(Debug, Default)]
struct Tally {
    flips: usize,
    found: usize,
    /// Nothing that is shown is another.
    harmless: usize,
    /// Something is another, and the guard says nothing: the flips, and whether
    /// the store is just an older one.
    unnoticed: Vec<(Flip, bool)>,
    /// What did not come to an end, or not to a good one.
    broken: Vec<(Flip, &'static str)>,
    /// How often a holder was let in who should get this verdict.
    let_in: BTreeMap<&'static str, usize>,
    /// The same, where the store is just an older one.
    let_in_by_age: BTreeMap<&'static str, usize>,
}

/// Turns over one bit after the other, each in a copy of its own.
fn campaign(original: Original, flips: Vec<Flip>, guard: Guard) -> Tally {
    let original = Arc::new(original);
    let mut tally = Tally {
        flips: flips.len(),
        ..Tally::default()
    };
    for flip in flips {
        match looks_after(&original, flip) {
            Ok(looks) => tally.count(&original, flip, &looks, guard),
            Err(end) => tally.broken.push((flip, end)),
        }
    }
    tally
}

fn looks_after(original: &Arc<Original>, flip: Flip) -> Result<Looks, &'static str> {
    let folder = tempfile::tempdir().unwrap();
    let mut files = original.files.clone();
    files[flip.file][flip.byte] ^= 1 << flip.bit;
    let path = original.copy_to(folder.path(), &files);
    let (sender, receiver) = channel();
    let original = Arc::clone(original);
    // What hangs is left behind; it ends with the tests.
    thread::spawn(move || drop(sender.send(Looks::at(&path, &original))));
    receiver
        .recv_timeout(TIME_LIMIT)
        .map_err(|error| match error {
            RecvTimeoutError::Disconnected => "panicked",
            RecvTimeoutError::Timeout => "hangs",
        })
}

impl Tally {
    fn count(&mut self, original: &Original, flip: Flip, looks: &Looks, guard: Guard) {
        let truth = &original.truth;
        let is_same = looks.shown == truth.shown && looks.verdicts == truth.verdicts;
        let is_older = is_older(looks, truth);
        match (guard(looks), is_same) {
            (Some(_), _) => self.found += 1,
            (None, true) => self.harmless += 1,
            (None, false) => self.unnoticed.push((flip, is_older)),
        }
        for (verdict, true_verdict) in looks.verdicts.iter().zip(&truth.verdicts) {
            let expected = true_verdict.as_ref().unwrap();
            if *verdict == Ok(Verdict::Valid) && *expected != Verdict::Valid {
                let let_in = match is_older {
                    true => &mut self.let_in_by_age,
                    false => &mut self.let_in,
                };
                *let_in.entry(expected.as_str()).or_default() += 1;
            }
        }
    }

    fn told(&self, what: &str) {
        let Tally {
            flips,
            found,
            harmless,
            let_in,
            let_in_by_age,
            ..
        } = self;
        report(&format!(
            "{what}: {flips} bits, {found} found by the audit, {harmless} without effect, {} \
             unnoticed, {} panics or hangs; asked without an audit, let in where it should \
             say: {let_in:?}, in a store that lost its last commits: {let_in_by_age:?}",
            self.unnoticed.len(),
            self.broken.len(),
        ));
    }

    #[track_caller]
    fn expect_nothing_unnoticed(&self) {
        assert!(self.broken.is_empty(), "{:?}", self.broken);
        assert!(self.unnoticed.is_empty(), "{:?}", self.unnoticed);
        for let_in in [&self.let_in, &self.let_in_by_age] {
            let strangers = let_in.get(Verdict::NotFound.as_str());
            assert_eq!(strangers, None, "a token that nobody issued is none");
        }
        let revoked = self.let_in.get(Verdict::Revoked.as_str());
        assert_eq!(revoked, None, "no bit undoes a revocation by itself");
    }
}

/// Whether the store is one that was intact once, before its last changes.
fn is_older(looks: &Looks, truth: &Looks) -> bool {
    let (Some(shown), Some(whole), None) = (&looks.shown, &truth.shown, &looks.audit) else {
        return false;
    };
    shown.events.len() < whole.events.len() && whole.events.starts_with(&shown.events)
}

/// Bits from anywhere in the files.
fn anywhere(original: &Original, count: usize) -> Vec<Flip> {
    let mut dice = generator();
    let total: usize = original.files.iter().map(Vec::len).sum();
    let flip = |_| {
        let (mut file, mut byte) = (0, dice.random_range(0..total));
        while byte >= original.files[file].len() {
            byte -= original.files[file].len();
            file += 1;
        }
        let bit = dice.random_range(0..8);
        Flip { file, byte, bit }
    };
    (0..count).map(flip).collect()
}

/// Bits of what the files begin with: SQLite's header and the page of the
/// schema's beginning, the header of the log and that of its first frame.
fn headers(original: &Original, count: usize) -> Vec<Flip> {
    const LENGTHS: [usize; FILES.len()] = [116, 56];
    let mut dice = generator();
    let flip = |_| {
        let file = dice.random_range(0..original.files.len());
        let byte = dice.random_range(0..LENGTHS[file]);
        let bit = dice.random_range(0..8);
        Flip { file, byte, bit }
    };
    (0..count).map(flip).collect()
}

#[test]
fn no_bit_of_a_closed_store_turns_unnoticed() {
    let original = Original::closed();
    let flips = anywhere(&original, size(300, 10_000));
    let tally = campaign(original, flips, |looks| &looks.audit);
    tally.told("a closed store");
    tally.expect_nothing_unnoticed();
}

#[test]
fn no_bit_of_an_open_store_turns_unnoticed_where_a_head_is_kept() {
    let original = Original::open();
    let flips = anywhere(&original, size(200, 10_000));
    let tally = campaign(original, flips, |looks| &looks.audit_with_head);
    tally.told("an open store, with a head that was kept");
    tally.expect_nothing_unnoticed();
}

#[test]
fn no_bit_of_a_header_turns_unnoticed_where_a_head_is_kept() {
    for (name, original) in [
        ("a closed", Original::closed()),
        ("an open", Original::open()),
    ] {
        let flips = headers(&original, size(50, 1_000));
        let tally = campaign(original, flips, |looks| &looks.audit_with_head);
        tally.told(&format!("the headers of {name} store"));
        tally.expect_nothing_unnoticed();
    }
}

#[test]
fn without_a_head_that_was_kept_only_lost_commits_go_unnoticed() {
    let original = Original::open();
    let flips = anywhere(&original, size(80, 1_000));
    let tally = campaign(original, flips, |looks| &looks.audit);
    tally.told("control, an open store without a head");
    assert!(!tally.unnoticed.is_empty());
    assert!(tally.unnoticed.iter().all(|(_, is_older)| *is_older));
}

#[test]
fn with_the_check_of_sqlite_alone_bits_turn_unnoticed() {
    let original = Original::closed();
    let flips = anywhere(&original, size(150, 1_000));
    let tally = campaign(original, flips, |looks| &looks.integrity_check);
    tally.told("control, SQLite's integrity_check instead of the audit");
    assert!(!tally.unnoticed.is_empty());
}
