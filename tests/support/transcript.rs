//! What a run printed, with everything that differs from run to run replaced by
//! a name. What is replaced is held against its shape first, so that a wrong id
//! or token cannot hide behind its replacement.

use std::collections::BTreeMap;

use keyctl::{KeyId, Location, Timestamp, Token};
use regex::{Captures, Regex};

use super::support::Run;

/// Standard output, standard error and exit code of a run.
pub(crate) fn transcript(run: &Run) -> String {
    let text = format!(
        "{}--- stderr\n{}--- exit {}\n",
        run.stdout, run.stderr, run.code
    );
    let text = text.replace(&run.home.display().to_string(), "[HOME]");
    redacted(&placed(&text, run.store.as_deref()))
}

/// The text with `[PLACE]` where the store is named in the form that is right
/// there: for people by `~`, at the end of a line; in documents and alone in a
/// line in full. Of a store that is not a file there is one form.
fn placed(text: &str, store: Option<&str>) -> String {
    if let Some(store) = store {
        let location: Location = store.parse().expect("every text is a place");
        return text.replace(&location.to_string(), "[PLACE]");
    }
    let forms = [
        (r"(?m)~/F$", "[PLACE]"),
        (r"(?m)^\[HOME\]/F$", "[PLACE]"),
        (r#""(store|path)":( ?)"\[HOME\]/F""#, r#""$1":$2"[PLACE]""#),
    ];
    forms.iter().fold(text.to_owned(), |text, (form, place)| {
        let form = form.replace('F', r"\.local/share/keyctl/keys\.db");
        let form = Regex::new(&form).expect("the pattern is valid");
        form.replace_all(&text, *place).into_owned()
    })
}

/// The text with `[KEY1]`, `[TOKEN]`, `[MASK]`, `[TIME]`, `[HASH]` and `[STORE]`
/// in the place of what they stand for.
fn redacted(text: &str) -> String {
    let text = replace(text, r"\b(app|dataset)-[0-9A-Za-z]{20,}\b", |token| {
        let parsed = Token::parse(token.as_bytes()).expect("a printed token is one");
        assert!(
            !parsed.looks_mistyped(),
            "check characters of a printed token"
        );
        assert_eq!(
            token.len() - token.find('-').unwrap_or(0),
            25,
            "length of a token"
        );
        "[TOKEN]".to_owned()
    });
    let text = replace(
        &text,
        r"\b(app-[0-9A-Za-z]|datas)\.\.\.[0-9A-Za-z]{4}",
        |mask| format!("{}...[MASK]", &mask[..3]),
    );
    let text = replace(&text, r"\b\d{4}-\d\d-\d\dT[0-9:.+-]+Z?", |time| {
        let parsed: Timestamp = time.parse().expect("a printed time is RFC 3339");
        assert_eq!(parsed.to_string(), time, "times are UTC in whole seconds");
        "[TIME]".to_owned()
    });
    let text = replace(&text, r"\b\d{8}T\d{6}Z\b", |_| "[TIME]".to_owned());
    let text = replace(&text, r"\b[0-9a-f]{64}\b", |_| "[HASH]".to_owned());
    let text = replace(&text, r"\bstore_[0-9a-hjkmnp-tv-z]{16}\b", |_| {
        "[STORE]".to_owned()
    });
    let mut ids = BTreeMap::new();
    replace(&text, r"\bkey_[0-9a-hjkmnp-tv-z]{4,}\b", |id| {
        id.parse::<KeyId>().expect("a printed id is whole");
        let next = ids.len() + 1;
        format!("[KEY{}]", ids.entry(id.to_owned()).or_insert(next))
    })
}

fn replace(text: &str, pattern: &str, mut with: impl FnMut(&str) -> String) -> String {
    let pattern = Regex::new(pattern).expect("the pattern is valid");
    pattern
        .replace_all(text, |found: &Captures<'_>| with(&found[0]))
        .into_owned()
}
