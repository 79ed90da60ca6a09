//! The keys of an existing service, dify: which row of its tables gives which
//! key.
//!
//! The service keeps them in the table `api_tokens`, in plain text, each of type
//! `app` or `dataset`. A key of type `dataset` reaches every dataset of its
//! tenant, unless rows of `dataset_api_token_bindings` bind it: then it reaches
//! what they name and nothing else, be that datasets or spaces of another kind,
//! which keyctl does not know (the service's migrations c3f1a9b2e6d4 and
//! 9a4e7d1c2b60 say so). What a row leaves open is refused: no key comes out
//! wider than it was.

mod bindings;

use std::str::FromStr;

use crate::domain::{
    Access, Actor, Datasets, Invalid, Key, KeyId, Lifetime, MalformedToken, Remark, Scopes,
    TargetId, Timestamp, Token, Workspace,
};

pub use bindings::Bindings;
use bindings::{Bound, ServiceId};

/// A row of `api_tokens`, as text; empty text is absent. It holds a token, so it
/// has no `Debug`.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The service's own id of the key.
    pub id: Option<&'a str>,
    /// The app it is for.
    pub app_id: Option<&'a str>,
    /// The tenant it belongs to.
    pub tenant_id: Option<&'a str>,
    /// `app` or `dataset`.
    pub kind: Option<&'a str>,
    /// The secret.
    pub token: &'a [u8],
    /// When it was last used.
    pub last_used_at: Option<&'a str>,
    /// When it was issued.
    pub created_at: Option<&'a str>,
    /// The one dataset it is bound to, in services that have this column.
    pub dataset_id: Column<'a>,
}

/// The value of a column that not every service has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column<'a> {
    /// There is no such column.
    Missing,
    /// It says nothing.
    Empty,
    /// It says this.
    Value(&'a str),
}

impl<'a> Column<'a> {
    fn value(self) -> Option<&'a str> {
        match self {
            Column::Value(value) => Some(value),
            Column::Missing | Column::Empty => None,
        }
    }
}

