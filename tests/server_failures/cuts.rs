//! A connection that is cut at each message of a command.

use rand::seq::SliceRandom;

use super::campaign::{self, report};
use super::ground::Ground;
use super::operations::{DENIED, Operation, VALID, named};
use super::proxy::{Cut, Moment, Proxy};
use super::support::Run;
use super::wire::{Message, last_commit};

/// How many cuts of an operation are tried in the short form, those of what is told
/// apart at its end aside.
const SHORT: usize = 4;

/// What became of the cuts of an operation.
#[derive(Default)]
struct Figures {
    tried: usize,
    done: usize,
    failed: usize,
}

fn cut_everywhere(name: &str) {
    let operation = named(name);
    let Some(mut ground) = Ground::new(operation) else {
        return;
    };
    let proxy = Proxy::new(&ground.database.url());
    let said = said(&mut ground, operation, &proxy);
    let mut figures = Figures::default();
    let mut losses = Vec::new();
    for cut in drawn(&said) {
        figures.tried += 1;
        let run = run_cut(&ground, operation, &proxy, cut);
        match judge(&mut ground, operation, &run, is_commit(&said, cut)) {
            Ok(true) => figures.done += 1,
            Ok(false) => figures.failed += 1,
            Err(loss) => losses.push(format!(
                "{name}, cut {:?} message {} ({:?}): {loss}",
                cut.moment,
                cut.message,
                said[cut.connection - 1][cut.message - 1]
            )),
        }
        ground.reset();
    }
    report(&format!(
        "{name}: {} messages, {} cuts, done at {}, failed at {}, {} losses",
        said.iter().map(Vec::len).sum::<usize>(),
        figures.tried,
        figures.done,
        figures.failed,
        losses.len()
    ));
    assert!(losses.is_empty(), "{}", losses.join("\n"));
    assert!(figures.done > 0 && figures.failed > 0);
}

/// What the operation says to the server when nothing is cut.
pub(crate) fn said(ground: &mut Ground, operation: &Operation, proxy: &Proxy) -> Vec<Vec<Message>> {
    proxy.arm(None);
    ground
        .run_at(&proxy.url(), operation.args, "")
        .expect_code(0);
    assert_eq!(ground.is_done(operation), Ok(true));
    ground.reset();
    proxy.said()
}

fn run_cut(ground: &Ground, operation: &Operation, proxy: &Proxy, cut: Cut) -> Run {
    proxy.arm(Some(cut));
    let args = [operation.args, &["--json"]].concat();
    ground.run_at(&proxy.url(), &args, "")
}

/// The cuts that are tried: all of them, or some and those of COMMIT.
fn drawn(said: &[Vec<Message>]) -> Vec<Cut> {
    let all = all_cuts(said).into_iter();
    let (mut telling, mut others): (Vec<Cut>, Vec<Cut>) =
        all.partition(|cut| is_commit(said, *cut));
    others.shuffle(&mut campaign::generator());
    others.truncate(campaign::size(SHORT, usize::MAX));
    telling.extend(others);
    telling
}

fn all_cuts(said: &[Vec<Message>]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for (connection, messages) in (1..).zip(said) {
        for (message, sent) in (1..).zip(messages) {
            let cut = |moment| Cut {
                connection,
                message,
                moment,
                is_end: false,
            };
            cuts.extend(moments(sent).into_iter().map(cut));
        }
    }
    cuts
}

fn moments(message: &Message) -> Vec<Moment> {
    let mut moments = vec![Moment::Before, Moment::After];
    if message.is_answered() {
        moments.push(Moment::Answered);
    }
    if message.begins() {
        moments.push(Moment::Terminated);
    }
    moments
}

/// Whether it is at the last COMMIT; to make the tables takes many.
fn is_commit(said: &[Vec<Message>], cut: Cut) -> bool {
    last_commit(said) == (cut.connection, cut.message)
}

/// Whether it was done.
///
/// # Errors
/// What is not as it was said.
fn judge(
    ground: &mut Ground,
    operation: &Operation,
    run: &Run,
    is_commit: bool,
) -> Result<bool, String> {
    let is_done = ground.is_done(operation)?;
    match (run.code, is_done) {
        (0, true) => {}
        (7, false) if code(run) == "connection_lost" || code(run) == "server_unreachable" => {}
        // Others could be asked: nothing is left unknown.
        _ => {
            return Err(format!(
                "exit code {}, done: {is_done}, at COMMIT: {is_commit}; {}",
                run.code, run.stderr
            ));
        }
    }
    look_at_tokens(ground, operation, run, is_done)?;
    if !is_done {
        do_again(ground, operation)?;
    }
    Ok(is_done)
}

/// The code of the failure.
pub(crate) fn code(run: &Run) -> String {
    let line = run.stderr.lines().last().unwrap_or_default();
    let document: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    document["error"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn look_at_tokens(
    ground: &Ground,
    operation: &Operation,
    run: &Run,
    is_done: bool,
) -> Result<(), String> {
    let one = if is_done { operation.one } else { VALID };
    if !operation.is_first && ground.verify(&ground.one) != one {
        return Err(format!(
            "the old token has another verdict, done: {is_done}"
        ));
    }
    let expected = if is_done { VALID } else { DENIED };
    for token in revealed(run) {
        let verdict = ground.verify(&token);
        if verdict != expected && (is_done || verdict != 7) {
            return Err(format!(
                "the new token ends with {verdict}, done: {is_done}"
            ));
        }
    }
    match revealed(run).len() {
        0 | 1 => Ok(()),
        count => Err(format!("{count} tokens were revealed")),
    }
}

/// The tokens that a command has printed.
pub(crate) fn revealed(run: &Run) -> Vec<String> {
    let documents = serde_json::Deserializer::from_str(&run.stdout).into_iter();
    documents
        .map_while(|document: Result<serde_json::Value, _>| document.ok())
        .filter_map(|document| Some(document["token"].as_str()?.to_owned()))
        .collect()
}

/// What is left stands in the way of nothing.
fn do_again(ground: &mut Ground, operation: &Operation) -> Result<(), String> {
    let run = ground.run(operation.args);
    if run.code != 0 {
        return Err(format!("done again, it fails: {}", run.stderr));
    }
    match ground.is_done(operation)? {
        true => Ok(()),
        false => Err("done again, it is not there".to_owned()),
    }
}

#[test]
fn a_creation_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("create");
}

#[test]
fn a_rotation_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("rotate");
}

#[test]
fn a_revocation_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("revoke");
}

#[test]
fn a_disabling_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("disable");
}

#[test]
fn an_edit_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("edit");
}

#[test]
fn an_import_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("import");
}

#[test]
fn an_import_into_nothing_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("import into nothing");
}

#[test]
fn a_policy_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("policy set");
}

#[test]
fn a_pruning_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("prune");
}

#[test]
fn a_first_opening_that_is_cut_is_taken_up_again() {
    cut_everywhere("store init");
}

#[test]
fn a_first_creation_that_is_cut_is_whole_or_not_there() {
    cut_everywhere("create of a first store");
}
