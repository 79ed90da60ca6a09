//! What is looked for in the arguments before they are understood: passwords and
//! tokens, which must not be repeated by any message, options that contradict each
//! other across the command, and commands of another program.

use std::ffi::OsString;
use std::path::Path;

use keyctl::domain::{Actor, find_lookalike, find_token};
use keyctl::{Key, Location, Registry, Token};

use super::context::location;
use super::exit::Failure;
use super::ui::quoted;

/// From how many letters and digits on `app` and what follows it is looked up:
/// imported tokens may have no hyphen.
const UNHYPHENATED_LEN: usize = 20;
/// Options whose value is the service's own id, or a path, and commands that a
/// path follows: these may look like a token, and are one only if it is certain.
const ID_OPTIONS: [&str; 11] = [
    "--dataset",
    "-d",
    "--app",
    "--store",
    "--token-file",
    "--bindings",
    "import",
    "export",
    "--revocations",
    "backup",
    "restore",
];
/// Options whose value is free text.
const TEXT_OPTIONS: [&str; 3] = ["--reason", "--description", "--actor"];
/// Options with a value that mean the same before and after the command, where
/// clap would silently prefer the one after it.
pub(super) const GLOBAL_OPTIONS: [&str; 5] =
    ["--store", "--workspace", "--actor", "--output", "--color"];

/// Refuses arguments that hold a password or a token, contradict each other, or are meant for
/// keyutils' `keyctl`.
pub(crate) fn check(args: &[OsString]) -> Result<(), Failure> {
    // Lossy: what is not text can still hold a token that is.
    let words: Vec<String> = args
        .iter()
        .skip(1)
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // First: whose a token is, a store is asked.
    if has_password(&words) {
        return Err(Failure::usage("a URL in the arguments has a password in it")
            .hint("other users of this machine can read arguments while they run")
            .hint(
                "put the password into ~/.pgpass, or the file that PGPASSFILE names, with mode 600",
            )
            .hint("or give the whole URL in KEYCTL_STORE"));
    }
    for (index, word) in words.iter().enumerate() {
        let before = index.checked_sub(1).map_or("", |before| words[before]);
        if let Some(failure) = token_in(index + 1, before, word, &words) {
            return Err(failure);
        }
    }
    if is_for_keyutils(&words) {
        return Err(Failure::usage(
            "these arguments are for another keyctl, the one of Linux's keyutils",
        )
        .hint("this keyctl manages API keys: keyctl help")
        .hint("keyutils' own program is usually /bin/keyctl"));
    }
    match repeated_option(&words) {
        Some("--output") if words.contains(&"--json") => {
            Err(Failure::usage("--json and --output contradict each other")
                .hint("--json is short for --output json"))
        }
        Some(option) => Err(Failure::usage(format!("{option} is given more than once"))
            .hint("give it once, before or after the command")),
        None => Ok(()),
    }
}

/// Whether the URL of a server has a password in it, wherever it stands.
fn has_password(words: &[&str]) -> bool {
    let starts = |word: &str| {
        let found = ["postgres://", "postgresql://"].map(|scheme| word.find(scheme));
        found.into_iter().flatten().min()
    };
    let is_url_with_one = |value: &str| Location::Url(value.to_owned()).holds_password();
    let before = std::iter::once(&"").chain(words);
    words.iter().zip(before).any(|(word, before)| {
        let joined = word.strip_prefix("--store=");
        let value = joined.or((*before == "--store").then_some(*word));
        value.is_some_and(is_url_with_one)
            || starts(word).is_some_and(|start| is_url_with_one(&word[start..]))
    })
}

/// The refusal of an argument that holds a token.
fn token_in(number: usize, before: &str, word: &str, words: &[&str]) -> Option<Failure> {
    if let Some(token) = find_token(word) {
        return Some(refused(number, owner_of(token, words), words));
    }
    let option = word.split('=').next().unwrap_or_default();
    let may_look_like_one = ID_OPTIONS.contains(&before) || ID_OPTIONS.contains(&option);
    let lookalike = find_lookalike(word);
    let owner = owner_of(lookalike.or_else(|| unhyphenated(word))?, words);
    let is_refused = owner.is_some() || (lookalike.is_some() && !may_look_like_one);
    is_refused.then(|| refused(number, owner, words))
}

/// The first run of letters and digits that begins with `app` and is long
/// enough for a token without a hyphen.
fn unhyphenated(word: &str) -> Option<&str> {
    word.split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|run| run.find("app").map(|start| &run[start..]))
        .find(|run| run.len() >= "app".len() + UNHYPHENATED_LEN)
}

fn refused(number: usize, owner: Option<Key>, words: &[&str]) -> Failure {
    let failure = Failure::usage(format!("argument {number} holds a token"));
    let failure = match owner {
        Some(key) => {
            // A path can hold a token too.
            let store =
                option_value(words, "--store").filter(|path| find_lookalike(path).is_none());
            let store = store.map(|path| format!(" --store {}", quoted(path)));
            failure
                .hint(format!(
                    "it belongs to {}, and others may have seen it",
                    key.id
                ))
                .hint(format!(
                    "revoke it: keyctl revoke {} --workspace {}{}",
                    key.id,
                    key.workspace,
                    store.unwrap_or_default()
                ))
        }
        None => failure.hint("other users of this machine can read arguments while they run"),
    };
    failure.hint("give tokens on standard input or in a file, as in: keyctl verify < FILE")
}

