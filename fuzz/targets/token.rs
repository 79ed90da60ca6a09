//! Whatever is presented is judged: what cannot be a token is malformed, the
//! token of the only key is valid, and nothing else is, however like it it is.
#![no_main]

use std::sync::LazyLock;

use keyctl::{
    Access, IssueRequest, Location, Need, Registry, Scopes, Target, Timestamp, Token, Verdict,
    Verifier, Workspace,
};
use libfuzzer_sys::fuzz_target;

static STORE: LazyLock<(Verifier, Need, String)> = LazyLock::new(|| store().expect("a store"));

fn store() -> Result<(Verifier, Need, String), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let location = Location::File(folder.path().join("keys.db"));
    let mut registry = Registry::create(&location, "alice".parse()?, Timestamp::MIN)?;
    let request = IssueRequest {
        workspace: Workspace::default(),
        access: Access::App("web".parse()?),
        name: None,
        description: None,
        scopes: Scopes::full(),
        expiry: None,
        dry_run: false,
    };
    let mut token = String::new();
    registry.issue(&request, Timestamp::MIN, |_, issued| {
        token.push_str(issued.expose());
        Ok(())
    })?;
    let need = Need {
        target: Some(Target::App("web".parse()?)),
        scopes: Vec::new(),
    };
    let verifier = Verifier::open(&location, Workspace::default())?.without_touch();
    // From here on its files are open, and the folder can go.
    verifier.verify(&token, &need, Timestamp::MIN)?;
    Ok((verifier, need, token))
}

fuzz_target!(|data: &[u8]| {
    let (verifier, need, token) = &*STORE;
    let mut near = token.clone().into_bytes();
    for patch in data.chunks_exact(2) {
        near[usize::from(patch[0]) % token.len()] = patch[1];
    }
    for text in [data, &near] {
        let expected = match Token::parse(text) {
            Err(_) => Verdict::Malformed,
            Ok(_) if text == token.as_bytes() => Verdict::Valid,
            Ok(_) => Verdict::NotFound,
        };
        let answer = verifier.verify(text, need, Timestamp::MIN);
        assert!(answer.expect("the store can be read").verdict == expected);
        let Ok(parsed) = Token::parse(text) else {
            continue;
        };
        let mask = parsed.mask();
        assert!(mask.as_str() == "***" || (text.len() > 8 && mask.as_str().len() == 12));
        assert!(mask.as_str().parse().as_ref() == Ok(&mask));
        assert!(!(parsed.looks_mistyped() && parsed.has_check_characters()));
        assert!(parsed.expose().as_bytes() == text);
    }
});
