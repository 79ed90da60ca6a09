//! Very many tokens get the answers that each of them gets by itself.

use keyctl::domain::{Selector, Standing};
use keyctl::ops::Selection;
use keyctl::{
    IssueRequest, Need, Presented, Target, Timestamp, Token, Verdict, Verification, Verifier,
    Workspace,
};

use super::requests::revoke;
use super::{Place, at, datasets, request, workspace};

type Heard = Vec<(usize, Verification<Standing>)>;

/// Enough for two threads.
const COUNT: usize = 5_000;

fn need() -> Need {
    Need {
        target: Some(Target::Dataset("ds_1".parse().unwrap())),
        scopes: Vec::new(),
    }
}

/// A text for each verdict that has to be looked up, and for some that have not.
fn texts(place: &mut Place) -> Vec<String> {
    let bound = |ids: &[&str]| IssueRequest {
        access: datasets(ids),
        ..request("web", Some("ci"))
    };
    let elsewhere = IssueRequest {
        workspace: workspace("team"),
        ..bound(&["ds_1"])
    };
    let requests = [
        bound(&["ds_1", "ds_2"]),
        bound(&["ds_3"]),
        bound(&["ds_1"]),
        elsewhere,
    ];
    let issued = requests.map(|request| place.issue(&request));
    let ended = Selection::Key(Selector::Id(issued[2].0.id.clone()));
    place.registry.revoke(&revoke(vec![ended]), at(20)).unwrap();
    let unknown = ["dataset-0123456789ABCDEFGHIJKLYc", "", "a\tb"];
    let tokens = issued.iter().map(|(_, token)| token.expose().to_owned());
    tokens.chain(unknown.map(str::to_owned)).collect()
}

fn ask(verifier: &Verifier, texts: &[&str], now: Timestamp) -> Vec<Verification<Standing>> {
    let presented = Presented::of(texts);
    let each = |heard: &mut Heard, place, answer| heard.push((place, answer));
    let mut heard = verifier
        .verify_each(presented, &need(), now, each)
        .unwrap()
        .concat();
    heard.sort_by_key(|(place, _)| *place);
    let places: Vec<usize> = heard.iter().map(|(place, _)| *place).collect();
    assert!(places.into_iter().eq(0..texts.len()), "each has one answer");
    heard.into_iter().map(|(_, answer)| answer).collect()
}

#[test]
fn very_many_tokens_get_the_answers_of_each() {
    let mut place = Place::new();
    let texts = texts(&mut place);
    let verifier = Verifier::open(&place.location(), Workspace::default()).unwrap();
    let verifier = verifier.without_touch();
    let alone = texts
        .iter()
        .map(|text| verifier.verify(text, &need(), at(30)).unwrap());
    let alone: Vec<Verification<Standing>> = alone.map(Verification::from).collect();
    let verdicts: Vec<Verdict> = alone.iter().map(|answer| answer.verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Valid,
            Verdict::Forbidden,
            Verdict::Revoked,
            Verdict::NotFound,
            Verdict::NotFound,
            Verdict::Malformed,
            Verdict::Malformed,
        ]
    );
    for count in [0, 1, texts.len(), 1_500, COUNT] {
        // In an order in which neighbours differ.
        let nth = |place: usize| place * 3 % texts.len();
        let presented: Vec<&str> = (0..count).map(|place| texts[nth(place)].as_str()).collect();
        let expected: Vec<_> = (0..count).map(|place| alone[nth(place)].clone()).collect();
        assert!(ask(&verifier, &presented, at(30)) == expected, "{count}");
    }
    // Of one kind alone, so that there is nothing in one of the two places to look.
    for (text, expected) in texts.iter().zip(alone) {
        let answers = ask(&verifier, &vec![text.as_str(); COUNT], at(30));
        assert!(
            answers.iter().all(|answer| *answer == expected),
            "{expected:?}"
        );
    }
}

#[test]
fn the_use_of_very_many_keys_is_recorded() {
    let mut place = Place::new();
    let texts = texts(&mut place);
    let verifier = Verifier::open(&place.location(), Workspace::default()).unwrap();
    let presented: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .cycle()
        .take(COUNT)
        .collect();
    ask(&verifier, &presented, at(30));
    let expected = [Some(at(30)), Some(at(30)), None, None];
    for (text, last_used_at) in texts.iter().zip(expected) {
        let token = Token::parse(text.as_bytes()).unwrap();
        let key = place.registry.find_by_token(None, &token).unwrap().unwrap();
        assert_eq!(key.last_used_at, last_used_at);
    }
}
