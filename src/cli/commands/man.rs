use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use roff::{Roff, roman};

use crate::cli::args::{Cli, SECTIONS};
use crate::cli::exit::{Exit, Failure, reason};
use crate::cli::ui::{Ui, quoted};

/// Print the manual page as roff, or write all of the pages
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write every page, keyctl.1 and one for each command, into this folder
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, ui: &mut Ui) -> Result<Exit, Failure> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let Some(folder) = &args.dir else {
        let mut page = Vec::new();
        render(&program, &mut page).map_err(Failure::output)?;
        ui.raw(&page)?;
        return ui.flush().map(|()| Exit::Done);
    };
    let count = write_pages(&program, folder).map_err(|error| {
        let folder = quoted(&folder.display().to_string());
        Failure::new(
            Exit::Failed,
            "output",
            format!("cannot write to {folder}: {}", reason(&error)),
        )
    })?;
    ui.note(&format!("{count} pages written"));
    Ok(Exit::Done)
}

/// Writes the page of a command, and those of the commands below it.
fn write_pages(command: &Command, folder: &Path) -> io::Result<usize> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let mut page = File::create(folder.join(format!("{name}.1")))?;
    render(command, &mut page)?;
    command
        .get_subcommands()
        .try_fold(1, |count, below| Ok(count + write_pages(below, folder)?))
}

fn render(command: &Command, page: &mut impl Write) -> io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    // clap builds names with spaces between commands; pages have hyphens. What
    // stands behind the options becomes sections below.
    let command = command
        .clone()
        .name(name.to_owned())
        .after_long_help(None::<&str>);
    let is_program = name == "keyctl";
    Man::new(command)
        .manual("keyctl manual")
        .source(concat!("keyctl ", env!("CARGO_PKG_VERSION")))
        .render(page)?;
    if !is_program {
        return Ok(());
    }
    SECTIONS.iter().try_for_each(|(heading, lines)| {
        let mut section = Roff::new();
        section.control("SH", [heading.to_uppercase().as_str()]);
        section.control("nf", []);
        for line in lines.lines() {
            section.text([roman(line)]);
        }
        section.control("fi", []);
        section.to_writer(page)
    })
}
