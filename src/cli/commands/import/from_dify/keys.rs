//! Row by row, the keys that the tables give.

use std::fmt;
use std::path::Path;

use keyctl::domain::Actor;
use keyctl::ops::Offer;
use keyctl::ops::dify::{self, BadRow, Bindings, Situation};
use keyctl::{Access, Error, KeyId, Timestamp, Token, Workspace};

use super::super::report::{LeftOut, counted};
use super::super::{Args, is_stdin};
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::input::{Cell, Column, Row, Source, Table};

/// How many bad rows are named.
const NAMED_ROWS: usize = 20;

const fn required(name: &'static str) -> Column {
    Column {
        name,
        is_required: true,
    }
}

const fn optional(name: &'static str) -> Column {
    Column {
        name,
        is_required: false,
    }
}

/// The columns of `api_tokens`.
const KEY_COLUMNS: &[Column] = &[
    required("id"),
    required("app_id"),
    required("tenant_id"),
    required("type"),
    required("token"),
    optional("last_used_at"),
    required("created_at"),
    optional("dataset_id"),
];

/// Those of `dataset_api_token_bindings`. Services from before there were spaces
/// have no `resource_type`.
const BINDING_COLUMNS: &[Column] = &[
    required("api_token_id"),
    required("dataset_id"),
    optional("resource_type"),
];

/// The keys that the rows give.
pub(super) struct Keys {
    table: Table,
    bindings: Bindings,
    workspace: Workspace,
    actor: Actor,
    now: Timestamp,
    skips_bad: bool,
    allows_unmet: bool,
    row_count: u64,
    /// Where the last row stands.
    line: u64,
    bad: BadRows,
    /// How many keys lost bindings that are not to datasets.
    narrowed_count: u64,
    /// How many rows give a key that reaches all datasets.
    open_count: u64,
}

/// Rows that give no key.
#[derive(Default)]
struct BadRows {
    count: u64,
    first: Vec<String>,
}

impl BadRows {
    fn add(&mut self, line: u64, problem: &str) {
        self.count += 1;
        if self.first.len() < NAMED_ROWS {
            self.first.push(format!("line {line}: {problem}"));
        }
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let more = self.count - self.first.len() as u64;
        let more = (more > 0).then(|| format!("and {more} more"));
        self.first.iter().cloned().chain(more)
    }
}

impl Keys {
    pub(super) fn open(args: &Args, context: &Context<'_>) -> Result<Keys, Failure> {
        let bindings = match &args.bindings {
            Some(path) if is_stdin(path) && is_stdin(&args.file) => {
                return Err(
                    Failure::usage("both inputs cannot come from standard input")
                        .hint("give --bindings a file"),
                );
            }
            Some(path) => read_bindings(path)?,
            None if args.no_bindings => Bindings::complete(),
            None => Bindings::unknown(),
        };
        Ok(Keys {
            table: Table::open(Source::open(&args.file)?, KEY_COLUMNS)?,
            bindings,
            workspace: context.workspace.clone(),
            actor: context.actor()?,
            now: context.now,
            skips_bad: args.skip_bad,
            allows_unmet: args.allow_unmet,
            row_count: 0,
            line: 0,
            bad: BadRows::default(),
            narrowed_count: 0,
            open_count: 0,
        })
    }

    /// The same keys from the beginning. The bindings are kept: they may be from
    /// a pipe, which would seem to have none now.
    pub(super) fn rewound(mut self) -> Result<Keys, Failure> {
        self.table.rewind()?;
        Ok(Keys {
            row_count: 0,
            bad: BadRows::default(),
            narrowed_count: 0,
            open_count: 0,
            ..self
        })
    }

    /// Where the rows are read from.
    pub(super) fn source(&mut self) -> &mut Source {
        self.table.source()
    }

    /// The rows that give no key: the first of them, and how many there are
    /// beyond.
    pub(super) fn bad_rows(&self) -> impl Iterator<Item = String> {
        self.bad.lines()
    }

    /// The next row: the key that it gives, or the token of one that was left
    /// out.
    pub(super) fn next(&mut self) -> Result<Option<Offer>, Failure> {
        while let Some(row) = self.table.next_row()? {
            self.row_count += 1;
            self.line = row.line;
            let situation = Situation {
                bindings: &self.bindings,
                workspace: &self.workspace,
                actor: &self.actor,
                now: self.now,
            };
            let id = KeyId::generate().map_err(Error::Random)?;
            let planned = match row.cells.as_deref() {
                Ok(cells) => plan(cells, id, &situation),
                Err(problem) => Err(Problem::Told(problem.clone())),
            };
            if let Ok([Cell::Text(id), ..]) = row.cells.as_deref() {
                self.bindings.meet(id);
            }
            match planned {
                // Nothing is imported any more, but all that is wrong is told.
                Ok(_) if self.bad.count > 0 && !self.skips_bad => {}
                Ok(planned) => {
                    self.narrowed_count += u64::from(planned.left_out_count > 0);
                    self.open_count += u64::from(planned.key.access == Access::AllDatasets);
                    return Ok(Some(Offer::Key(planned.key)));
                }
                Err(Problem::Row(BadRow::MayBeBound)) => return Err(may_be_bound(row.line)),
                Err(problem) => {
                    self.bad.add(row.line, &problem.to_string());
                    if let (true, Some(token)) = (self.skips_bad, token_of(&row)) {
                        return Ok(Some(Offer::LeftOut(token.digest())));
                    }
                }
            }
        }
        let is_all_bad = self.bad.count == self.row_count;
        if self.bad.count > 0 && (is_all_bad || !self.skips_bad) {
            return Err(self.refusal());
        }
        if !self.allows_unmet && self.bindings.may_have_widened(self.open_count) {
            return Err(self.unmet());
        }
        Ok(None)
    }

