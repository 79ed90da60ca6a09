//! Rows of the table of keys, and what can be wrong with one.

use std::str::FromStr;

use crate::domain::{Invalid, MalformedToken};

use super::MIN_TOKEN_LEN;

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
    pub(super) fn value(self) -> Option<&'a str> {
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
    /// The secret has something in it that is there by mistake, and that nobody
    /// sends who presents it.
    #[error("its token has a blank, a quotation mark or a backslash in it")]
    Stray,
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

pub(super) fn field<T: FromStr<Err = Invalid>>(
    name: &'static str,
    text: &str,
) -> Result<T, BadRow> {
    text.parse().map_err(|problem| BadRow::Field(name, problem))
}

pub(super) fn is_null(text: &str) -> bool {
    text.eq_ignore_ascii_case("null")
}
