//! Every text that a user gives: what is read is shown so that it is read as
//! the same, and no text that is stored has a token in it.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use keyctl::domain::{
    Action, Actor, EventHash, KeptHead, KeyName, Lifetime, MaskedToken, Policy, Refusal, Remark,
    Selector, Setting, TargetId, find_lookalike, find_token,
};
use keyctl::ops::NamePattern;
use keyctl::{Expiry, KeyId, Location, Scope, Scopes, Timestamp, Workspace};
use libfuzzer_sys::fuzz_target;

fn read<T: FromStr + Display + PartialEq + Debug>(text: &str) -> Option<String> {
    let value: T = text.parse().ok()?;
    let shown = value.to_string();
    assert_eq!(shown.parse().ok(), Some(value));
    Some(shown)
}

fn check_words(text: &str) {
    let same = [
        read::<KeyName>(text),
        read::<Workspace>(text),
        read::<Actor>(text),
        read::<Remark>(text),
        read::<Scope>(text),
        read::<KeyId>(text),
        read::<Selector>(text),
        read::<MaskedToken>(text),
        read::<Action>(text),
    ];
    for shown in same.into_iter().flatten() {
        assert_eq!(shown, text);
        assert_eq!(find_token(&shown), None);
    }
    let others = [
        read::<TargetId>(text),
        read::<Scopes>(text),
        read::<EventHash>(text),
    ];
    for shown in others.into_iter().flatten() {
        assert_eq!(find_token(&shown), None);
        assert!(shown.len() <= text.len());
    }
    let is_name = matches!(text.parse(), Ok(Selector::Name(_)));
    assert_eq!(is_name, text.parse::<KeyName>().is_ok());
    assert!(!is_name || find_lookalike(text).is_none());
}

fn check_times(text: &str, now: Timestamp) {
    read::<Timestamp>(text);
    read::<Lifetime>(text);
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(Timestamp::from_database(text), Ok(time));
    }
    match text.parse::<Expiry>().map(|expiry| expiry.resolve(now)) {
        Ok(Ok(at)) => assert!(at.is_none_or(|at| at > now)),
        Ok(Err(refusal)) => assert!(matches!(
            refusal,
            Refusal::ExpiryInPast { .. } | Refusal::ExpiryTooFar
        )),
        Err(_) => {}
    }
    for setting in Setting::ALL {
        if let Ok(choice) = setting.choose(text) {
            let shown = Policy::default().with(choice).value(setting);
            assert_eq!(setting.choose(&shown), Ok(choice));
        }
    }
}

fuzz_target!(|data: &str| {
    let (text, name) = data.split_once('\n').unwrap_or((data, "web"));
    check_words(data);
    check_words(text);
    // Some time between the first and the last.
    let some = |sum: i64, byte| (sum * 256 + i64::from(byte)) % Timestamp::MAX.as_unix();
    let now = Timestamp::from_unix(name.bytes().fold(0, some)).expect("a time");
    check_times(text, now);
    let _ = text.parse::<KeptHead>();
    if let (Ok(pattern), Ok(name)) = (text.parse::<NamePattern>(), name.parse()) {
        assert!(pattern.fits(&name) || text != "*");
        assert!(!pattern.fits(&name) || text.contains(['*', '?', '[']) || text == name.as_str());
    }
    let Ok(location) = text.parse::<Location>();
    let hidden = text
        .split_once("://")
        .map(|(scheme, _)| format!("{scheme}://…"));
    assert_eq!(location.to_string(), hidden.unwrap_or(text.to_owned()));
});
