//! What is looked for in the arguments before they are understood: tokens,
//! which must not be repeated by any message, and commands of another program.

use std::ffi::OsString;
use std::path::PathBuf;

use keyctl::domain::Actor;
use keyctl::{Key, Registry, Token, find_token};

use super::context::guess_location;
use super::exit::Failure;

/// Refuses arguments that hold a token, or are meant for keyutils' `keyctl`.
pub(crate) fn check(args: &[OsString]) -> Result<(), Failure> {
    let words: Vec<&str> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    for (index, arg) in args.iter().enumerate().skip(1) {
        // Lossy: what is not text can still hold a token that is.
        if let Some(token) = token_in(&arg.to_string_lossy()) {
            return Err(token_as_argument(index, &token, &words));
        }
    }
    if is_for_keyutils(&words) {
        return Err(Failure::usage(
            "these arguments are for another keyctl, the one of Linux's keyutils",
        )
        .hint("this keyctl manages API keys: keyctl help")
        .hint("keyutils' own program is usually /usr/bin/keyctl"));
    }
    Ok(())
}

/// A token in an argument; behind a short option it needs no boundary.
fn token_in(arg: &str) -> Option<String> {
    let is_short_option = arg.starts_with('-') && !arg.starts_with("--");
    let starts = arg.char_indices().map(|(start, _)| start);
    starts
        .take(if is_short_option { arg.len() } else { 1 })
        .find_map(|start| find_token(&arg[start..]))
        .map(str::to_owned)
}

fn token_as_argument(index: usize, token: &str, words: &[&str]) -> Failure {
    let failure = Failure::usage(format!("argument {index} is a token"));
    let failure = match owner_of(token, words) {
        Some(key) => failure
            .hint(format!(
                "it belongs to {}, which others may now have seen",
                key.id
            ))
            .hint(format!(
                "revoke it: keyctl revoke {} --workspace {}",
                key.id, key.workspace
            )),
        None => failure.hint("other users of this machine can read arguments while they run"),
    };
    failure.hint("give tokens on standard input or by --token-file, as in: keyctl verify < FILE")
}

/// The key of the token, wherever the store can be told to be from arguments
/// that were not parsed.
fn owner_of(token: &str, words: &[&str]) -> Option<Key> {
    let store = words.iter().enumerate().find_map(|(i, word)| {
        if *word == "--store" {
            words.get(i + 1).copied()
        } else {
            word.strip_prefix("--store=")
        }
    });
    let location = guess_location(store.map(PathBuf::from).as_deref())?;
    let actor: Actor = "nobody".parse().ok()?;
    let mut registry = Registry::open(&location, actor).ok()?;
    let token = Token::parse(token.as_bytes()).ok()?;
    registry.find_by_token(None, &token).ok()?
}

/// Commands of keyutils' `keyctl` (its manual page, 1.6) that are none of ours.
const KEYUTILS_COMMANDS: [&str; 46] = [
    "--show",
    "add",
    "padd",
    "request",
    "request2",
    "prequest2",
    "update",
    "pupdate",
    "newring",
    "chown",
    "chgrp",
    "clear",
    "link",
    "unlink",
    "move",
    "search",
    "read",
    "pipe",
    "print",
    "rlist",
    "describe",
    "rdescribe",
    "setperm",
    "new_session",
    "session",
    "instantiate",
    "pinstantiate",
    "negate",
    "reject",
    "timeout",
    "security",
    "purge",
    "reap",
    "invalidate",
    "get_persistent",
    "dh_compute",
    "dh_compute_kdf",
    "pkey_query",
    "pkey_encrypt",
    "pkey_decrypt",
    "pkey_sign",
    "pkey_verify",
    "restrict_keyring",
    "supports",
    "watch",
    "watch_session",
];
/// The keyrings that it knows by a sign.
const KEYUTILS_KEYRINGS: [&str; 8] = ["@t", "@p", "@s", "@u", "@us", "@g", "@a", "@r"];

fn is_for_keyutils(words: &[&str]) -> bool {
    let is_command = words
        .first()
        .is_some_and(|first| KEYUTILS_COMMANDS.contains(first));
    let is_keyring = |word: &&str| {
        KEYUTILS_KEYRINGS.contains(word)
            || word
                .strip_prefix('%')
                .and_then(|rest| rest.split_once(':'))
                .is_some_and(|(kind, _)| kind.bytes().all(|byte| byte.is_ascii_alphabetic()))
    };
    // Free text may be anything, a sign of a keyring included.
    let is_free_text = |option: &&str| ["--reason", "--description"].contains(option);
    let before = std::iter::once(&"").chain(words);
    is_command
        || words
            .iter()
            .zip(before)
            .any(|(word, before)| is_keyring(word) && !is_free_text(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_wherever_they_stand_in_an_argument() {
        let token = "app-0123456789ABCDEFGHIJKLNF";
        let cases = [
            (token.to_owned(), true),
            (format!("--name={token}"), true),
            (format!("--no-such-flag={token}"), true),
            (format!("-x{token}"), true),
            (format!("see {token}."), true),
            ("--app=web".to_owned(), false),
            ("webapp-0123456789ABCDEFGHIJKLNF".to_owned(), false),
            ("-".to_owned(), false),
            (String::new(), false),
        ];
        for (arg, found) in cases {
            let expected = found.then_some(token);
            assert_eq!(token_in(&arg).as_deref(), expected, "{arg}");
        }
    }

    #[test]
    fn keyutils_arguments_are_recognised_and_ours_are_not() {
        let cases: [(&[&str], bool); 11] = [
            (&["padd", "user", "x", "@u"], true),
            (&["session"], true),
            (&["show", "@s"], true),
            (&["list", "@u"], true),
            (&["revoke", "%user:mykey"], true),
            (&["revoke", "%:ring"], true),
            (&["list"], false),
            (&["revoke", "ci", "--reason", "@u"], false),
            (&["create", "--dataset", "session"], false),
            (&["list", "--name", "%x"], false),
            (&[], false),
        ];
        for (words, expected) in cases {
            assert_eq!(is_for_keyutils(words), expected, "{words:?}");
        }
    }
}
