//! Reading tokens: from standard input, a file, or a hidden prompt, and never
//! more of them than can be one.

mod lines;
mod source;
mod table;

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use keyctl::Token;
use keyctl::domain::{MaskedToken, Selector};
use keyctl::ops::Selection;
use zeroize::Zeroizing;

use super::context::Context;
use super::exit::Failure;
use super::ui::quoted;
pub(crate) use lines::{Group, Lines};
pub(crate) use source::Source;
pub(crate) use table::{Cell, Column, Row, Table};

/// What errors call it.
pub(crate) const STDIN: &str = "standard input";
/// How many lines are read in one go where there is nothing to wait for.
pub(crate) const MANY_LINES: usize = 8 * 1024;

/// Reads one presented token, whatever it holds, without the blanks around it.
/// One that is too long is cut, but not so far that it could pass for a token.
pub(crate) fn token(
    context: &Context<'_>,
    file: Option<&Path>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let Some(path) = file else {
        if !io::stdin().is_terminal() {
            return read_one(io::stdin().lock()).map_err(|error| Failure::input(STDIN, &error));
        }
        return match context.prompter() {
            Some(prompter) => prompter.secret("Token"),
            None => Err(terminal_would_show()),
        };
    };
    File::open(path)
        .and_then(read_one)
        .map_err(|error| Failure::input(&quoted(&path.display().to_string()), &error))
}

/// What a line points at, and how to call it; a blank one says nothing. What has
/// the form of an id is one, and everything else is a token, to be shown by its
/// mask alone.
pub(crate) fn selection(line: &[u8]) -> Option<(Selection, String)> {
    if line.is_empty() {
        return None;
    }
    let id = std::str::from_utf8(line)
        .ok()
        .and_then(|text| text.parse::<Selector>().ok());
    if let Some(selector @ (Selector::Id(_) | Selector::IdPrefix(_))) = id {
        let label = selector.to_string();
        return Some((Selection::Key(selector), label));
    }
    let (selection, mask) = match Token::parse(line) {
        Ok(token) => (Selection::Token(token.digest()), token.mask()),
        Err(_) => (Selection::Malformed, MaskedToken::nothing()),
    };
    Some((selection, mask.to_string()))
}

fn terminal_would_show() -> Failure {
    Failure::usage("standard input is a terminal, which would show the token")
        .hint("give it by a file or a pipe, as in < FILE")
}

fn read_one(from: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Two bytes of room for a line's end, one more to see that there is more.
    let room = Token::MAX_LEN + 3;
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    from.take(room as u64).read_to_end(&mut text)?;
    // What was cut stays too long: without its blanks it could pass for less.
    Ok(if text.len() == room {
        text
    } else {
        trimmed(&text)
    })
}

fn trimmed(text: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.trim_ascii().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_do_not_make_what_is_too_long_short() {
        let padded = [b"tok", [b' '; 1100].as_slice(), b"junk"].concat();
        assert!(read_one(padded.as_slice()).unwrap().len() > Token::MAX_LEN);
    }

    #[test]
    fn one_token_is_read_without_the_blanks_around_it() {
        for (input, expected) in [
            (b"tok".as_slice(), b"tok".as_slice()),
            (b"tok\n", b"tok"),
            (b"tok\r\n", b"tok"),
            (b" tok\t\n\n", b"tok"),
            (b"to\nk", b"to\nk"),
            (b"", b""),
        ] {
            assert_eq!(read_one(input).unwrap().as_slice(), expected);
        }
        assert_eq!(read_one([b'x'; 5000].as_slice()).unwrap().len(), 1027);
    }
}
