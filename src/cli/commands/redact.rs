use std::io::{self, Read};

use keyctl::leak::redact::Redactor;

use crate::cli::args::Format;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ui::Ui;

/// Mask the tokens in what passes from standard input to standard output
///
/// A token keeps its length, its prefix and its last four characters. Nothing is
/// held back that cannot be part of a token, so a prompt shows before its line
/// ends. No store is asked: what has the form of a token is masked, with 24
/// letters and digits or more behind app-, dataset- or ds-.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// How much is read at a time, in bytes.
const BLOCK_LEN: usize = 256 * 1024;

pub(crate) fn run(_args: &Args, ui: &mut Ui) -> Result<Exit, Failure> {
    ui.require_format("redact", &[Format::Table])?;
    let mut redactor = Redactor::new();
    let mut stdin = io::stdin().lock();
    let mut buffer = vec![0; BLOCK_LEN];
    let mut held = 0;
    loop {
        let read_len = match stdin.read(&mut buffer[held..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(|error| Failure::input("standard input", &error))?,
        };
        let len = held + read_len;
        let passing = redactor.redact(&mut buffer[..len], read_len == 0);
        ui.raw(&buffer[..passing])?;
        ui.flush()?;
        if read_len == 0 {
            return Ok(Exit::Done);
        }
        buffer.copy_within(passing..len, 0);
        held = len - passing;
    }
}
