//! The figures on leaked tokens that the README quotes, each beside the floor it
//! is held against.
//!
//! - `scan` of a tree: ripgrep, with `-uu -a`, for the two plain prefixes alone.
//!   Every hundredth file has a token, in each encoding in turn; all must be found.
//! - `scan --git`: `git cat-file` of all objects, piped into the same ripgrep.
//! - `redact` of a log: `sed -E` with an expression that masks the same, in the C
//!   locale. Both must write the same.
//!
//! `cargo bench --bench leaks` makes a tree of 500 MB in some 32,000 files, and a
//! repository and logs of 200 MB, in a temporary folder, the same ones in every
//! run; with `-- 20`, each of so many.
//! Both sides run in turn, after one turn that is not counted; the ratio of the
//! medians is what to quote. Nothing here is a test: no figure is too high to be
//! printed. ripgrep 15 comes by `cargo install ripgrep`; an older one is slower.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "support/turns.rs"]
mod turns;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use keyctl::leak::finder::Encoding;
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::Value;
use turns::{Fallible, in_turn, print_figure, print_row};

const DEFAULT_TREE_MEGABYTES: usize = 500;
const DEFAULT_MEGABYTES: usize = 200;
const TURNS: usize = 7;
/// How long files are, in bytes: many are short, few are long.
const FILE_LENS: [usize; 8] = [700, 1_500, 3_000, 6_000, 10_000, 15_000, 28_000, 60_000];
/// How long they are in the repository.
const OBJECT_LENS: [usize; 8] = [900, 2_000, 4_000, 9_000, 15_000, 30_000, 60_000, 400_000];
/// One file of so many has a token.
const FILES_PER_TOKEN: usize = 100;
const TOKEN: &str = "app-0123456789ABCDEFGHIJKLNF";
const PREFIXES: [&str; 4] = ["-e", "app-", "-e", "dataset-"];

fn main() -> Fallible<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    // `cargo test --all-targets` runs this too, without that argument.
    if !args.iter().any(|arg| arg == "--bench") {
        return Ok(());
    }
    let asked = args.iter().find(|arg| *arg != "--bench");
    let asked: Option<usize> = asked.map(|text| text.parse()).transpose()?;
    let len = |default: usize| asked.unwrap_or(default) * 1_000_000;
    let folder = tempfile::tempdir()?;
    let place = Place(folder.path().to_owned());
    run(place.keyctl(&["store", "init"]))?;
    print_row("", ["keyctl", "floor", "ratio"], "the floor is");
    if is_there("rg") {
        scan(&place, len(DEFAULT_TREE_MEGABYTES))?;
        scan_git(&place, len(DEFAULT_MEGABYTES))?;
    } else {
        println!("left out: scan, scan --git (no rg on PATH, which is their floor)");
    }
    redact(&place, len(DEFAULT_MEGABYTES))
}

