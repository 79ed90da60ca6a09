use clap::builder::{PossibleValuesParser, TypedValueParser};
use keyctl::leak::rules::Scanner;
use serde::Serialize;

use crate::cli::args::Format;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::Ui;

/// Print a rule that makes another scanner find tokens
///
/// It is a whole file for that scanner, whose first lines say how to use it. The rule is called
/// keyctl-token, and that is what the scanner's reports call what it finds.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The scanner
    #[arg(value_parser = scanner_parser())]
    scanner: Scanner,
}

fn scanner_parser() -> impl TypedValueParser<Value = Scanner> {
    PossibleValuesParser::new(Scanner::ALL.map(Scanner::as_str))
        .try_map(|text| text.parse::<Scanner>())
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    scanner: &'static str,
    rules: &'static str,
}

pub(crate) fn run(args: &Args, ui: &mut Ui) -> Result<Exit, Failure> {
    ui.require_format("rules", &[Format::Table, Format::Json, Format::Jsonl])?;
    let rules = args.scanner.rule();
    if ui.format() == Format::Table {
        ui.raw(rules.as_bytes())?;
    } else {
        ui.document(&Document {
            schema: "keyctl.rules/v1",
            scanner: args.scanner.as_str(),
            rules,
        })?;
    }
    ui.flush().map(|()| Exit::Done)
}
