//! Scripts in a mount namespace of their own, where a small file system can be
//! mounted that nobody else sees.

use std::collections::BTreeMap;
use std::fs;

use super::require;
use super::support::Sandbox;

/// What scripts can say. `step NAME COMMAND…` runs a command and notes how it
/// ended; `fill` leaves no room in `mnt`, and `leave BYTES` that much; between
/// `hold` and `let_go` a process has the store open.
const WORDS: &str = r#"
    mkdir -p said mnt
    step() {
        name=$1; shift
        code=0
        "$@" > "said/$name.out" 2> "said/$name.err" < /dev/null || code=$?
        echo "$code" > "said/$name.code"
    }
    fill() {
        dd if=/dev/zero of=mnt/filler bs=64k oflag=append conv=notrunc 2> /dev/null || true
        dd if=/dev/zero of=mnt/filler bs=1k oflag=append conv=notrunc 2> /dev/null || true
    }
    leave() { fill; truncate -s "-$1" mnt/filler; }
    hold() {
        mkfifo gate
        "$keyctl" verify --batch --app web < gate > answers & holder=$!
        exec 3> gate
        for _ in $(seq 200); do test -e mnt/keys.db-shm && break; sleep 0.05; done
        test -e mnt/keys.db-shm
    }
    let_go() { exec 3>&-; wait "$holder"; rm gate; }
    mount_of() { mount -t tmpfs -o "size=$1,mode=700" tmpfs mnt; }
    export KEYCTL_STORE="$PWD/mnt/keys.db"
"#;

/// How a step ended.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The steps of a script, by their names.
pub(crate) struct Steps(BTreeMap<String, Step>);

impl Steps {
    #[track_caller]
    pub(crate) fn expect(&self, name: &str, code: i32) -> &Step {
        let step = self.0.get(name).unwrap_or_else(|| panic!("no step {name}"));
        assert_eq!(step.code, code, "{name}: {}", step.stderr);
        step
    }

    /// All steps whose name begins so.
    pub(crate) fn of(&self, beginning: &str) -> impl Iterator<Item = (&str, &Step)> {
        let fits = move |(name, _): &(&String, &Step)| name.starts_with(beginning);
        self.0
            .iter()
            .filter(fits)
            .map(|(name, step)| (name.as_str(), step))
    }
}

/// Runs a script with `$keyctl`, in a home of its own. What it mounts is gone
/// with it.
pub(crate) fn run_mounting(script: &str) -> Steps {
    require("unshare", "util-linux");
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-euc"])
        .arg(format!("{WORDS}\n{script}"))
        .env("keyctl", env!("CARGO_BIN_EXE_keyctl"));
    let run = sandbox.finish(command, b"");
    assert!(
        !run.stderr.starts_with("unshare:"),
        "this test needs a user namespace, and the system refuses it: {}",
        run.stderr
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = |name: &str, ending: &str| {
        let path = sandbox.home().join(format!("said/{name}.{ending}"));
        fs::read_to_string(path).unwrap()
    };
    let entries = fs::read_dir(sandbox.home().join("said")).unwrap();
    let names = entries.filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(".code").map(str::to_owned)
    });
    let steps = names.map(|name| {
        let step = Step {
            code: said(&name, "code").trim().parse().unwrap(),
            stdout: said(&name, "out"),
            stderr: said(&name, "err"),
        };
        (name, step)
    });
    Steps(steps.collect())
}