fn scan(place: &Place, len: usize) -> Fallible<()> {
    let tree = place.0.join("tree");
    let file_count = write_tree(&tree, len)?;
    let peak = Cell::new(0);
    let medians = in_turn(
        TURNS,
        |turn| {
            let took = run(place.keyctl(&["scan", "tree"]))?;
            // Before the floor is a child too: it is the largest one's.
            if turn == 0 {
                peak.set(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
            }
            Ok(took)
        },
        |_| {
            let mut floor = place.command("rg");
            floor.args(["-uu", "-a"]).args(PREFIXES).arg("tree");
            run(floor)
        },
    )?;
    find_all(place, file_count.div_ceil(FILES_PER_TOKEN))?;
    let floor = format!(
        "rg -uu -a, two prefixes ({file_count} files; keyctl's peak: {} MiB)",
        peak.get() / 1024
    );
    print_figure("scan", &medians, &floor);
    Ok(())
}

/// What finds nothing is quick.
fn find_all(place: &Place, token_count: usize) -> Fallible<()> {
    let mut command = place.keyctl(&["scan", "--offline", "--json", "tree"]);
    let found: Value = serde_json::from_slice(&command.output()?.stdout)?;
    let findings = found["findings"].as_array().ok_or("no findings")?;
    let encodings: BTreeSet<_> = findings.iter().map(|f| f["encoding"].as_str()).collect();
    let is_all = findings.len() == token_count && encodings.len() == Encoding::ALL.len();
    match is_all || token_count < Encoding::ALL.len() {
        true => Ok(()),
        false => Err(format!("{} of {token_count} tokens were found", findings.len()).into()),
    }
}

fn scan_git(place: &Place, len: usize) -> Fallible<()> {
    write_repository(place, len)?;
    let script = format!(
        "git -C repo cat-file --batch-all-objects --batch --unordered --buffer | rg -a {}",
        PREFIXES.join(" ")
    );
    let medians = in_turn(
        TURNS,
        |_| run(place.keyctl(&["scan", "--git", "repo"])),
        |_| run(place.shell(&script)),
    )?;
    print_figure("scan --git", &medians, "git cat-file | rg");
    Ok(())
}

fn redact(place: &Place, len: usize) -> Fallible<()> {
    let sed = "LC_ALL=C sed -E 's/(app|dataset|ds)-[0-9A-Za-z]{20}([0-9A-Za-z]{4})/\
               \\1-********************\\2/g'";
    // One line of a thousand has a token; every line has one.
    for (name, tokens_per_mille) in [("redact", 1), ("redact, dense", 1_000)] {
        let log = format!("{tokens_per_mille}.log");
        write_log(&place.0.join(&log), len, tokens_per_mille)?;
        let program = env!("CARGO_BIN_EXE_keyctl");
        run(place.shell(&format!("{program} redact < {log} > masked")))?;
        // That they differ would be 1, which is an answer elsewhere.
        run(place.shell(&format!("{sed} < {log} | cmp - masked || exit 2")))
            .map_err(|_| "keyctl and sed mask differently")?;
        let medians = in_turn(
            TURNS,
            |_| run(place.shell(&format!("{program} redact < {log} > /dev/null"))),
            |_| run(place.shell(&format!("{sed} < {log} > /dev/null"))),
        )?;
        print_figure(name, &medians, "sed -E, the same expression");
    }
    Ok(())
}

/// A folder in which everything is made and run.
struct Place(PathBuf);

impl Place {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.0).env("HOME", &self.0);
        command.stdin(Stdio::null());
        command
    }

    fn keyctl(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_keyctl"));
        command.args(["--quiet", "--store", "keys.db"]).args(args);
        command
    }

    fn shell(&self, script: &str) -> Command {
        let mut command = self.command("sh");
        command.args(["-c", script]);
        command
    }
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// Runs a command to its end and says how long that took. That ripgrep finds
/// nothing is 1, and an answer.
fn run(mut command: Command) -> Fallible<Duration> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut stdout = child.stdout.take().expect("its output was asked for");
    io::copy(&mut stdout, &mut io::sink())?;
    drop(stdout);
    let status = child.wait()?;
    let took = started.elapsed();
    match status.code() {
        Some(0 | 1) => Ok(took),
        _ => Err(format!("{} failed: {status}", command.get_program().display()).into()),
    }
}

/// Mixed text, in files of all lengths and folders of fifty; and how many files.
fn write_tree(tree: &Path, len: usize) -> Fallible<usize> {
    let mut text = Text(1);
    let mut written = 0;
    let mut count = 0;
    while written < len {
        let folder = tree.join(format!("folder-{}", count / 50));
        fs::create_dir_all(&folder)?;
        let mut content = text.file(FILE_LENS);
        if count % FILES_PER_TOKEN == 0 {
            let encoding = count / FILES_PER_TOKEN % Encoding::ALL.len();
            content.push_str(&written_as(Encoding::ALL[encoding]));
        }
        written += content.len();
        fs::write(folder.join(format!("file-{count}")), content)?;
        count += 1;
    }
    Ok(count)
}

fn written_as(encoding: Encoding) -> String {
    match encoding {
        Encoding::Plain => TOKEN.to_owned(),
        Encoding::EscapedHyphen => TOKEN.replace('-', "%2D"),
        Encoding::Utf16 => TOKEN.chars().flat_map(|letter| [letter, '\0']).collect(),
        Encoding::Base64 => BASE64.encode(format!("key={TOKEN}\n").as_bytes()),
        Encoding::QuotedPrintable => format!("{}=\n{}", &TOKEN[..12], &TOKEN[12..]),
    }
}

