//! Which keys very many digests are of: table by table, by both halves.
//!
//! Digests are in another order than the rows that they lead to: looked up one by one,
//! each is on another page of the file. So the index is walked first, and then the rows
//! in their own order, and a page is read once for all that is on it.

use super::halves::Halves;
use crate::domain::{Digest, Error, Standing, Workspace};
use crate::ops::find::is_meant;
use crate::store::Tx;

/// How many are asked about in one go.
const PORTION: usize = 1_024;

/// Where the index has a digest.
pub(super) struct Found {
    number: i64,
    digest: Digest,
    /// The place of its token.
    place: usize,
}

/// Those digests that the index has, in the order of their rows, and the places of the
/// others.
pub(super) fn find(
    halves: &mut Halves<'_>,
    digests: Vec<(Digest, usize)>,
) -> Result<(Vec<Found>, Vec<usize>), Error> {
    let [(mut found, mut unknown), rest] = halves.work(&digests, walk)?;
    drop(digests);
    found.extend(rest.0);
    // A stable sort merges what is in order already.
    found.sort_by_key(|found| found.number);
    unknown.extend(rest.1);
    Ok((found, unknown))
}

fn walk(tx: &dyn Tx, digests: &[(Digest, usize)]) -> Result<(Vec<Found>, Vec<usize>), Error> {
    let mut found = Vec::with_capacity(digests.len());
    let mut unknown = Vec::new();
    for portion in digests.chunks(PORTION) {
        let wanted: Vec<Digest> = portion.iter().map(|(digest, _)| digest.clone()).collect();
        let mut is_found = [false; PORTION];
        tx.numbers_of_digests(&wanted, &mut |nth, number| {
            is_found[nth] = true;
            let (digest, place) = portion[nth].clone();
            found.push(Found {
                number,
                digest,
                place,
            });
        })?;
        let others = portion
            .iter()
            .zip(is_found)
            .filter(|(_, is_found)| !is_found);
        unknown.extend(others.map(|((_, place), _)| *place));
    }
    found.sort_unstable_by_key(|found| found.number);
    Ok((found, unknown))
}

/// Hands over how the keys of `workspace` stand that these rows are of, each with the
/// place of its token; and the places of tokens that are of none.
pub(super) fn read(
    tx: &dyn Tx,
    workspace: &Workspace,
    found: &[Found],
    each: &mut dyn FnMut(usize, Option<Standing>),
) -> Result<(), Error> {
    for portion in found.chunks(PORTION) {
        let numbers: Vec<i64> = portion.iter().map(|found| found.number).collect();
        let mut is_met = [false; PORTION];
        tx.standings_of_numbers(&numbers, &mut |nth, standing| {
            let whose = (&standing.digest, &standing.workspace);
            if is_meant(whose, Some(workspace), &portion[nth].digest) {
                is_met[nth] = true;
                each(portion[nth].place, Some(standing));
            }
        })?;
        for (found, _) in portion.iter().zip(is_met).filter(|(_, is_met)| !is_met) {
            each(found.place, None);
        }
    }
    Ok(())
}
