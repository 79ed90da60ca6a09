//! The reports in `tests/fixtures/reports`, with tokens in the place of their
//! placeholders, so that nothing in the tree looks like a token.

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// What the placeholders are numbered for, from 1: of which kind each token is.
pub(crate) const PREFIXES: [&str; 5] = ["app", "dataset", "app", "dataset", "dataset"];

/// The folder.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reports")
}

/// The names of the reports, sorted.
pub(crate) fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the fixtures are there");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry.expect("a fixture can be listed").file_name();
        name.into_string().expect("its name is text")
    };
    let is_report = |name: &String| {
        [".json", ".jsonl", ".sarif", ".csv", ".xml"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let mut names: Vec<String> = entries.map(name).filter(is_report).collect();
    names.sort();
    names
}

/// The report of this name, about these tokens: one for each of [`PREFIXES`].
pub(crate) fn report(name: &str, tokens: &[String]) -> String {
    let text = fs::read_to_string(folder().join(name)).expect("the fixture can be read");
    let filled = tokens
        .iter()
        .zip(1..)
        .fold(text, |text, (token, number)| fill(&text, token, number));
    assert!(!filled.contains("{{"), "{name} has other placeholders");
    filled
}

fn fill(text: &str, token: &str, number: usize) -> String {
    let sha256 = Sha256::digest(token);
    let values = [
        ("token", token.to_owned()),
        ("half", token[..token.len() / 2].to_owned()),
        ("base64", BASE64.encode(token.as_bytes())),
        ("sha256", HEXLOWER.encode(&sha256)),
        ("sha256-base64", BASE64.encode(&sha256)),
        ("sha1", HEXLOWER.encode(&Sha1::digest(token))),
    ];
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{{{name}:{number}}}}}"), value)
    })
}