/// The same kind of files, each changed ten times, one commit a change.
fn write_repository(place: &Place, len: usize) -> Fallible<()> {
    run(place.shell("git init --quiet --bare repo"))?;
    let mut import = place.command("git");
    import.args(["-C", "repo", "fast-import", "--quiet"]);
    let mut import = import.stdin(Stdio::piped()).spawn()?;
    let mut out = BufWriter::new(import.stdin.take().expect("its input was asked for"));
    let mut text = Text(2);
    let mut written = 0;
    for commit in 0.. {
        let content = text.file(OBJECT_LENS);
        written += content.len();
        writeln!(
            out,
            "commit refs/heads/main\ncommitter n <n@x.test> {commit} +0000"
        )?;
        writeln!(out, "data 6\nchange\nM 100644 inline file-{}", commit / 10)?;
        writeln!(out, "data {}", content.len())?;
        out.write_all(content.as_bytes())?;
        writeln!(out)?;
        if written >= len {
            break;
        }
    }
    drop(out.into_inner()?);
    if !import.wait()?.success() {
        return Err("git fast-import failed".into());
    }
    Ok(())
}

fn write_log(path: &Path, len: usize, tokens_per_mille: usize) -> Fallible<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut text = Text(3);
    let mut written = 0;
    while written < len {
        let mut line = format!("2026-01-02T03:04:{:02}Z ", text.draw(60));
        line.push_str(&text.words(12));
        if text.draw(1_000) < tokens_per_mille {
            line.push_str(&format!(" app-{}", text.letters(24)));
        }
        line.push('\n');
        written += line.len();
        out.write_all(line.as_bytes())?;
    }
    Ok(out.flush()?)
}

/// Text by a small generator (xorshift): the same in every run.
struct Text(u64);

impl Text {
    fn draw(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).expect("it is below a usize")
    }

    /// One kind of text for each file: code, JSON, prose, a log, base64.
    fn file(&mut self, lens: [usize; 8]) -> String {
        let len = lens[self.draw(lens.len())];
        let kind = self.draw(10);
        let mut text = String::with_capacity(len + 200);
        while text.len() < len {
            let line = match kind {
                0..=3 => format!(
                    "    let {} = {}({});\n",
                    self.words(1),
                    self.words(1),
                    self.words(2)
                ),
                4 => format!(
                    "{{\"{}\": \"{}\", \"id\": {}}}\n",
                    self.words(1),
                    self.words(3),
                    self.draw(99_999)
                ),
                5 | 6 => format!("{}.\n", self.words(14)),
                7 | 8 => format!(
                    "2026-01-02 03:04:05 INFO {} took {} ms\n",
                    self.words(6),
                    self.draw(900)
                ),
                _ => format!("{}\n", self.letters(76)),
            };
            text.push_str(&line);
        }
        text
    }

    fn words(&mut self, count: usize) -> String {
        const WORDS: [&str; 30] = [
            "request",
            "response",
            "user",
            "value",
            "index",
            "connection",
            "the",
            "of",
            "and",
            "buffer",
            "error",
            "stream",
            "key",
            "config",
            "reader",
            "token",
            "closed",
            "batch",
            "line",
            "with",
            "from",
            "that",
            "file",
            "name",
            "result",
            "self",
            "type",
            "length",
            "not",
            "time",
        ];
        // About as often as in the sources of programs, where a word in two
        // hundred begins like a token.
        const LIKE_TOKENS: [&str; 4] = ["application", "append", "happened", "dataset"];
        let words: Vec<&str> = (0..count)
            .map(|_| match self.draw(200) {
                0 => LIKE_TOKENS[self.draw(LIKE_TOKENS.len())],
                _ => WORDS[self.draw(WORDS.len())],
            })
            .collect();
        words.join(" ")
    }

    fn letters(&mut self, count: usize) -> String {
        const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        (0..count)
            .map(|_| char::from(BASE62[self.draw(62)]))
            .collect()
    }
}
