//! A loss of power at any moment: what a command had acknowledged is there when
//! the machine is back.
//!
//! `recording` runs the program and notes each call that changes a file or syncs
//! one; `disk` tells what may be left of them, and `survivors` holds that against
//! what had been acknowledged by then.

#![expect(clippy::unwrap_used, reason = "a failed test says enough")]

#[path = "../support/campaign.rs"]
mod campaign;
mod disk;
mod recording;
mod survivors;
#[path = "../support/weakened.rs"]
#[expect(dead_code, reason = "other tests take other safeguards away")]
mod weakened;
mod workload;

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use rand::RngExt;
use rand::rngs::SmallRng;

use disk::{Disk, Draw, Files, Folders};
use recording::{Call, What};
use survivors::Truth;
use workload::{ALONE, SHARED, Step, Workload};

/// What became of the states that were tried.
#[derive(Default)]
struct Survey {
    call_count: usize,
    state_count: usize,
    losses: Vec<String>,
}

#[test]
fn what_was_acknowledged_survives_a_loss_of_power() {
    let draws = campaign::size(90, 2000);
    for workload in [&ALONE, &SHARED] {
        let survey = survey(workload, untouched(), Folders::Synced, draws);
        campaign::report(&figures(workload, &survey));
        assert_eq!(survey.losses, Vec::<String>::new());
    }
}

#[test]
fn commits_that_are_not_synced_are_found_to_be_lost() {
    let folder = tempfile::tempdir().unwrap();
    let program = weakened::weakened(folder.path(), weakened::UNSYNCED);
    let survey = survey(&SHARED, &program, Folders::Synced, 0);
    campaign::report(&figures(&SHARED, &survey));
    assert!(!survey.losses.is_empty());
}

#[test]
fn names_that_are_not_synced_are_found_to_be_lost() {
    let survey = survey(&ALONE, untouched(), Folders::Ignored, 0);
    campaign::report(&figures(&ALONE, &survey));
    assert!(!survey.losses.is_empty());
}

fn untouched() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_keyctl"))
}

fn figures(workload: &Workload, survey: &Survey) -> String {
    format!(
        "{}: {} states after {} calls, {} losses",
        workload.title,
        survey.state_count,
        survey.call_count,
        survey.losses.len()
    )
}

/// Runs a workload once, and loses power in it at `draws` random moments, and
/// with nothing and with all of what was pending wherever that changes.
fn survey(workload: &Workload, program: &Path, folders: Folders, draws: usize) -> Survey {
    let recording = recording::record(workload, program);
    let truth = Truth::of(workload, &recording);
    assert_all_were_done(workload.steps, &recording.calls);
    let mut generator = campaign::generator();
    let moments = moments(&recording.calls, draws, &mut generator);
    let mut disk = Disk::new(&recording.root, folders);
    let mut acknowledged = BTreeSet::new();
    let mut seen = HashSet::new();
    let mut survey = Survey {
        call_count: recording.calls.len(),
        ..Survey::default()
    };
    for (index, call) in recording.calls.iter().enumerate() {
        disk.apply(call);
        if let What::Acknowledged { step } | What::Ended { step, code: 0 } = call.what {
            acknowledged.insert(step);
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
        .map(|(_, step)| step.command)
        .collect();
    assert_eq!(undone, Vec::<&str>::new(), "these failed");
}

/// For each call, how power is lost after it.
fn moments(calls: &[Call], draws: usize, generator: &mut SmallRng) -> Vec<Vec<Draw>> {
    let mut moments = vec![Vec::new(); calls.len()];
    for _ in 0..draws {
        moments[generator.random_range(0..calls.len())].push(Draw::Random);
    }
    for (index, call) in calls.iter().enumerate() {
        // All that was pending is the most just before it is made durable, and
        // what is durable changes only then.
        if matches!(call.what, What::Sync { .. }) {
            moments[index].push(Draw::Nothing);
            moments[index.saturating_sub(1)].push(Draw::Everything);
        }
        if matches!(call.what, What::Acknowledged { .. } | What::Ended { .. }) {
            moments[index].extend([Draw::Nothing, Draw::Everything]);
        }
    }
    moments
}

fn fingerprint(files: &Files, acknowledged: &BTreeSet<usize>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (files, acknowledged).hash(&mut hasher);
    hasher.finish()
}