/// The key of the token, wherever the store can be told to be from arguments
/// that were not parsed.
fn owner_of(token: &str, words: &[&str]) -> Option<Key> {
    let location = location(option_value(words, "--store").map(Path::new)).ok()?;
    let actor: Actor = "nobody".parse().ok()?;
    let mut registry = Registry::open(&location, actor).ok()?;
    let token = Token::parse(token.as_bytes()).ok()?;
    registry.find_by_token(None, &token).ok()?
}

/// The value of an option in arguments that were not parsed.
pub(super) fn option_value<'a>(words: &[&'a str], option: &str) -> Option<&'a str> {
    let joined = format!("{option}=");
    words.iter().enumerate().find_map(|(i, word)| {
        if *word == option {
            words.get(i + 1).copied()
        } else {
            word.strip_prefix(&joined)
        }
    })
}

/// An option that is given both before and after the command.
fn repeated_option(words: &[&str]) -> Option<&'static str> {
    let options = words.iter().take_while(|word| **word != "--");
    let count = |long: &str| {
        let given = options.clone().filter(|word| {
            is_long(word, long) || (long == "--output" && joined_output(word).is_some())
        });
        given.count()
    };
    GLOBAL_OPTIONS.into_iter().find(|long| {
        // --json is another way to say --output.
        let json = usize::from(*long == "--output" && words.contains(&"--json"));
        count(long) + json > 1
    })
}

fn is_long(word: &str, long: &str) -> bool {
    word.strip_prefix(long)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

/// What is joined to `-o` in a word of short options, as `json` in `-qojson`;
/// empty if the value is the next word.
pub(crate) fn joined_output(word: &str) -> Option<&str> {
    let cluster = word
        .strip_prefix('-')?
        .trim_start_matches(['q', 'y', 'n', 'a']);
    let value = cluster.strip_prefix('o')?;
    Some(value.strip_prefix('=').unwrap_or(value))
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
    let before = std::iter::once(&"").chain(words);
    is_command
        || words
            .iter()
            .zip(before)
            .any(|(word, before)| is_keyring(word) && !TEXT_OPTIONS.contains(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_refused_wherever_they_stand_and_ids_that_look_like_them_are_not() {
        let token = "app-0123456789ABCDEFGHIJKLNF";
        let lookalike = "ds-6f9619ff8b86d011b42d00cf4fc964ff";
        let cases: [(&[&str], bool); 16] = [
            (&[token], true),
            (&["import", token], true),
            (
                &["import", "/build/app-0123456789abcdef0123/keys.csv"],
                false,
            ),
            (&["list", &format!("--no-such-flag={token}")], true),
            (&["list", &format!("-x{token}")], true),
            (&["revoke", &format!("Bearer%20{token}")], true),
            (&["create", &format!("--name{token}")], true),
            (&["create", "--dataset", token], true),
            (&["show", lookalike], true),
            (&["create", "--name", lookalike], true),
            (&["create", "--dataset", lookalike], false),
            (&["create", &format!("--dataset={lookalike}")], false),
            (
                &["verify", "--token-file", "/tmp/app-0123456789abcdef0123/t"],
                false,
            ),
            (&["create", "--app", "web"], false),
            (&["verify", "-"], false),
            (&[], false),
        ];
        for (words, refused) in cases {
            let args: Vec<OsString> = ["keyctl", "--store", "/nonexistent/keys.db"]
                .iter()
                .chain(words)
                .map(OsString::from)
                .collect();
            assert_eq!(check(&args).is_err(), refused, "{words:?}");
        }
    }

    #[test]
    fn a_store_with_a_password_in_its_url_is_refused() {
        let cases: [(&[&str], bool); 12] = [
            (&["--store", "postgres://ann:hush@db/keys", "list"], true),
            (&["--store=postgres://ann:hush@db/keys", "list"], true),
            (
                &["list", "--store", "postgres://db/keys?password=hush"],
                true,
            ),
            (&["list", "--store=postgres://db/?x=1&password=hush"], true),
            (&["--store", "a", "list", "--store=postgres://a:b@c"], true),
            (&["--store", "postgres://ann@db/keys", "list"], false),
            (&["--store=postgres://db/keys?passfile=/x", "list"], false),
            (&["--store", "a:b@c", "list"], false),
            (&["create", "--reason", "postgres://ann:hush@db"], true),
            (&["export", "to:postgresql://ann:hush@db/keys"], true),
            (&["export", "postgres://ann@db/keys"], false),
            (&["list", "--store"], false),
        ];
        for (words, expected) in cases {
            assert_eq!(has_password(words), expected, "{words:?}");
        }
    }

    #[test]
    fn an_option_on_both_sides_of_the_command_is_found() {
        let cases: [(&[&str], Option<&str>); 10] = [
            (&["--store", "a", "list", "--store", "b"], Some("--store")),
            (&["--store=a", "list", "--store=a"], Some("--store")),
            (&["--json", "list", "-o", "csv"], Some("--output")),
            (&["-ojson", "list", "--output", "csv"], Some("--output")),
            (&["-qo", "json", "list", "-oid"], Some("--output")),
            (&["--workspace", "a", "list"], None),
            (&["list", "--json"], None),
            (&["list", "--offset"], None),
            (&["show", "--", "--store", "--store"], None),
            (&[], None),
        ];
        for (words, expected) in cases {
            assert_eq!(repeated_option(words), expected, "{words:?}");
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
            (&["list", "--actor", "@u"], false),
            (&[], false),
        ];
        for (words, expected) in cases {
            assert_eq!(is_for_keyutils(words), expected, "{words:?}");
        }
    }
}
