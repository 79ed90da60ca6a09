//! The one gate to dialoguer: questions are asked only where somebody can
//! answer, on standard error, and leave the terminal as they found it.

use std::io::{self, IsTerminal};
use std::str::FromStr;

use dialoguer::console::Term;
use dialoguer::{Input, Password, Select};
use nix::sys::termios::{FlushArg, tcflush};
use zeroize::Zeroizing;

use super::args::Format;
use super::exit::{Exit, Failure};
use super::signals;

/// Somebody at a terminal.
pub(crate) struct Prompter(());

impl Prompter {
    /// Somebody to ask, if standard input and error are terminals, people are
    /// to read the output, and asking was not forbidden.
    pub(crate) fn new(format: Format, no_input: bool) -> Option<Prompter> {
        // dialoguer itself looks at standard error alone.
        let is_interactive = io::stdin().is_terminal() && io::stderr().is_terminal();
        (is_interactive && !no_input && format == Format::Table).then_some(Prompter(()))
    }

    /// Asks to choose one of several; its place among them.
    pub(crate) fn choose(&self, question: &str, answers: &[&str]) -> Result<usize, Failure> {
        ask(|| {
            Select::new()
                .with_prompt(question)
                .items(answers)
                .default(0)
                .interact()
        })
    }

    /// Asks for a value, until one is valid.
    pub(crate) fn value<T>(&self, question: &str) -> Result<T, Failure>
    where
        T: FromStr<Err = keyctl::Invalid>,
    {
        let text: String = ask(|| {
            Input::new()
                .with_prompt(question)
                .validate_with(|text: &String| text.parse::<T>().map(|_| ()))
                .interact_text()
        })?;
        text.parse()
            .map_err(|problem: keyctl::Invalid| Failure::usage(problem.to_string()))
    }

    /// Asks for a secret, without showing what is typed.
    pub(crate) fn secret(&self, question: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let text = ask(|| {
            Password::new()
                .with_prompt(question)
                .report(false)
                .allow_empty_password(true)
                .interact()
        })?;
        let text = Zeroizing::new(text);
        Ok(Zeroizing::new(text.trim_ascii().as_bytes().to_vec()))
    }

    /// Asks for a yes: a whole line that says so. Anything else is a no, and a
    /// failure that says `declined`.
    pub(crate) fn agree(&self, question: &str, declined: &str) -> Result<(), Failure> {
        // What was typed before the question was not an answer to it.
        let _ = tcflush(io::stdin(), FlushArg::TCIFLUSH);
        let answer: String = ask(|| {
            Input::new()
                .with_prompt(format!("{question} [y/N]"))
                .allow_empty(true)
                .interact_text()
        })?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Failure::new(Exit::Failed, "declined", declined)),
        }
    }
}

/// Asks, with a terminal that is put right again however it ends.
fn ask<T>(question: impl FnOnce() -> dialoguer::Result<T>) -> Result<T, Failure> {
    signals::watch();
    question().map_err(|dialoguer::Error::IO(error)| {
        // The cursor is hidden while a list is shown; failing to show it again
        // is no worse than the error at hand.
        let term = Term::stderr();
        let _ = term.show_cursor();
        match error.kind() {
            io::ErrorKind::Interrupted => {
                let _ = term.write_line("");
                Failure::interrupted()
            }
            _ => Failure::input("the terminal", &error),
        }
    })
}
