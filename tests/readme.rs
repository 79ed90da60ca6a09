//! Every command that the README shows is run, in the order of the page. Its
//! Rust is compiled and run as a documentation test of the library.

#[cfg(feature = "postgres")]
#[expect(dead_code, reason = "one server is enough here, and never falls")]
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/shell.rs"]
mod shell;
mod support;

#[cfg(feature = "postgres")]
use postgres::Server;
use shell::{has_jq, run_script};
use support::Sandbox;

const README: &str = include_str!("../README.md");

/// The blocks of shell on the page.
fn shell_blocks() -> Vec<String> {
    README
        .split("\n```sh\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn every_command_of_the_readme_works() {
    if !has_jq() {
        return;
    }
    let (on_server, blocks): (Vec<_>, Vec<_>) = shell_blocks()
        .into_iter()
        .partition(|block| is_on_server(block));
    assert!(blocks.len() >= 6, "the page has its examples");
    assert_eq!(on_server.len(), 1, "the other test tries them");
    let run = run_script(&Sandbox::new(), &blocks.join("\n"), &[]);
    let run = run.expect_code(0);
    // What the tour says it ends with.
    assert!(run.stdout.contains("revoked key_"), "{}", run.stdout);
}

fn is_on_server(block: &str) -> bool {
    block.contains("postgres://")
}

#[cfg(feature = "postgres")]
#[test]
fn every_command_for_a_server_works() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let block = shell_blocks().into_iter().find(|block| is_on_server(block));
    let folder = server.folder().display().to_string();
    let surroundings = [("PGHOST", folder.as_str()), ("PGUSER", "postgres")];
    let run = run_script(&Sandbox::new(), &block.unwrap_or_default(), &surroundings);
    let run = run.expect_code(0);
    assert!(
        run.stdout.contains("intact: 2 events, 1 key"),
        "{}",
        run.stdout
    );
}

#[test]
fn every_command_shown_is_in_a_block_that_is_run() {
    // Blocks of another kind would be shown and not run.
    for block in README.split("\n```").skip(1).step_by(2) {
        let kind = block.lines().next().unwrap_or_default();
        assert!(
            ["sh", "rust", "text"].contains(&kind),
            "a block of {kind:?}"
        );
        let is_text = kind == "text";
        assert!(
            !is_text || !block.contains("\n$ "),
            "a command in a block of text"
        );
    }
}

#[test]
fn the_table_of_exit_codes_is_that_of_the_help() {
    let help = Sandbox::new().run(&["help"], "").expect_code(0).stdout;
    let codes = |text: &str| -> Vec<String> {
        let code = |line: &str| {
            let word = line.trim_start_matches(['|', ' ']).split(' ').next()?;
            word.parse::<u8>().ok().map(|code| code.to_string())
        };
        text.lines().filter_map(code).collect()
    };
    let section = README
        .split("## Exit codes")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("the page has the table");
    let help = help
        .split("Exit status:")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next())
        .expect("the help has the table");
    assert_eq!(codes(section), codes(help));
}
