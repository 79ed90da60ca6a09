//! What a key of the service reaches.

use super::bindings::{Bindings, Bound, ServiceId};
use super::row::{BadRow, Column, Row, field};
use crate::domain::{Access, Datasets};

/// What the key of a row reaches, and how many of its bindings were left out.
///
/// # Errors
/// [`BadRow`], where the row leaves it open.
pub(super) fn of(
    row: &Row<'_>,
    service_id: &ServiceId,
    bindings: &Bindings,
) -> Result<(Access, u64), BadRow> {
    match row.kind {
        Some("app") => Ok((of_app(row, bindings.of(service_id))?, 0)),
        Some("dataset") => of_datasets(row, service_id, bindings),
        _ => Err(BadRow::Kind),
    }
}

fn of_app(row: &Row<'_>, bound: Option<&Bound>) -> Result<Access, BadRow> {
    if bound.is_some() || matches!(row.dataset_id, Column::Value(_)) {
        return Err(BadRow::AppWithDatasets);
    }
    let app = row.app_id.ok_or(BadRow::NoApp)?;
    field("app_id", app).map(Access::App)
}

fn of_datasets(
    row: &Row<'_>,
    service_id: &ServiceId,
    bindings: &Bindings,
) -> Result<(Access, u64), BadRow> {
    if row.app_id.is_some() {
        return Err(BadRow::DatasetWithApp);
    }
    let of_column = match row.dataset_id.value() {
        Some(id) => Some(Datasets::one(field("dataset_id", id)?)),
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

#[cfg(test)]
mod tests {
    use super::*;

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

    fn row<'a>(kind: &'a str, app_id: Option<&'a str>, dataset_id: Column<'a>) -> Row<'a> {
        Row {
            id: Some(ID),
            app_id,
            tenant_id: None,
            kind: Some(kind),
            token: b"",
            last_used_at: None,
            created_at: None,
            dataset_id,
        }
    }

    fn found(row: &Row<'_>, bindings: &Bindings) -> Result<(String, u64), BadRow> {
        let access = of(row, &ServiceId::read(ID).unwrap(), bindings);
        access.map(|(access, left_out_count)| (access.to_string(), left_out_count))
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
        ];
        let of_apps = [
            (Some("web"), Missing, None, Ok(("app web", 0))),
            (Some("web"), Empty, none, Ok(("app web", 0))),
            (None, Missing, None, Err(BadRow::NoApp)),
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
        let cases = of_datasets.map(|case| ("dataset", case)).into_iter();
        for (kind, (app_id, dataset_id, known, expected)) in
            cases.chain(of_apps.map(|case| ("app", case)))
        {
            let found = found(&row(kind, app_id, dataset_id), &bindings(known));
            let expected = expected.map(|(access, count)| (access.to_owned(), count));
            assert_eq!(
                found, expected,
                "{kind} {app_id:?} {dataset_id:?} {known:?}"
            );
        }
    }

    #[test]
    fn bindings_find_their_key_however_its_id_is_written() {
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
            let row = row("dataset", None, Column::Missing);
            let (access, _) = found(&row, &bindings).unwrap();
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
