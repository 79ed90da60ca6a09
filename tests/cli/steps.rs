//! What many tests do on their way.

use super::{Run, Sandbox};

/// Issues a key with these arguments; its id and its token.
#[track_caller]
pub(crate) fn issue(sandbox: &Sandbox, args: &[&str]) -> (String, String) {
    let args = [&["create", "--json"], args].concat();
    let run = sandbox.run(&args, "").expect_code(0);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON is printed");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    (text(&document["key"]["id"]), text(&document["token"]))
}

/// What a command with `--json` printed.
#[track_caller]
pub(crate) fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", run.command, run.stdout))
}

/// The id that a name has now.
#[track_caller]
pub(crate) fn id_of(sandbox: &Sandbox, name: &str) -> String {
    let run = sandbox.run(&["show", name, "-o", "id"], "").expect_code(0);
    run.stdout.trim_end().to_owned()
}

/// A field of a key, as documents have it.
#[track_caller]
pub(crate) fn field(sandbox: &Sandbox, key: &str, name: &str) -> serde_json::Value {
    let run = sandbox.run(&["show", key, "--json"], "").expect_code(0);
    json(&run)["key"][name].clone()
}

/// Waits until the clock of whole seconds has moved on.
pub(crate) fn next_second() {
    let now = keyctl::Timestamp::now();
    while keyctl::Timestamp::now() == now {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// How many live keys there are.
#[track_caller]
pub(crate) fn key_count(sandbox: &Sandbox) -> usize {
    let run = sandbox.run(&["list", "-o", "id"], "").expect_code(0);
    run.stdout.lines().count()
}
