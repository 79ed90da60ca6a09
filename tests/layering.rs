//! A file uses its own floor and those below it, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

/// The floors of the library, the lowest first: what each may use besides itself.
const FLOORS: [(&str, &[&str]); 5] = [
    ("domain", &[]),
    ("leak", &["domain"]),
    ("store", &["domain"]),
    ("ops", &["domain", "leak", "store"]),
    ("verifier", &["domain", "store", "ops"]),
];

/// What a floor must not name at all: input and output, other people's crates.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    (
        "domain",
        &[
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
            "rusqlite",
            "serde",
            "clap",
        ],
    ),
    ("leak", &["std::net", "rusqlite", "clap"]),
    (
        "ops",
        &[
            "rusqlite",
            "clap",
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
        ],
    ),
    ("store", &["clap", "serde", "std::process", "std::env"]),
];

/// Where such a name has its one place all the same: what libpq's users expect is
/// read from the environment by what connects.
const ALLOWED: [(&str, &str); 1] = [("src/store/postgres.rs", "std::env")];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries
        .flat_map(|entry| {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                sources(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The file without its tests, which may use what they like, and its comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source can be read");
    let text = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The floor of a file: the first part of its path below `src`.
fn floor(path: &Path) -> String {
    let below = path
        .strip_prefix(root().join("src"))
        .expect("a source is below src");
    let first = below.components().next().expect("a source has a name");
    Path::new(first.as_os_str())
        .with_extension("")
        .display()
        .to_string()
}

fn relative(path: &Path) -> String {
    let relative = path.strip_prefix(root());
    let relative = relative.expect("a source is in the project");
    relative.display().to_string()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn floors_use_those_below_them_only() {
    let mut seen = 0;
    for path in sources(&root().join("src")) {
        let floor = floor(&path);
        let Some((_, below)) = FLOORS.iter().find(|(name, _)| *name == floor) else {
            continue;
        };
        for used in code(&path).split("crate::").skip(1) {
            let used: String = used.chars().take_while(char::is_ascii_lowercase).collect();
            seen += 1;
            assert!(
                used == floor || below.contains(&used.as_str()),
                "{} uses crate::{used}",
                path.display()
            );
        }
    }
    assert!(seen > 10, "the sources were read");
}

#[test]
fn floors_do_not_name_what_is_not_theirs() {
    for path in sources(&root().join("src")) {
        let floor = floor(&path);
        for (_, words) in FORBIDDEN.iter().filter(|(name, _)| *name == floor) {
            for word in *words {
                if ALLOWED.contains(&(relative(&path).as_str(), word)) {
                    continue;
                }
                let uses = code(&path).lines().any(|line| {
                    let is_named = line.contains(&format!("{word}::"))
                        || line.contains(&format!("use {word}"));
                    // Documents of the log are JSON, which no floor writes by hand.
                    is_named && !line.contains("serde_json")
                });
                assert!(!uses, "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn the_clock_the_generator_and_the_secret_have_one_place_each() {
    let cases = [
        ("SystemTime::now", vec!["src/domain/time.rs"]),
        ("SysRng", vec!["src/domain/token.rs"]),
        (".expose()", vec!["src/cli/ui/secret.rs"]),
        (
            "dialoguer::",
            vec!["src/cli/prompt.rs", "src/cli/signals.rs"],
        ),
        (
            "rusqlite::",
            vec!["src/store/sqlite.rs", "src/store/sqlite/"],
        ),
        ("io::stdout()", vec!["src/cli/ui.rs", "src/cli/ui/"]),
        (
            "io::stderr()",
            vec!["src/cli/ui.rs", "src/cli/ui/", "src/cli/prompt.rs"],
        ),
    ];
    for (word, places) in cases {
        let mut found = false;
        for path in sources(&root().join("src")) {
            let relative = path
                .strip_prefix(root())
                .expect("a source is in the project");
            if code(&path).contains(word) {
                found = true;
                let is_its_place = places.iter().any(|place| {
                    relative == Path::new(place)
                        || (place.ends_with('/') && relative.starts_with(place))
                });
                assert!(is_its_place, "{} uses {word}", relative.display());
            }
        }
        assert!(found, "{word} is used nowhere");
    }
}

/// The standard library panics where it cannot seed one, and a key must be
/// revoked all the same when the system's random generator fails.
#[test]
fn nothing_is_kept_in_a_hash_map() {
    for path in sources(&root().join("src")) {
        for word in ["HashMap", "HashSet"] {
            let is_used = code(&path).contains(word);
            assert!(!is_used, "{} uses {word}", path.display());
        }
    }
}

#[test]
fn main_stays_small() {
    let main = fs::read_to_string(root().join("src/main.rs")).expect("main.rs is there");
    assert!(main.lines().count() <= 30);
}
