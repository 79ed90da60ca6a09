//! The options that every command has, and the text around the help.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use keyctl::Workspace;
use keyctl::domain::Actor;

use super::commands::Command;

/// Issue, list, verify and revoke API keys
///
/// Keys are for a service whose data is organised in datasets and apps. They
/// live in an embedded store on this machine, or in a PostgreSQL database that several
/// machines share.
#[derive(Parser)]
#[command(
    name = "keyctl",
    version = concat!(env!("CARGO_PKG_VERSION"), " (API key manager)"),
    after_long_help = after_help(),
    arg_required_else_help = true,
    disable_help_subcommand = false,
    max_term_width = 100,
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What stands before or after any command.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// The store to use [default: keys.db in the user's data directory; env: KEYCTL_STORE]
    #[arg(long, global = true, value_name = "PATH|URL", value_hint = clap::ValueHint::FilePath)]
    pub(crate) store: Option<PathBuf>,

    /// The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) workspace: Option<Workspace>,

    /// The name to record in the log [default: the system's user; env: KEYCTL_ACTOR]; with audit,
    /// list only what was done under this name
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) actor: Option<Actor>,

    /// The form of what is printed [default: table]
    #[arg(short, long, global = true, value_name = "FORMAT", value_enum)]
    pub(crate) output: Option<Format>,

    /// Short for --output json
    #[arg(long, global = true, conflicts_with = "output")]
    pub(crate) json: bool,

    /// Print results and errors only, no remarks
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Answer every confirmation with yes
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,

    /// Never ask, even on a terminal [env: KEYCTL_NO_INPUT]
    #[arg(long, global = true)]
    pub(crate) no_input: bool,

    /// When to use colour [default: auto]
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub(crate) color: Option<Color>,
}

impl GlobalArgs {
    /// The format asked for.
    pub(crate) fn format(&self) -> Format {
        match self.output {
            Some(format) => format,
            None if self.json => Format::Json,
            None => Format::Table,
        }
    }
}

/// The forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text for people
    Table,
    /// One JSON document
    Json,
    /// One JSON document a line
    Jsonl,
    /// Comma-separated values with a header
    Csv,
    /// Ids alone, one a line
    Id,
}

impl Format {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Id => "id",
        }
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR or TERM=dumb say otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The parts of the help that stand behind the options: their headings, and
/// their lines. The manual has them as sections.
pub(crate) const SECTIONS: [(&str, &str); 3] = [
    (
        "Exit status",
        "\
0    done, or the token is valid
1    failed: input or output, or you said no
2    wrong usage, or something had to be asked and nobody could answer
3    no key matches
4    refused: a limit, a rule, an ambiguous name, or an import that is not in order
5    denied, like HTTP 401: malformed, not_found, revoked, disabled, expired
6    denied, like HTTP 403: forbidden, insufficient_scope
7    the store is missing, locked too long, unreadable, damaged, altered or too new,
     or its server cannot be reached or refuses
8    incomplete: not everything could be scanned, or a reported leak not be resolved
9    scan found a live key
130  interrupted",
    ),
    (
        "Environment",
        "\
An option beats its variable; an empty variable is unset.
KEYCTL_STORE       the store to use: a path, or postgres://USER@HOST/DATABASE
KEYCTL_WORKSPACE   the workspace (tenant) to work in
KEYCTL_ACTOR       the name to record in the log
KEYCTL_NO_INPUT    set to anything: never ask
KEYCTL_COMPLETE    the name of a shell: print its completions
NO_COLOR, CLICOLOR_FORCE, TERM=dumb   colour, by the usual conventions",
    ),
    (
        "Examples",
        "\
An admin issues a key, lists it and revokes it:
  keyctl create --dataset ds_42 --name ci-deploy --expires 90d
  keyctl list --dataset ds_42
  keyctl revoke ci-deploy
A key gets a new token, and the old one is valid for another day:
  keyctl rotate ci-deploy --grace 24h
A script keeps a token in a file and the id in a variable:
  id=$(keyctl create --app web --token-file web.token)
A service checks a presented token:
  keyctl verify --app web --scope chat:read --token-file web.token
A CI job ends leaked keys, whatever they are in:
  keyctl revoke --leaked build.log --json
A pipeline stops where a live token is about to be published:
  keyctl scan .",
    ),
];

fn after_help() -> String {
    let sections = SECTIONS.map(|(heading, lines)| {
        let lines: Vec<String> = lines.lines().map(|line| format!("  {line}")).collect();
        format!("{heading}:\n{}", lines.join("\n"))
    });
    sections.join("\n\n")
}
