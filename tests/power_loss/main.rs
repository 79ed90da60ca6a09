//! A loss of power at any moment: what a command had acknowledged is there when
//! the machine is back.
//!
//! `recording` runs one of the `workloads` under strace, and `trace` reads of each
//! call that changed a file or synced one. `disk` tells what may be left of the
//! files, by the `fate` of each change; `survivors` holds that against what was
//! acknowledged, and against the `history` of each store.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "../support/campaign.rs"]
mod campaign;
mod disk;
mod fate;
mod history;
mod recording;
mod stores;
mod survivors;
mod trace;
#[path = "../support/weakened.rs"]
#[expect(dead_code, reason = "other tests take other safeguards away")]
mod weakened;
mod workload;
mod workloads;

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use rand::RngExt;
use rand::rngs::SmallRng;
use rand::seq::index::sample;

use disk::{Disk, Draw, Files, Folders};
use survivors::Truth;
use trace::{Call, What};
use workload::{Step, Workload};
use workloads::{alone, long, on_a_server, restored, shared};

/// What became of the states that were tried.
#[derive(Default)]
struct Survey {
    call_count: usize,
    /// How often the store's log began, or began anew.
    log_count: usize,
    state_count: usize,
    losses: Vec<String>,
}

/// How often power is lost: at any moment, with any part of what was pending; and
/// where what is pending changes, with nothing of it or with all.
struct Draws {
    random: usize,
    extreme: usize,
}

#[test]
fn what_was_acknowledged_survives_a_loss_of_power() {
    let workloads = [
        alone(),
        shared(),
        on_a_server(),
        long(),
        restored(false, false),
        restored(true, false),
        restored(true, true),
    ];
    for workload in workloads {
        let draws = Draws {
            random: campaign::size(40, 2000),
            extreme: campaign::size(60, usize::MAX),
        };
        let survey = survey(&workload, untouched(), Folders::Synced, &draws);
        assert_eq!(survey.losses, Vec::<String>::new());
        assert!(workload.log_counts.contains(&survey.log_count));
    }
}

const EXTREMES: Draws = Draws {
    random: 0,
    extreme: usize::MAX,
};

#[test]
fn commits_that_are_not_synced_are_found_to_be_lost() {
    let folder = tempfile::tempdir().unwrap();
    let program = weakened::weakened(folder.path(), weakened::UNSYNCED);
    let survey = survey(&shared(), &program, Folders::Synced, &EXTREMES);
    assert!(!survey.losses.is_empty());
}

#[test]
fn names_that_are_not_synced_are_found_to_be_lost() {
    let survey = survey(&alone(), untouched(), Folders::SyncedAtFirst, &EXTREMES);
    assert!(!survey.losses.is_empty());
}

fn untouched() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_keyctl"))
}

fn figures(workload: &Workload, survey: &Survey) -> String {
    format!(
        "{}: {} states after {} calls, {} logs, {} losses",
        workload.title,
        survey.state_count,
        survey.call_count,
        survey.log_count,
        survey.losses.len()
    )
}

/// Runs a workload once, and loses power in it as often as `draws` says.
fn survey(workload: &Workload, program: &Path, folders: Folders, draws: &Draws) -> Survey {
    let recording = recording::record(workload, program);
    let truth = Truth::of(workload, &recording);
    assert_all_were_done(&workload.steps, &recording.calls);
    let mut generator = campaign::generator();
    let moments = moments(&recording.calls, draws, &mut generator);
    let mut disk = Disk::new(&recording.root, folders);
    let mut acknowledged = BTreeSet::new();
    let mut seen = HashSet::new();
    let mut survey = Survey {
        call_count: recording.calls.len(),
        log_count: recording
            .calls
            .iter()
            .filter(|call| call.begins_log())
            .count(),
        ..Survey::default()
    };
    for (index, call) in recording.calls.iter().enumerate() {
        disk.apply(call);
        if let What::Acknowledged { step } | What::Ended { step, code: 0 } = call.what {
            acknowledged.insert(step);
            disk.first_step_is_done();
        }
        for draw in &moments[index] {
            let files = disk.after_loss(*draw, &mut generator);
            if !seen.insert(fingerprint(&files, &acknowledged)) {
                continue;
            }
            survey.state_count += 1;
            if let Err(loss) = truth.check(&files, &acknowledged, survey.state_count) {
                let loss = format!("after call {index}, {draw:?}: {loss}");
                survey.losses.push(loss);
            }
        }
    }
    // The model of the disk is right about a life without any loss.
    assert!(disk.live() == recording.files, "calls were not understood");
    campaign::report(&figures(workload, &survey));
    survey
}

fn assert_all_were_done(steps: &[Step], calls: &[Call]) {
    let done: BTreeSet<usize> = calls
        .iter()
        .filter_map(|call| match call.what {
            What::Ended { step, code: 0 } => Some(step),
            _ => None,
        })
        .collect();
    let undone: Vec<&str> = steps
        .iter()
        .enumerate()
        .filter(|(number, _)| !done.contains(number))
        .map(|(_, step)| &*step.command)
        .collect();
    assert_eq!(undone, Vec::<&str>::new(), "these failed");
}

/// For each call, how power is lost after it.
fn moments(calls: &[Call], draws: &Draws, generator: &mut SmallRng) -> Vec<Vec<Draw>> {
    let mut moments = vec![Vec::new(); calls.len()];
    for _ in 0..draws.random {
        moments[generator.random_range(0..calls.len())].push(Draw::Random);
    }
    let extremes = extremes(calls);
    let count = draws.extreme.min(extremes.len());
    for index in sample(generator, extremes.len(), count) {
        let (call, draw) = extremes[index];
        moments[call].push(draw);
    }
    moments
}

fn extremes(calls: &[Call]) -> Vec<(usize, Draw)> {
    let mut extremes = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        match call.what {
            // All that is pending is the most just before it is made durable,
            // and what is durable changes only then.
            What::Sync { .. } => extremes.extend([
                (index.saturating_sub(1), Draw::Everything),
                (index, Draw::Nothing),
            ]),
            What::Acknowledged { .. } | What::Ended { .. } => {
                extremes.extend([(index, Draw::Nothing), (index, Draw::Everything)]);
            }
            _ => {}
        }
    }
    extremes
}

fn fingerprint(files: &Files, acknowledged: &BTreeSet<usize>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (files, acknowledged).hash(&mut hasher);
    hasher.finish()
}
