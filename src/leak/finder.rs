//! Tokens in the middle of any bytes, in every way they get written.
//!
//! One automaton finds where a prefix stands: plain, in UTF-16, in base64 at
//! its three alignments. What follows is then read by hand, since letters and
//! digits, unlike prefixes, are everywhere. It knows no store: a finding is a
//! text that may be a token, and how likely that is.

mod decode;
mod join;
mod lines;
mod patterns;

use std::ops::RangeInclusive;

use aho_corasick::{AhoCorasick, Input, Match, MatchKind, Span, packed};
use zeroize::Zeroizing;

use self::decode::Text;
use self::join::View;
use self::patterns::{Pattern, Written};
use crate::domain::Token;

/// How many letters and digits follow the prefix of a token.
pub(super) const BODY_LEN: usize = 24;
/// The shortest and longest run that is offered whole beside its first 24
/// characters: imported tokens have lengths of their own, and some have hyphens.
const RUN_LEN: RangeInclusive<usize> = 8..=256;
/// How far a token, however written, reaches from its first byte: 256
/// characters of it in UTF-16 take 530 bytes, in base64 in indented lines 800.
pub const REACH: usize = 1024;

/// How a token was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Encoding {
    /// As it is.
    Plain,
    /// With its hyphen written as `%2D`, `\u002d`, `&#45;` and the like.
    EscapedHyphen,
    /// Two bytes a character, in either order.
    Utf16,
    /// RFC 4648, either alphabet; the hyphen in it may be escaped.
    Base64,
    /// RFC 2045, with a soft line break inside.
    QuotedPrintable,
}

impl Encoding {
    /// Every one.
    pub const ALL: [Encoding; 5] = [
        Encoding::Plain,
        Encoding::EscapedHyphen,
        Encoding::Utf16,
        Encoding::Base64,
        Encoding::QuotedPrintable,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Encoding::Plain => "plain",
            Encoding::EscapedHyphen => "escaped_hyphen",
            Encoding::Utf16 => "utf-16",
            Encoding::Base64 => "base64",
            Encoding::QuotedPrintable => "quoted-printable",
        }
    }
}

/// How much a text is a token by its form alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Only a store can tell.
    Loose,
    /// It stands alone, and its 24 characters hold a digit, an upper-case and a
    /// lower-case letter: the form of tokens without check characters.
    Classes,
    /// Its last two characters fit the rest.
    Checked,
}

/// A text that may be a token.
#[derive(Debug)]
pub struct Candidate {
    /// Where it begins in the bytes that were searched.
    pub start: usize,
    /// How it was written.
    pub encoding: Encoding,
    /// What its form says.
    pub form: Form,
    /// It.
    pub token: Token,
}

/// What finds candidates.
pub struct Finder {
    /// The automaton, or what does its work some bytes at a time where the
    /// processor can.
    automaton: AhoCorasick,
    packed: Option<packed::Searcher>,
    patterns: Vec<Pattern>,
}

/// What decoded views are made in, to be used for one search after the other:
/// taking memory for each file of base64 took as long as searching it.
#[derive(Default)]
pub(super) struct Room(View);

impl Default for Finder {
    fn default() -> Finder {
        Finder::new()
    }
}

