//! Arguments become a command and its options.
//!
//! A program that answers one question takes longer to build the options of twenty
//! commands than to look up a key. So a command that is named plainly is read with
//! its own options alone. Whatever does not fit is left to the whole of them, which
//! knows what to say to it: help is printed and mistakes are told from there.

use std::ffi::OsString;

use clap::{ArgMatches, Args, FromArgMatches, Parser};

use super::args::{Cli, GlobalArgs};
use super::commands::{Command, read_alone};
use super::guard::GLOBAL_OPTIONS;

/// What stands before a command without a value of its own.
const GLOBAL_FLAGS: [&str; 6] = ["--json", "--quiet", "-q", "--yes", "-y", "--no-input"];

/// Understands the arguments, the first of which is the program's own name.
///
/// # Errors
/// Those of clap, which help and version are too.
pub(crate) fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    match named_plainly(args) {
        Some(cli) => Ok(cli),
        None => Cli::try_parse_from(args),
    }
}

fn named_plainly(args: &[OsString]) -> Option<Cli> {
    let place = place_of_command(args)?;
    let given = Given {
        before: &args[1..place],
        after: &args[place + 1..],
    };
    read_alone(args[place].to_str()?, &given)
}

/// Where the command is, if nothing but the options that every command has, written
/// out, stands before it.
fn place_of_command(args: &[OsString]) -> Option<usize> {
    let mut place = 1;
    loop {
        let word = args.get(place)?.to_str()?;
        if GLOBAL_OPTIONS.contains(&word) || word == "-o" {
            place += 2;
        } else if GLOBAL_FLAGS.contains(&word) || is_joined(word) {
            place += 1;
        } else {
            return Some(place);
        }
    }
}

fn is_joined(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(option, _)| GLOBAL_OPTIONS.contains(&option))
}

/// The arguments around a command.
pub(crate) struct Given<'a> {
    before: &'a [OsString],
    after: &'a [OsString],
}

impl Given<'_> {
    /// Reads them as the options of every command and as those of this one. They mean
    /// the same on both sides of it; what may stand on one side only is not before it.
    pub(crate) fn read<A: Args>(&self, command: fn(A) -> Command) -> Option<Cli> {
        let mut matches = self.matches(A::augment_args(clap::Command::default()))?;
        Some(Cli {
            global: GlobalArgs::from_arg_matches_mut(&mut matches).ok()?,
            command: command(A::from_arg_matches_mut(&mut matches).ok()?),
        })
    }

    fn matches(&self, options: clap::Command) -> Option<ArgMatches> {
        let tree = GlobalArgs::augment_args(options)
            .no_binary_name(true)
            .disable_help_flag(true)
            .disable_help_subcommand(true);
        let tree = if tree.has_subcommands() {
            tree
        } else {
            // There is nobody to hand them on to.
            tree.mut_args(|arg| arg.global(false))
        };
        tree.try_get_matches_from(self.before.iter().chain(self.after))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn args(words: &[&str]) -> Vec<OsString> {
        let words = ["keyctl"].iter().chain(words);
        words.map(OsString::from).collect()
    }

    #[test]
    fn a_command_that_is_named_plainly_is_read_alone() {
        let cases: [(&[&str], bool); 16] = [
            (&["list"], true),
            (&["list", "--json", "-q"], true),
            (&["--store", "list", "list", "-ojson"], true),
            (&["--store=a", "-o", "json", "--yes", "list"], true),
            (&["--workspace", "a", "list", "--workspace", "b"], false),
            (&["store", "check", "--json"], true),
            (&["policy", "show"], true),
            (&["list", "--", "--store"], false),
            (&["-qy", "list"], false),
            (&["--quiet=yes", "list"], false),
            (&["--dataset", "a", "list"], false),
            (&["list", "--help"], false),
            (&["lst"], false),
            (&["help", "list"], false),
            (&["--store"], false),
            (&[], false),
        ];
        for (words, is_read) in cases {
            assert_eq!(named_plainly(&args(words)).is_some(), is_read, "{words:?}");
        }
    }

    #[test]
    fn what_is_read_alone_is_read_the_same_among_all_commands() {
        let cases: [&[&str]; 8] = [
            &["--store", "a", "--workspace", "b", "list"],
            &["list", "--store=a", "--workspace=b", "-yq"],
            &["--actor", "ann", "list", "--no-input", "-ojsonl"],
            &["-q", "--output=csv", "list", "--color", "never"],
            &["--json", "store", "check"],
            &["store", "check", "--json"],
            &["store", "--json", "check"],
            &["audit", "--actor", "ann", "verify", "-y"],
        ];
        for words in cases {
            let alone = named_plainly(&args(words)).expect("it is named plainly");
            let among_all = Cli::try_parse_from(args(words)).expect("it is well-formed");
            assert_eq!(seen(&alone), seen(&among_all), "{words:?}");
        }
    }

    fn seen(cli: &Cli) -> String {
        let GlobalArgs {
            store,
            workspace,
            actor,
            output,
            json,
            quiet,
            yes,
            no_input,
            color,
        } = &cli.global;
        let place = (store, workspace, actor);
        let look = (output, json, quiet, yes, no_input, color);
        format!(
            "{place:?} {look:?} {:?}",
            std::mem::discriminant(&cli.command)
        )
    }

    #[test]
    fn every_command_can_be_read_alone() {
        // clap itself panics at options that contradict each other.
        let given = Given {
            before: &[],
            after: &args(&["--output", "nothing"])[1..],
        };
        for command in Cli::command().get_subcommands() {
            assert!(read_alone(command.get_name(), &given).is_none());
        }
        let needs_nothing = ["list", "redact", "verify"];
        for name in needs_nothing {
            assert!(named_plainly(&args(&[name])).is_some(), "{name}");
        }
    }
}