/// Why a row gives no key. It never holds anything of the row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRow {
    /// Nothing to know it by.
    #[error("it has no valid id")]
    Id,
    /// A binding of nobody knows which key.
    #[error("it has no valid api_token_id")]
    NoKey,
    /// The secret cannot be one.
    #[error("its token is not one: {0}")]
    Token(#[from] MalformedToken),
    /// The secret has a blank in it or around it, which nobody sends who
    /// presents it.
    #[error("its token has a blank in it")]
    Blanks,
    /// The secret is so short that its mask would show most of it.
    #[error("its token is shorter than {MIN_TOKEN_LEN} bytes")]
    Short,
    /// Another field has the secret in it, and is kept.
    #[error("its {0} has the token in it")]
    Repeated(&'static str),
    /// The type is another one.
    #[error("its type is neither app nor dataset")]
    Kind,
    /// A key for an app, without the app.
    #[error("it is of type app and has no app_id")]
    NoApp,
    /// A key for an app that is bound to datasets.
    #[error("it is of type app and bound to datasets")]
    AppWithDatasets,
    /// A key for datasets that names an app.
    #[error("it is of type dataset and has an app_id")]
    DatasetWithApp,
    /// Every binding is to something that keyctl does not know.
    #[error("it is bound, and not to a dataset")]
    NoDataset,
    /// The column and the bindings contradict each other.
    #[error("its dataset_id is not the dataset that the bindings bind it to")]
    Contradiction,
    /// Neither the column nor the bindings are there, so that it may be bound or
    /// not.
    #[error("nothing says whether it is bound to datasets")]
    MayBeBound,
    /// A field breaks the rule of what it should be.
    #[error("its {0} is not valid: {1}")]
    Field(&'static str, Invalid),
    /// A field says NULL in letters, as some tools write what is absent: whether
    /// it means that, or a thing of that name, is not for us to guess.
    #[error("its {0} is the word NULL, where what is absent is to be empty")]
    Null(&'static str),
    /// A time is not there.
    #[error("it has no {0}")]
    NoTime(&'static str),
    /// A time is yet to come.
    #[error("its {0} is in the future")]
    Future(&'static str),
}

/// A key that a row gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The key.
    pub key: Key,
    /// How many of its bindings were left out, since they are not to datasets.
    pub left_out_count: u64,
}

/// What else decides on a row.
pub struct Situation<'a> {
    /// What keys are bound to.
    pub bindings: &'a Bindings,
    /// The workspace of a row without a tenant.
    pub workspace: &'a Workspace,
    /// Who takes the key in, and so answers for its being here: the service does
    /// not say who issued it.
    pub actor: &'a Actor,
    /// When that is.
    pub now: Timestamp,
}

/// The shortest token that is taken, in bytes. A mask shows nine characters of it.
const MIN_TOKEN_LEN: usize = 20;

/// How far the clock of the service may be ahead.
const MAX_AHEAD: Lifetime = Lifetime::from_seconds(24 * 60 * 60);

/// The key that a row gives under a new id.
///
/// # Errors
/// [`BadRow`] says why it gives none.
pub fn plan(row: &Row<'_>, id: KeyId, situation: &Situation<'_>) -> Result<Planned, BadRow> {
    let token = read_token(row)?;
    let id_there = row.id.ok_or(BadRow::Id)?;
    let service_id = ServiceId::read(id_there).ok_or(BadRow::Id)?;
    let description: Remark = format!("dify {id_there}").parse().map_err(|_| BadRow::Id)?;
    let workspace = match row.tenant_id {
        Some(tenant) => field("tenant_id", tenant)?,
        None => situation.workspace.clone(),
    };
    let (access, left_out_count) = match row.kind {
        Some("app") => (app_access(row, situation.bindings.of(&service_id))?, 0),
        Some("dataset") => dataset_access(row, &service_id, situation.bindings)?,
        _ => return Err(BadRow::Kind),
    };
    let time = |name, text| time(name, text, situation.now);
    let created_at = time("created_at", row.created_at)?.ok_or(BadRow::NoTime("created_at"))?;
    Ok(Planned {
        key: Key {
            id,
            workspace,
            // The service has no names; its id is what a key is found by there.
            name: None,
            description: Some(description),
            access,
            // Nor has it scopes: a key may do all that its kind may.
            scopes: Scopes::full(),
            digest: token.digest(),
            masked_token: token.mask(),
            created_at,
            created_by: situation.actor.clone(),
            expires_at: None,
            last_used_at: time("last_used_at", row.last_used_at)?,
            disabled_at: None,
            revoked_at: None,
            revoke_reason: None,
            replaces: None,
            replaced_by: None,
        },
        left_out_count,
    })
}

fn read_token(row: &Row<'_>) -> Result<Token, BadRow> {
    let token = Token::parse(row.token)?;
    if row.token.iter().any(u8::is_ascii_whitespace) {
        return Err(BadRow::Blanks);
    }
    if row.token.len() < MIN_TOKEN_LEN {
        return Err(BadRow::Short);
    }
    let kept = [
        ("id", row.id),
        ("app_id", row.app_id),
        ("tenant_id", row.tenant_id),
        ("dataset_id", row.dataset_id.value()),
    ];
    for (name, value) in kept {
        let mut parts = value
            .unwrap_or_default()
            .as_bytes()
            .windows(row.token.len());
        if parts.any(|part| part == row.token) {
            return Err(BadRow::Repeated(name));
        }
    }
    Ok(token)
}

fn app_access(row: &Row<'_>, bound: Option<&Bound>) -> Result<Access, BadRow> {
    if bound.is_some() || matches!(row.dataset_id, Column::Value(_)) {
        return Err(BadRow::AppWithDatasets);
    }
    let app = row.app_id.ok_or(BadRow::NoApp)?;
    target("app_id", app).map(Access::App)
}

/// And how many bindings were left out.
fn dataset_access(
    row: &Row<'_>,
    service_id: &ServiceId,
    bindings: &Bindings,
) -> Result<(Access, u64), BadRow> {
    if row.app_id.is_some() {
        return Err(BadRow::DatasetWithApp);
    }
    let of_column = match row.dataset_id.value() {
        Some(id) => Some(Datasets::one(target("dataset_id", id)?)),
        None => None,
    };
    let Some(bound) = bindings.of(service_id) else {
        let is_known = bindings.are_complete || row.dataset_id != Column::Missing;
        return match of_column {
            Some(datasets) => Ok((Access::Datasets(datasets), 0)),
            None if is_known => Ok((Access::AllDatasets, 0)),
            None => Err(BadRow::MayBeBound),
        };
    };
    let datasets = Datasets::new(bound.datasets.iter().cloned()).ok_or(BadRow::NoDataset)?;
    if of_column.is_some_and(|of_column| of_column != datasets) {
        return Err(BadRow::Contradiction);
    }
    Ok((Access::Datasets(datasets), bound.other_count))
}

fn target(name: &'static str, id: &str) -> Result<TargetId, BadRow> {
    field(name, id)
}

fn field<T: FromStr<Err = Invalid>>(name: &'static str, text: &str) -> Result<T, BadRow> {
    if is_null(text) {
        return Err(BadRow::Null(name));
    }
    text.parse().map_err(|problem| BadRow::Field(name, problem))
}

fn is_null(text: &str) -> bool {
    text.eq_ignore_ascii_case("null")
}

fn time(
    name: &'static str,
    text: Option<&str>,
    now: Timestamp,
) -> Result<Option<Timestamp>, BadRow> {
    let Some(text) = text else {
        return Ok(None);
    };
    let time = Timestamp::from_database(text).map_err(|p| BadRow::Field(name, p))?;
    match now.checked_add(MAX_AHEAD) {
        Some(latest) if time > latest => Err(BadRow::Future(name)),
        _ => Ok(Some(time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind;

    const ID: &str = "1b4e28ba-2fa1-41d2-883f-0016d3cca427";
    const OTHER_ID: &str = "6fa459ea-ee8a-4ca4-894e-db77e160355e";

    /// What is known of bindings: nothing; or these datasets and so many others.
    type Known = Option<(&'static [&'static str], u64)>;

    fn bindings(known: Known) -> Bindings {
        let Some((datasets, other_count)) = known else {
            return Bindings::unknown();
        };
        let mut bindings = Bindings::complete();
        let dataset = Column::Value("dataset");
        let space = Column::Value("knowledge_fs_space");
        for id in datasets {
            bindings.add(Some(ID), dataset, Some(id)).unwrap();
        }
        for _ in 0..other_count {
            bindings.add(Some(ID), space, None).unwrap();
        }
        bindings
    }

    fn planned(row: &Row<'_>, bindings: &Bindings) -> Result<Planned, BadRow> {
        let situation = Situation {
            bindings,
            workspace: &"fallback".parse().unwrap(),
            actor: &"alice".parse().unwrap(),
            now: "2024-07-01T00:00:00Z".parse().unwrap(),
        };
        plan(row, KeyId::generate().unwrap(), &situation)
    }

    /// A row of a key for an app, in a service without the column for a dataset.
    fn app_row<'a>(token: &'a Token) -> Row<'a> {
        Row {
            id: Some(ID),
            app_id: Some("web"),
            tenant_id: Some("acme"),
            kind: Some("app"),
            token: token.expose().as_bytes(),
            last_used_at: Some("2024-06-01 00:00:00"),
            created_at: Some("2024-05-06 07:08:09.123456"),
            dataset_id: Column::Missing,
        }
    }

    #[test]
    fn a_row_reaches_what_it_reached_or_gives_no_key() {
        use Column::{Empty, Missing, Value};
        let all = Ok(("all datasets", 0));
        let none: Known = Some((&[], 0));
        // app_id, dataset_id, bindings; access and how many bindings are left out
        let of_datasets = [
            (None, Missing, None, Err(BadRow::MayBeBound)),
            (None, Missing, none, all.clone()),
            (None, Empty, None, all.clone()),
            (None, Empty, none, all),
            (None, Value("a"), None, Ok(("dataset a", 0))),
            (None, Value("a"), none, Ok(("dataset a", 0))),
            (None, Missing, Some((&["a"], 0)), Ok(("dataset a", 0))),
            (
                None,
                Empty,
                Some((&["b", "a"], 0)),
                Ok(("datasets a, b", 0)),
            ),
            (None, Missing, Some((&["a"], 2)), Ok(("dataset a", 2))),
            (None, Missing, Some((&[], 1)), Err(BadRow::NoDataset)),
            (None, Value("a"), Some((&[], 1)), Err(BadRow::NoDataset)),
            (None, Value("a"), Some((&["a"], 1)), Ok(("dataset a", 1))),
            (
                None,
                Value("a"),
                Some((&["b"], 0)),
                Err(BadRow::Contradiction),
            ),
            (
                None,
                Value("a"),
                Some((&["a", "b"], 0)),
                Err(BadRow::Contradiction),
            ),
            (Some("web"), Empty, None, Err(BadRow::DatasetWithApp)),
            (None, Value("null"), None, Err(BadRow::Null("dataset_id"))),
        ];
        let of_apps = [
            (Some("web"), Missing, None, Ok(("app web", 0))),
            (Some("web"), Empty, none, Ok(("app web", 0))),
            (None, Missing, None, Err(BadRow::NoApp)),
            (Some("NULL"), Missing, None, Err(BadRow::Null("app_id"))),
            (Some("web"), Value("a"), None, Err(BadRow::AppWithDatasets)),
            (
                Some("web"),
                Missing,
                Some((&["a"], 0)),
                Err(BadRow::AppWithDatasets),
            ),
            (
                Some("web"),
                Missing,
                Some((&[], 1)),
                Err(BadRow::AppWithDatasets),
            ),
        ];
        let token = Token::generate(Kind::Dataset).unwrap();
        let cases = of_datasets.map(|case| ("dataset", case)).into_iter();
        for (kind, (app_id, dataset_id, known, expected)) in
            cases.chain(of_apps.map(|case| ("app", case)))
        {
            let row = Row {
                kind: Some(kind),
                app_id,
                dataset_id,
                ..app_row(&token)
            };
            let found = planned(&row, &bindings(known))
                .map(|planned| (planned.key.access.to_string(), planned.left_out_count));
            let expected = expected.map(|(access, count)| (access.to_owned(), count));
            assert_eq!(
                found, expected,
                "{kind} {app_id:?} {dataset_id:?} {known:?}"
            );
        }
    }

    #[test]
    fn the_key_has_what_the_row_says_and_of_the_token_what_is_kept() {
        let token = Token::generate(Kind::App).unwrap();
        let none = Bindings::unknown();
        let key = planned(&app_row(&token), &none).unwrap().key;
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(key.workspace.as_str(), "acme");
        assert_eq!(key.digest, token.digest());
        assert_eq!(key.masked_token, token.mask());
        assert_eq!(key.created_at, time("2024-05-06T07:08:09Z"));
        assert_eq!(key.last_used_at, Some(time("2024-06-01T00:00:00Z")));
        assert_eq!(key.scopes, Scopes::full());
        assert_eq!(key.created_by.as_str(), "alice");
        assert_eq!(key.description.unwrap().as_str(), format!("dify {ID}"));
        let nobodys = Row {
            tenant_id: None,
            last_used_at: None,
            ..app_row(&token)
        };
        let key = planned(&nobodys, &none).unwrap().key;
        assert_eq!(key.workspace.as_str(), "fallback");
        assert_eq!(key.last_used_at, None);
    }

    #[test]
    fn tokens_of_every_form_are_taken() {
        let random = Token::generate(Kind::App).unwrap();
        let (_, random) = random.expose().split_once('-').unwrap();
        for prefix in ["app-", "dataset-", "ds-", "app", ""] {
            let text = format!("{prefix}{random}");
            let token = Token::parse(text.as_bytes()).unwrap();
            let key = planned(&app_row(&token), &Bindings::unknown()).unwrap().key;
            assert_eq!(key.digest, token.digest(), "{prefix:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_repeated() {
        let token = Token::generate(Kind::App).unwrap();
        let row = app_row(&token);
        let secret = token.expose();
        let padded = format!("{secret} ");
        let torn = format!("{} {}", &secret[..20], &secret[20..]);
        let long = "x".repeat(1025);
        let cases = [
            (Row { id: None, ..row }, "it has no valid id"),
            (
                Row {
                    id: Some("a\0"),
                    ..row
                },
                "it has no valid id",
            ),
            (
                Row { kind: None, ..row },
                "its type is neither app nor dataset",
            ),
            (
                Row {
                    kind: Some("App"),
                    ..row
                },
                "its type is neither app nor dataset",
            ),
            (
                Row {
                    kind: Some(secret),
                    ..row
                },
                "its type is neither app nor dataset",
            ),
            (
                Row { token: b"", ..row },
                "its token is not one: it is empty",
            ),
            (
                Row {
                    token: long.as_bytes(),
                    ..row
                },
                "its token is not one: it is longer than 1024 bytes",
            ),
            (
                Row {
                    token: padded.as_bytes(),
                    ..row
                },
                "its token has a blank in it",
            ),
            (
                Row {
                    token: torn.as_bytes(),
                    ..row
                },
                "its token has a blank in it",
            ),
            (
                Row {
                    token: &row.token[..19],
                    ..row
                },
                "its token is shorter than 20 bytes",
            ),
            (
                Row {
                    id: Some(secret),
                    ..row
                },
                "its id has the token in it",
            ),
            (
                Row {
                    id: Some("1 7"),
                    ..row
                },
                "it has no valid id",
            ),
            (
                Row {
                    tenant_id: Some("null"),
                    ..row
                },
                "its tenant_id is the word NULL, where what is absent is to be empty",
            ),
            (
                Row {
                    created_at: Some("2024-07-02 00:00:01"),
                    ..row
                },
                "its created_at is in the future",
            ),
            (
                Row {
                    created_at: None,
                    ..row
                },
                "it has no created_at",
            ),
            (
                Row {
                    created_at: Some("yesterday"),
                    ..row
                },
                "its created_at is not valid: not a time such as 2027-01-31 12:00:00",
            ),
            (
                Row {
                    last_used_at: Some("never"),
                    ..row
                },
                "its last_used_at is not valid: not a time such as 2027-01-31 12:00:00",
            ),
            (
                Row {
                    tenant_id: Some("a b"),
                    ..row
                },
                "its tenant_id is not valid: a workspace has letters, digits and ._- only",
            ),
            (
                Row {
                    app_id: Some(secret),
                    ..row
                },
                "its app_id has the token in it",
            ),
        ];
        for (row, expected) in cases {
            let problem = planned(&row, &Bindings::unknown()).unwrap_err();
            assert_eq!(problem.to_string(), expected);
        }
    }

    #[test]
    fn bindings_find_their_key_however_its_id_is_written() {
        let token = Token::generate(Kind::Dataset).unwrap();
        let cases = [
            (ID.to_owned(), true),
            (ID.to_uppercase(), true),
            (ID.replace('-', ""), true),
            (format!("{{{ID}}}"), true),
            (OTHER_ID.to_owned(), false),
            (format!("{ID}0"), false),
        ];
        for (id, is_its_own) in cases {
            let mut bindings = Bindings::complete();
            bindings.add(Some(&id), Column::Missing, Some("a")).unwrap();
            let row = Row {
                kind: Some("dataset"),
                app_id: None,
                ..app_row(&token)
            };
            let access = planned(&row, &bindings).unwrap().key.access.to_string();
            let expected = if is_its_own {
                "dataset a"
            } else {
                "all datasets"
            };
            assert_eq!(access, expected, "{id}");
            bindings.meet(ID);
            assert_eq!(bindings.unmet_count(), u64::from(!is_its_own));
        }
    }
}
