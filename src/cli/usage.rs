//! Arguments that clap could not make sense of, told in our own form: its
//! rendered text would repeat them with their control characters.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Cli;
use super::exit::{Exit, Failure};
use super::guard::GLOBAL_OPTIONS;
use super::ui::{Ui, quoted};

/// What to do when clap has stopped: help and version are results, the rest is
/// wrong usage.
pub(crate) fn parsing_stopped(
    ui: &mut Ui,
    error: &clap::Error,
    args: &[OsString],
) -> Result<Exit, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match ui.help(&error.render()) {
            Err(failure) if failure.is_reader_gone() => Ok(Exit::Done),
            shown => shown.map(|()| Exit::Done),
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let command = command_of(args);
            Err(Failure::usage("a command is needed")
                .hint(format!("see what there is: {command} --help")))
        }
        _ => Err(wrong_usage(error, args)),
    }
}

fn wrong_usage(error: &clap::Error, args: &[OsString]) -> Failure {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    let option = |arg: String| name_of(&arg).to_owned();
    let arg = text(ContextKind::InvalidArg).map(option);
    let value = text(ContextKind::InvalidValue);
    let source = std::error::Error::source(error);
    let message = match (error.kind(), arg, value) {
        (ErrorKind::ValueValidation | ErrorKind::InvalidValue, Some(option), Some(value)) => {
            match source {
                Some(rule) => format!("invalid value {} for {option}: {rule}", quoted(&value)),
                None if value.is_empty() => format!("{option} needs a value"),
                None => format!("invalid value {} for {option}", quoted(&value)),
            }
        }
        (ErrorKind::UnknownArgument, Some(arg), _) => {
            format!("unknown option or argument {}", quoted(&arg))
        }
        (ErrorKind::InvalidSubcommand, ..) => {
            let word = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("unknown command {}", quoted(&word))
        }
        (ErrorKind::ArgumentConflict, Some(arg), _) => {
            match text(ContextKind::PriorArg).map(option) {
                Some(prior) if prior == arg => format!("{arg} can be given only once"),
                Some(prior) => format!("{arg} and {prior} contradict each other"),
                None => format!("{arg} contradicts another option"),
            }
        }
        (ErrorKind::MissingRequiredArgument, ..) => {
            missing(&text(ContextKind::InvalidArg).unwrap_or_default())
        }
        (ErrorKind::InvalidUtf8, ..) => "an argument is not text".to_owned(),
        _ => first_line(error),
    };
    let mut failure = Failure::usage(message);
    for (kind, words) in [
        (ContextKind::SuggestedArg, "did you mean"),
        (ContextKind::SuggestedSubcommand, "did you mean"),
        (ContextKind::SuggestedValue, "did you mean"),
        (ContextKind::ValidValue, "one of"),
    ] {
        if let Some(values) = text(kind).filter(|values| !values.is_empty()) {
            let mark = if words == "one of" { "" } else { "?" };
            failure = failure.hint(format!("{words} {values}{mark}"));
        }
    }
    failure.hint(format!("see how it is used: {} --help", command_of(args)))
}

/// `--app <ID>` is the option `--app`, and `[KEY|-]...` the argument `KEY`.
fn name_of(arg: &str) -> &str {
    let arg = arg.trim_start_matches(['[', '<']);
    let end = arg.find([' ', '|', '>', ']', '[']);
    &arg[..end.unwrap_or(arg.len())]
}

/// What is missing: one argument, or `<KEY|--app <ID>|--all>` for one of several.
fn missing(args: &str) -> String {
    let group = args
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    let Some(group) = group.filter(|group| group.contains("|--")) else {
        let args: Vec<&str> = args.split(", ").map(name_of).collect();
        let verb = if args.len() == 1 { "is" } else { "are" };
        return format!("{} {verb} missing", args.join(" and "));
    };
    let options: Vec<&str> = group.split("|--").map(name_of).collect();
    format!("nothing was chosen: give {}", options.join(" or --"))
}

/// The command that was being read, as `keyctl store path`.
fn command_of(args: &[OsString]) -> String {
    let mut command = Cli::command();
    let mut path = "keyctl".to_owned();
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        let takes_next = |option: &&str| word == option;
        if GLOBAL_OPTIONS.iter().any(takes_next) || word == "-o" {
            words.next();
        } else if let Some(below) = command.find_subcommand(word).cloned() {
            path = format!("{path} {}", below.get_name());
            command = below;
        } else if !word.to_string_lossy().starts_with('-') {
            break;
        }
    }
    path
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}