    /// A binding that misses its key leaves it open.
    fn unmet(&self) -> Failure {
        let unmet = counted(self.bindings.unmet_count(), "key", "keys");
        let open = counted(self.open_count, "key would", "keys would");
        let message = format!(
            "the bindings name {unmet} that the input does not have, and {open} reach all datasets"
        );
        let failure = Failure::new(Exit::Refused, "bad_bindings", message);
        let failure = match self.bindings.unmet() {
            Some(id) => failure.hint(format!(
                "one of them is {id}: is it written otherwise there?"
            )),
            None => failure,
        };
        failure.hint("if these keys are gone, or not meant to be in the input: --allow-unmet")
    }

    /// A refusal of the last key, with the line of its row. Its id is one that
    /// nobody has seen.
    pub(super) fn place(&self, failure: Failure) -> Failure {
        let message = match failure.code() {
            "token_taken" => format!(
                "line {}: it has the token of a row before it, and is for something else",
                self.line
            ),
            "token_left_out" => "a row that was left out has the token of another row".to_owned(),
            _ => return failure,
        };
        failure.saying(message)
    }

    fn refusal(&self) -> Failure {
        let rows = counted(self.row_count, "row", "rows");
        let give = if self.bad.count == 1 { "gives" } else { "give" };
        let message = format!(
            "{} of {rows} {give} no key, so nothing was imported",
            self.bad.count
        );
        let failure = Failure::new(Exit::Refused, "bad_rows", message);
        let failure = self.bad.lines().fold(failure, Failure::hint);
        if self.skips_bad {
            return failure;
        }
        failure.hint("leave them out: --skip-bad")
    }

    /// What of the input is not in the store.
    pub(super) fn left_out(&self) -> LeftOut {
        LeftOut {
            row_count: self.bad.count,
            narrowed_count: self.narrowed_count,
            unmet_count: self.bindings.unmet_count(),
        }
    }
}

/// Why a row gives no key: by a rule, or because it could not be read.
enum Problem {
    Row(BadRow),
    Told(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Row(problem) => problem.fmt(f),
            Problem::Told(problem) => f.write_str(problem),
        }
    }
}

/// The token of a row that gives no key, if that can be told.
fn token_of(row: &Row<'_>) -> Option<Token> {
    match row.cells.as_ref().ok()?.get(4)? {
        Cell::Text(text) => Token::parse(text.as_bytes()).ok(),
        Cell::Missing | Cell::Empty | Cell::Unreadable => None,
    }
}

fn plan(
    cells: &[Cell<'_>],
    id: KeyId,
    situation: &Situation<'_>,
) -> Result<dify::Planned, Problem> {
    if let Some(place) = cells.iter().position(|cell| *cell == Cell::Unreadable) {
        let name = KEY_COLUMNS[place].name;
        return Err(Problem::Told(format!("its {name} is not plain text")));
    }
    let text = |place: usize| match cells[place] {
        Cell::Text(text) => Some(text),
        Cell::Missing | Cell::Empty | Cell::Unreadable => None,
    };
    // In the order of the columns.
    let row = dify::Row {
        id: text(0),
        app_id: text(1),
        tenant_id: text(2),
        kind: text(3),
        token: text(4).unwrap_or_default().as_bytes(),
        last_used_at: text(5),
        created_at: text(6),
        dataset_id: optional_cell(cells[7]),
    };
    dify::plan(&row, id, situation).map_err(Problem::Row)
}

fn optional_cell(cell: Cell<'_>) -> dify::Column<'_> {
    match cell {
        Cell::Missing => dify::Column::Missing,
        Cell::Text(text) => dify::Column::Value(text),
        Cell::Empty | Cell::Unreadable => dify::Column::Empty,
    }
}

fn read_bindings(path: &Path) -> Result<Bindings, Failure> {
    let mut table = Table::open(Source::open(path)?, BINDING_COLUMNS)?;
    let name = table.source().name().to_owned();
    let mut bindings = Bindings::complete();
    while let Some(row) = table.next_row()? {
        let added = row.cells.and_then(|cells| {
            let text = |cell: Cell<'_>| match cell {
                Cell::Text(text) => Ok(Some(text.to_owned())),
                Cell::Missing | Cell::Empty => Ok(None),
                Cell::Unreadable => Err("it is not plain text".to_owned()),
            };
            let (key_id, dataset_id) = (text(cells[0])?, text(cells[1])?);
            let resource_type = optional_cell(cells[2]);
            bindings
                .add(key_id.as_deref(), resource_type, dataset_id.as_deref())
                .map_err(|problem| problem.to_string())
        });
        if let Err(problem) = added {
            let message = format!("line {} of {name}: {problem}", row.line);
            return Err(Failure::new(Exit::Refused, "bad_bindings", message)
                .hint("all bindings have to be read: a key could pass for unbound otherwise"));
        }
    }
    Ok(bindings)
}

/// No rule can tell what such a key reaches, and leaving all of them out is not
/// what was meant.
fn may_be_bound(line: u64) -> Failure {
    Failure::usage(format!(
        "line {line} is a key for datasets, and nothing says whether it is bound to some"
    ))
    .hint("give the table dataset_api_token_bindings: --bindings FILE")
    .hint("or say that the service has none, and its keys reach all datasets: --no-bindings")
}
