//! Rows of a service's tables, a line each: a key reaches what its row and its
//! bindings say and nothing else, and nothing that is kept has its token in it.
#![no_main]

use keyctl::ops::dify::{Bindings, Column, Row, Situation, plan};
use keyctl::{Access, Scopes, Timestamp, Token, Workspace};
use libfuzzer_sys::fuzz_target;

const NOW: i64 = 1_800_000_000;

fn column(text: Option<&str>) -> Column<'_> {
    match text {
        Some("-") => Column::Missing,
        Some(text) => Column::Value(text),
        None => Column::Empty,
    }
}

/// The hexadecimal digits of what can only be a UUID.
fn uuid(id: &str) -> Option<String> {
    let digits = id.replace(['-', '{', '}'], "").to_ascii_lowercase();
    let is_uuid = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_uuid.then_some(digits)
}

fn is_same(one: &str, other: &str) -> bool {
    one == other || (uuid(one).is_some() && uuid(one) == uuid(other))
}

fuzz_target!(|data: &str| {
    let mut bindings = if data.starts_with('?') {
        Bindings::unknown()
    } else {
        Bindings::complete()
    };
    let mut bound = Vec::new();
    for line in data.lines() {
        let mut fields = line
            .split(',')
            .map(|text| Some(text).filter(|text| !text.is_empty()));
        let mut field = || fields.next().flatten();
        if line.starts_with(',') {
            let (_, key_id, kind, dataset) = (field(), field(), column(field()), field());
            if bindings.add(key_id, kind, dataset).is_ok() {
                bound.push((key_id, dataset));
            }
            continue;
        }
        let (id, app_id, tenant_id, kind) = (field(), field(), field(), field());
        let token = field().unwrap_or_default().as_bytes();
        let (last_used_at, created_at, dataset_id) = (field(), field(), column(field()));
        let row = Row {
            id,
            app_id,
            tenant_id,
            kind,
            token,
            last_used_at,
            created_at,
            dataset_id,
        };
        let situation = Situation {
            bindings: &bindings,
            workspace: &Workspace::default(),
            actor: &"alice".parse().expect("an actor"),
            now: Timestamp::from_unix(NOW).expect("a time"),
        };
        let key_id = "key_7h2kq9mzr4twx3bn".parse().expect("an id");
        let Ok(planned) = plan(&row, key_id, &situation) else {
            continue;
        };
        let key = planned.key;
        let of_row: Vec<_> = bound
            .iter()
            .filter(|(id, _)| is_same(id.unwrap_or_default(), row.id.unwrap_or_default()))
            .collect();
        match &key.access {
            Access::App(app) => {
                assert!(kind == Some("app") && of_row.is_empty());
                assert!(
                    app.as_str()
                        .eq_ignore_ascii_case(app_id.unwrap_or_default())
                );
            }
            Access::AllDatasets => {
                assert!(kind == Some("dataset") && app_id.is_none() && of_row.is_empty());
                assert!(!matches!(dataset_id, Column::Value(_)));
            }
            Access::Datasets(datasets) => assert!(
                kind == Some("dataset")
                    && datasets.iter().all(|id| {
                        let named = bound.iter().filter_map(|(_, dataset)| *dataset);
                        let of_column = match dataset_id {
                            Column::Value(dataset) => Some(dataset),
                            Column::Missing | Column::Empty => None,
                        };
                        named
                            .chain(of_column)
                            .any(|dataset| id.as_str().eq_ignore_ascii_case(dataset))
                    })
            ),
        }
        let secret = std::str::from_utf8(token).expect("a token is ASCII");
        let description = key.description.as_ref().map(ToString::to_string);
        for kept in [
            key.workspace.to_string(),
            key.access.to_string(),
            description.unwrap_or_default(),
        ] {
            assert!(!kept.contains(secret));
        }
        assert!(Token::parse(token).expect("a token").digest() == key.digest);
        assert!(key.scopes == Scopes::full() && key.expires_at.is_none());
        assert!(key.created_at.as_unix() <= NOW + 86_400);
    }
});
