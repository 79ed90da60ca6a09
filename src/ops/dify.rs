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

mod access;
mod bindings;
mod row;

use crate::domain::{Actor, Key, KeyId, Lifetime, Remark, Scopes, Timestamp, Token, Workspace};

pub use bindings::Bindings;
use bindings::ServiceId;
pub use row::{BadRow, Column, Row};
use row::{field, is_null};

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
    for (name, value) in [
        ("id", row.id),
        ("app_id", row.app_id),
        ("tenant_id", row.tenant_id),
        ("type", row.kind),
        ("last_used_at", row.last_used_at),
        ("created_at", row.created_at),
        ("dataset_id", row.dataset_id.value()),
    ] {
        if value.is_some_and(is_null) {
            return Err(BadRow::Null(name));
        }
    }
    let token = read_token(row)?;
    let id_there = row.id.ok_or(BadRow::Id)?;
    let service_id = ServiceId::read(id_there).ok_or(BadRow::Id)?;
    let description: Remark = format!("dify {id_there}").parse().map_err(|_| BadRow::Id)?;
    let workspace = match row.tenant_id {
        Some(tenant) => field("tenant_id", tenant)?,
        None => situation.workspace.clone(),
    };
    let (access, left_out_count) = access::of(row, &service_id, situation.bindings)?;
    if has_part(&access.to_string(), row.token) {
        return Err(BadRow::Repeated("dataset_id"));
    }
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
    let is_stray = |byte: &u8| byte.is_ascii_whitespace() || b"\"'\\".contains(byte);
    if row.token.iter().any(is_stray) {
        return Err(BadRow::Stray);
    }
    if row.token.len() < MIN_TOKEN_LEN {
        return Err(BadRow::Short);
    }
    let kept = [
        ("id", row.id),
        ("app_id", row.app_id),
        ("tenant_id", row.tenant_id),
    ];
    for (name, value) in kept {
        if has_part(value.unwrap_or_default(), row.token) {
            return Err(BadRow::Repeated(name));
        }
    }
    Ok(token)
}

fn has_part(text: &str, part: &[u8]) -> bool {
    text.as_bytes()
        .windows(part.len())
        .any(|found| found == part)
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
        let torn = format!("{secret}\"");
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
                "its token has a blank, a quotation mark or a backslash in it",
            ),
            (
                Row {
                    token: torn.as_bytes(),
                    ..row
                },
                "its token has a blank, a quotation mark or a backslash in it",
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
                    app_id: Some("NULL"),
                    ..row
                },
                "its app_id is the word NULL, where what is absent is to be empty",
            ),
            (
                Row {
                    dataset_id: Column::Value("Null"),
                    ..row
                },
                "its dataset_id is the word NULL, where what is absent is to be empty",
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
}
