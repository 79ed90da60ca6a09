//! The figures that the README quotes, each beside the floor it is held
//! against: what the same work costs without keyctl around it.
//!
//! `cargo bench --bench figures` makes stores of 1,000, 100,000 and a million
//! keys in a temporary folder, the same tokens in every run, and prints its
//! tables as Markdown; `-- 1000 100000` measures those sizes. It takes some
//! minutes, and 4 GB of room in TMPDIR, which has to be on a disk: a write in
//! memory is durable at no cost.
//!
//! Both sides run in turn, after one turn that is not counted. What to quote is
//! the ratio of their medians, since milliseconds differ from machine to
//! machine. What needs `sqlite3` or `valgrind` is left out where PATH has none.
//! Nothing here is a test: no figure is too high to be printed.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

mod bare;
mod bulk;
mod import;
mod measure;
mod single;
mod store;
mod table;
#[path = "../support/turns.rs"]
mod turns;

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::process::Command;
use std::thread;

use store::Store;
use table::{Figure, grouped, print_tables};
use turns::{Fallible, print_row};

const DEFAULT_SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
/// Keys are revoked turn by turn, and none of them twice.
const LEAST_SIZE: usize = 100;

fn main() -> Fallible<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [first, command @ ..] = args.as_slice()
        && first == measure::ARGUMENT
    {
        return measure::launch(command);
    }
    // `cargo test --all-targets` runs this too, without that argument and on a
    // debug build, which is not what the figures are about.
    if !args.iter().any(|arg| arg == "--bench") {
        return Ok(());
    }
    let sizes = sizes(&args)?;
    let floors = Floors::find()?;
    floors.print();
    let mut measured = Vec::new();
    for size in &sizes {
        measured.push(figures(*size, &floors)?);
    }
    print_tables(&sizes, &measured);
    floors.print_left_out();
    Ok(())
}

fn sizes(args: &[String]) -> Fallible<Vec<usize>> {
    let given = args.iter().filter(|arg| *arg != "--bench");
    let given: Vec<usize> = given
        .map(|text| text.parse().map_err(|e| format!("a number of keys: {e}")))
        .collect::<Result<_, _>>()?;
    match given.iter().find(|size| **size < LEAST_SIZE) {
        Some(_) => Err(format!("{LEAST_SIZE} keys at least").into()),
        None if given.is_empty() => Ok(DEFAULT_SIZES.into()),
        None => Ok(given),
    }
}

fn figures(key_count: usize, floors: &Floors) -> Fallible<Vec<Figure>> {
    println!("\n{} keys", grouped(key_count));
    print_row("", ["keyctl", "floor", "ratio"], "the floor is");
    let store = Store::build(key_count)?;
    let mut figures = Vec::new();
    if floors.shell.is_some() {
        figures.push(single::verify(&store)?);
    }
    let can_count = floors.shell.is_some() && floors.valgrind.is_some();
    if can_count {
        figures.extend(single::instructions_of_reading(&store)?);
    }
    figures.push(single::show(&store)?);
    if floors.shell.is_some() {
        figures.extend(bulk::lists(&store)?);
    }
    figures.extend(bulk::alone(&store)?);
    figures.push(bare::verify_batch(&store)?);
    figures.push(bare::verifier(&store)?);
    figures.push(bare::audit_verify(&store)?);
    if floors.shell.is_some() {
        figures.push(import::import(&store)?);
        store.copy_to_be_written()?;
        figures.push(single::create(&store)?);
        figures.push(single::revoke(&store)?);
        if can_count {
            figures.extend(single::instructions_of_writing(&store)?);
        }
        figures.push(bulk::revoke(&store)?);
    }
    Ok(figures)
}

/// What is on PATH to hold keyctl against.
struct Floors {
    shell: Option<String>,
    valgrind: Option<String>,
}

impl Floors {
    fn find() -> Fallible<Floors> {
        Ok(Floors {
            shell: version("sqlite3")?,
            valgrind: version("valgrind")?,
        })
    }

    fn print(&self) {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let program = fs::metadata(env!("CARGO_BIN_EXE_keyctl")).map_or(0, |file| file.len());
        println!("cores: {cores}");
        println!(
            "SQLite in keyctl and in bare loops: {}",
            rusqlite::version()
        );
        for (name, version) in [("sqlite3", &self.shell), ("valgrind", &self.valgrind)] {
            println!("{name}: {}", version.as_deref().unwrap_or("not on PATH"));
        }
        println!("bytes of the program: {}", grouped(program));
    }

    fn print_left_out(&self) {
        if self.shell.is_none() {
            println!("\nleft out: all that is held against sqlite3, which is not on PATH");
        } else if self.valgrind.is_none() {
            println!("\nleft out: instructions, since valgrind is not on PATH");
        }
    }
}

/// The version of a program on PATH, or `None` if there is no such program.
fn version(program: &str) -> Fallible<Option<String>> {
    match Command::new(program).arg("--version").output() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        output => {
            let text = String::from_utf8(output?.stdout)?;
            Ok(text.split_whitespace().next().map(str::to_owned))
        }
    }
}
