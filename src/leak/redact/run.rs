//! What becomes of a run: the letters and digits behind the beginning of a
//! token, up to the first byte that is neither.
//!
//! The rules see the text up to the end of the run so far, and count from
//! there: where the run began may be long gone.

use zeroize::Zeroizing;

use crate::domain::find_token;

const PREFIXES: [&[u8]; 3] = [b"dataset", b"app", b"ds"];
/// How many letters and digits a token has at least, and one issued here has.
const TOKEN_LEN: usize = 24;
/// How many of them are shown, the last ones.
const SHOWN_LEN: usize = 4;

/// A run, as far as it was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    form: Form,
    len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// After this prefix and a hyphen. The prefix is remembered, since the text
    /// does not have it any more if it is the end of a token before this one.
    Hyphened(&'static [u8]),
    /// Likewise, and the check characters of the first 24 fit.
    Issued,
    /// After `app` at the beginning of a word.
    Bare,
}

/// What becomes of a run that may go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outlook {
    /// How many bytes at its end are not masked yet.
    pub(super) clear: usize,
    /// How many bytes at its end could still become something else.
    pub(super) held: usize,
}

impl Run {
    /// One that begins behind this prefix and a hyphen.
    pub(super) fn hyphened(prefix: &'static [u8]) -> Run {
        Run {
            form: Form::Hyphened(prefix),
            len: 0,
        }
    }

    /// One that begins behind `app` at the beginning of a word.
    pub(super) fn bare() -> Run {
        Run {
            form: Form::Bare,
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Takes in `count` more bytes of it, with which `text` ends.
    pub(super) fn grow(&mut self, text: &[u8], count: usize, may_go_on: bool) {
        let was_short = self.len < TOKEN_LEN;
        self.len += count;
        // A run that ends with its 24th byte is masked alike, issued here or not.
        let is_long = self.len > TOKEN_LEN || (self.len == TOKEN_LEN && may_go_on);
        if let Form::Hyphened(prefix) = self.form
            && was_short
            && is_long
            && is_issued(prefix, &text[text.len() - self.len..][..TOKEN_LEN])
        {
            self.form = Form::Issued;
        }
    }

    /// How many bytes at its end are not masked, all of them if it is no token.
    /// The run ends with `text`; `next_prefix` is a prefix with which it ends and
    /// which a hyphen follows.
    pub(super) fn ended(&self, text: &[u8], next_prefix: Option<&[u8]>) -> usize {
        match self.form {
            Form::Hyphened(_) if self.len >= TOKEN_LEN => {
                let next = next_prefix.map(<[u8]>::len);
                let next = next.filter(|next| self.len - next >= TOKEN_LEN);
                SHOWN_LEN + next.unwrap_or(0)
            }
            Form::Issued => self.len - TOKEN_LEN + SHOWN_LEN,
            Form::Bare if self.len == TOKEN_LEN && missing_classes(text, self.len) == 0 => {
                SHOWN_LEN
            }
            Form::Hyphened(_) | Form::Bare => self.len,
        }
    }

    /// What becomes of it if it goes on, and if it does not.
    pub(super) fn open(&self, text: &[u8]) -> Outlook {
        let (clear, held) = match self.form {
            Form::Hyphened(_) if self.len < TOKEN_LEN => (self.len, self.len),
            Form::Hyphened(_) => {
                let next = next_prefix_so_far(text, self.len - TOKEN_LEN);
                (SHOWN_LEN + next, SHOWN_LEN + next)
            }
            Form::Issued => (self.len - TOKEN_LEN + SHOWN_LEN, 0),
            Form::Bare if self.len <= TOKEN_LEN => {
                let is_hopeful = missing_classes(text, self.len) <= TOKEN_LEN - self.len;
                (self.len, if is_hopeful { self.len } else { 0 })
            }
            Form::Bare => (self.len, 0),
        };
        Outlook { clear, held }
    }
}

/// The prefix that `text` ends with.
pub(super) fn prefix_before(text: &[u8]) -> Option<&'static [u8]> {
    PREFIXES.into_iter().find(|prefix| text.ends_with(prefix))
}

/// Whether the check characters fit.
fn is_issued(prefix: &[u8], body: &[u8]) -> bool {
    let token = Zeroizing::new([prefix, b"-", body].concat());
    std::str::from_utf8(&token).is_ok_and(|token| find_token(token).is_some())
}

/// How many of the last bytes may be the beginning of the next token's prefix,
/// but not more than `most`.
fn next_prefix_so_far(text: &[u8], most: usize) -> usize {
    let is_beginning = |len: &usize| {
        PREFIXES
            .iter()
            .any(|prefix| prefix.starts_with(&text[text.len() - len..]))
    };
    (1..=most.min(PREFIXES[0].len()))
        .rev()
        .find(is_beginning)
        .unwrap_or(0)
}

/// How many of digits, upper-case and lower-case letters are not among the last
/// `len` bytes.
fn missing_classes(text: &[u8], len: usize) -> usize {
    let run = &text[text.len() - len..];
    [
        u8::is_ascii_digit,
        u8::is_ascii_uppercase,
        u8::is_ascii_lowercase,
    ]
    .iter()
    .filter(|is_of_class| !run.iter().any(is_of_class))
    .count()
}
