//! Keys of another service, taken into an empty store. The floor reads the rows
//! that come of it, as CSV, and inserts them into the same tables and indexes.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};

use keyctl::Timestamp;
use rusqlite::Connection;

use crate::store::{DATASET, Store, issued_at, shell, token};
use crate::table::Figure;
use crate::turns::{Fallible, in_turn};

const TURNS: usize = 3;
const OURS: &str = "imported.db";
const FLOOR: &str = "imported-by-floor.db";

/// The tables, and the order in which their rows are inserted: as keyctl does.
const TABLES: [(&str, &str); 4] = [
    ("head", "seq"),
    ("keys", "seq"),
    ("key_datasets", "seq"),
    ("events", "seq"),
];

pub(crate) fn import(store: &Store) -> Fallible<Figure> {
    write_tokens(store)?;
    let args = ["import", "--from", "dify", "import.csv"];
    let mut peak = 0;
    let mut script = None;
    let medians = in_turn(
        TURNS,
        |_| {
            remove(store, OURS)?;
            let run = store.keyctl(OURS, &args, Stdio::null())?;
            peak = peak.max(run.peak);
            Ok(run.took)
        },
        |_| {
            remove(store, FLOOR)?;
            let script = match &script {
                Some(script) => script,
                None => script.insert(Script::of(store)?),
            };
            let lines: Vec<&str> = script.0.iter().map(String::as_str).collect();
            Ok(store.shell(FLOOR, &lines)?.took)
        },
    )?;
    hold_together(store)?;
    remove(store, OURS)?;
    remove(store, FLOOR)?;
    let beside = "`sqlite3`, `.import` of the same rows in one transaction";
    Ok(Figure::beside("`import` of all keys", beside, &medians).with_peak(peak))
}

/// The table of the service.
fn write_tokens(store: &Store) -> Fallible<()> {
    let now = Timestamp::now();
    let file = fs::File::create(store.path("import.csv"))?;
    let mut csv = BufWriter::new(file);
    writeln!(
        csv,
        "id,app_id,type,token,created_at,last_used_at,tenant_id,dataset_id"
    )?;
    for index in 0..store.key_count {
        let (token, at) = (token(index), issued_at(index, now)?);
        writeln!(csv, "ci-{index},,dataset,{token},{at},,default,{DATASET}")?;
    }
    Ok(csv.flush()?)
}

/// What the shell is to do.
struct Script(Vec<String>);

impl Script {
    /// Writes the rows of keyctl's store into files, for the shell to read.
    fn of(store: &Store) -> Fallible<Script> {
        let source = Connection::open(store.path(OURS))?;
        let mut schema = String::new();
        let mut statement =
            source.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")?;
        for sql in statement.query_map([], |row| row.get::<_, String>(0))? {
            writeln!(schema, "{};", sql?)?;
        }
        // As much memory as keyctl allows for many rows; with the usual 2 MiB, it
        // is the disk that is measured.
        let mut lines = vec![
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; BEGIN"
                .to_owned(),
            schema,
        ];
        for (table, order) in TABLES {
            let columns = columns(&source, table)?;
            write_rows(store, table, &columns, order)?;
            lines.push(format!(
                "CREATE TEMP TABLE read AS SELECT * FROM {table} LIMIT 0"
            ));
            lines.push(format!(".import --csv {table}.csv read"));
            let values = list(&columns, Column::inserted);
            lines.push(format!(
                "INSERT INTO main.{table} SELECT {values} FROM read; DROP TABLE read"
            ));
        }
        lines.push("COMMIT".to_owned());
        Ok(Script(lines))
    }
}

struct Column {
    name: String,
    is_blob: bool,
}

impl Column {
    /// CSV is text: half of a digest's digits take as much room as its bytes, and
    /// are as random.
    fn written(&self) -> String {
        let name = &self.name;
        if self.is_blob {
            format!("substr(hex({name}), 1, 32)")
        } else {
            name.clone()
        }
    }

    /// It knows no NULL either.
    fn inserted(&self) -> String {
        let value = format!("nullif({}, '')", self.name);
        if self.is_blob {
            format!("CAST({value} AS BLOB)")
        } else {
            value
        }
    }
}

fn columns(source: &Connection, table: &str) -> Fallible<Vec<Column>> {
    let mut statement = source.prepare("SELECT name, type FROM pragma_table_info(?1)")?;
    let columns = statement.query_map([table], |row| {
        Ok(Column {
            name: row.get(0)?,
            is_blob: row.get::<_, String>(1)? == "BLOB",
        })
    })?;
    Ok(columns.collect::<Result<_, _>>()?)
}

fn list(columns: &[Column], value: impl Fn(&Column) -> String) -> String {
    columns.iter().map(value).collect::<Vec<_>>().join(", ")
}

fn write_rows(store: &Store, table: &str, columns: &[Column], order: &str) -> Fallible<()> {
    let values = list(columns, Column::written);
    let select = format!("SELECT {values} FROM {table} ORDER BY {order}");
    let mut command: Command = shell(OURS, &["-csv", &select]);
    let csv = fs::File::create(store.path(&format!("{table}.csv")))?;
    let status = command.current_dir(store.place().0).stdout(csv).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("the rows of {table} were not written: {status}").into())
    }
}

/// That both sides have made the same number of rows.
fn hold_together(store: &Store) -> Fallible<()> {
    for (table, _) in TABLES {
        let count = |name: &str| -> Fallible<i64> {
            let connection = Connection::open(store.path(name))?;
            let sql = format!("SELECT count(*) FROM {table}");
            Ok(connection.query_row(&sql, [], |row| row.get(0))?)
        };
        if count(OURS)? != count(FLOOR)? {
            return Err(format!("the floor has other rows in {table}").into());
        }
    }
    Ok(())
}

fn remove(store: &Store, name: &str) -> Fallible<()> {
    for suffix in ["", "-wal", "-shm", "-ballast"] {
        let path = store.path(&format!("{name}{suffix}"));
        if path.exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