impl Finder {
    /// A finder of every prefix in every encoding.
    pub fn new() -> Finder {
        let patterns = patterns::all();
        let bytes = || patterns.iter().map(|pattern| &pattern.bytes);
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(bytes())
            .expect("a few short patterns make an automaton");
        let mut packed = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostFirst)
            .builder();
        Finder {
            automaton,
            packed: packed.extend(bytes()).build(),
            patterns,
        }
    }

    /// Hands over every candidate that lies in `bytes` whole, those in decoded
    /// views after those in the bytes themselves. One text can give two: its
    /// first 24 characters, and all of it.
    ///
    /// ```
    /// use keyctl::leak::finder::{Encoding, Finder};
    ///
    /// let mut found = Vec::new();
    /// let text = b"?key=app%2D0123456789ABCDEFGHIJKLNF&x";
    /// Finder::new().find(text, &mut |candidate| found.push(candidate));
    /// assert_eq!((found[0].start, found[0].encoding), (5, Encoding::EscapedHyphen));
    /// ```
    pub fn find(&self, bytes: &[u8], each: &mut dyn FnMut(Candidate)) {
        self.find_in(bytes, &mut Room::default(), each);
    }

    /// The same, in room that was taken before.
    pub(super) fn find_in(&self, bytes: &[u8], room: &mut Room, each: &mut dyn FnMut(Candidate)) {
        self.find_plainly(bytes, &mut |_, candidate| each(candidate));
        join::views(bytes, &mut room.0, &mut |view| {
            self.find_plainly(&view.bytes, &mut |end, candidate| {
                // What does not lie across a break was found before, and what
                // is not base64 was never broken.
                let start = view.original_start(candidate.start, end);
                if let (Encoding::Base64, Some(start)) = (candidate.encoding, start) {
                    each(Candidate { start, ..candidate });
                }
            });
        });
    }

    /// Hands over what is written without breaks in base64, and where it ends.
    fn find_plainly(&self, bytes: &[u8], each: &mut dyn FnMut(usize, Candidate)) {
        let mut from = 0;
        while let Some(found) = self.next(bytes, from) {
            // A prefix may begin inside what looked like another one.
            from = found.start() + 1;
            let pattern = &self.patterns[found.pattern().as_usize()];
            let after = found.start() + pattern.prefix.len();
            if pattern.written == Written::Plain && !can_go_on(&bytes[after..]) {
                continue;
            }
            if let Some(text) = Text::decode(bytes, found.start(), pattern) {
                offer(&text, each);
            }
        }
    }

    fn next(&self, bytes: &[u8], from: usize) -> Option<Match> {
        match &self.packed {
            Some(packed) => packed.find_in(bytes, Span::from(from..bytes.len())),
            None => self.automaton.find(Input::new(bytes).range(from..)),
        }
    }
}

/// Whether a token can go on so: with a hyphen, however written, or with as many
/// letters and digits as follow a prefix without one. Most words that begin like
/// a prefix are told from one here.
fn can_go_on(after: &[u8]) -> bool {
    match after.first() {
        Some(b'-' | b'%' | b'=' | b'\\' | b'&') => true,
        Some(_) => {
            after.len() >= BODY_LEN && after[..BODY_LEN].iter().all(u8::is_ascii_alphanumeric)
        }
        None => false,
    }
}

/// Offers what a text may hold: a prefix's first 24 letters and digits, since
/// the digest decides whatever stands beside them, and the whole run of them.
fn offer(text: &Text<'_>, each: &mut dyn FnMut(usize, Candidate)) {
    let run = text.run();
    let long_run = text.long_run();
    let mut candidate = |len: usize| {
        let body = &long_run[..len];
        let mut token = Zeroizing::new(Vec::with_capacity(text.prefix.len() + 1 + len));
        token.extend_from_slice(text.prefix.as_bytes());
        token.extend_from_slice(if text.hyphen_len == 0 { b"" } else { b"-" });
        token.extend_from_slice(body);
        let token = Token::parse(&token).expect("a prefix, letters and digits are a token");
        let form = if token.has_check_characters() {
            Form::Checked
        } else if len == BODY_LEN && run.len() == len && !text.follows_a_word && has_classes(body) {
            Form::Classes
        } else {
            Form::Loose
        };
        let candidate = Candidate {
            start: text.start,
            encoding: text.encoding,
            form,
            token,
        };
        each(text.end(len), candidate);
    };
    if run.len() >= BODY_LEN {
        candidate(BODY_LEN);
    }
    if text.hyphen_len > 0 {
        let mut lens = vec![run.len(), long_run.len()];
        lens.dedup();
        lens.retain(|len| *len != BODY_LEN && RUN_LEN.contains(len));
        lens.into_iter().for_each(candidate);
    }
}

/// Whether all three classes of characters are there, which an identifier or a
/// number of that length rarely has.
pub(super) fn has_classes(body: &[u8]) -> bool {
    body.iter().any(u8::is_ascii_digit)
        && body.iter().any(u8::is_ascii_uppercase)
        && body.iter().any(u8::is_ascii_lowercase)
}
