//! Numbers, relayed.

use std::cell::Cell;

use super::*;
use crate::domain::{Digest, Head, StoreFault, Tally};
use crate::store::Part;
use crate::store::sql::{Each, Found, Row, Source, WholeRow};

/// Whatever it is asked, it answers with numbers from 1 on, up to `last` or with
/// `bad` among them.
struct Numbers {
    last: i64,
    bad: Option<i64>,
    read: Cell<i64>,
}

struct Number(i64);

impl Session for Numbers {
    type Row<'a> = Number;
    type LogRow<'a> = Number;

    fn query(
        &self,
        _sql: &str,
        _values: &[Value<'_>],
        mut each: impl FnMut(&Number) -> Step,
    ) -> Result<(), StoreError> {
        for number in 1..=self.last {
            self.read.set(number);
            let is_bad = self.bad == Some(number);
            if each(&Number(if is_bad { -number } else { number }))?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn key_by_digest(&self) -> &'static str {
        ""
    }

    fn keys_by_digests(&self, _digests: &[Digest], _each: Each<'_>) -> Result<(), StoreError> {
        Err(fault())
    }

    fn execute(&self, _sql: &str, _values: &[Value<'_>]) -> Result<u64, StoreError> {
        Err(fault())
    }

    fn expect_many(&mut self, _is_empty: bool) -> Result<(), StoreError> {
        Err(fault())
    }

    fn check(&self, _part: Part) -> Result<(), StoreError> {
        Err(fault())
    }

    fn query_log(
        &self,
        _tally: Option<&mut Tally>,
        _each: impl FnMut(&Number) -> Step,
    ) -> Result<(), StoreError> {
        Err(fault())
    }

    fn commit(self, _end: Option<&Head>) -> Result<(), StoreError> {
        Err(fault())
    }
}

impl Row for Number {
    fn text(&self, _index: usize) -> Result<Option<&str>, Source> {
        Ok(None)
    }

    fn int(&self, _index: usize) -> Result<Option<i64>, Source> {
        Ok(Some(self.0))
    }

    fn blob(&self, _index: usize) -> Result<Option<&[u8]>, Source> {
        Ok(None)
    }
}

impl WholeRow for Number {
    fn width(&self) -> usize {
        1
    }

    fn found(&self, _index: usize) -> Found<'_> {
        Found::Int(self.0)
    }
}

const LONG: usize = SHORT + 20 * PORTION + 1;

fn fault() -> StoreError {
    StoreError::new(StoreFault::Corrupt)
}

/// How many numbers were read, and how that ended.
fn relayed(
    (last, bad): (i64, Option<i64>),
    each: impl FnMut(i64) -> ControlFlow<()> + Send,
) -> (i64, Result<(), StoreError>) {
    let numbers = Numbers {
        last,
        bad,
        read: Cell::new(0),
    };
    let make: Make<i64> = |row| match row.int(0) {
        Ok(Some(number @ 0..)) => Ok(number),
        _ => Err(fault()),
    };
    let ended = relay(&numbers, ("", &[]), make, each);
    (numbers.read.get(), ended)
}

#[test]
fn all_is_handed_over_in_its_order_however_long_it_is_and_whoever_falls_behind() {
    for last in [0, 1, SHORT - 1, SHORT, SHORT + 1, LONG] {
        for is_slow in [false, true] {
            let last = last as i64;
            let mut handed = Vec::new();
            let (read, ended) = relayed((last, None), |number| {
                if is_slow {
                    thread::yield_now();
                }
                handed.push(number);
                ControlFlow::Continue(())
            });
            assert!(ended.is_ok());
            assert_eq!(read, last);
            assert_eq!(handed, (1..=last).collect::<Vec<_>>());
        }
    }
}

#[test]
fn nothing_is_read_on_for_long_after_a_stop() {
    for stop in [1, SHORT, SHORT + 1, LONG] {
        let stop = stop as i64;
        let mut handed = 0;
        let (read, ended) = relayed((i64::MAX, None), |number| {
            handed = number;
            match number == stop {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        assert!(ended.is_ok());
        assert_eq!(handed, stop);
        let most = stop + ((MAX_WAITING + 3) * PORTION) as i64;
        assert!(read <= most, "{read} for {stop}");
    }
}

#[test]
fn what_comes_before_a_fault_is_handed_over() {
    for bad in [1, SHORT, SHORT + 1, LONG] {
        let bad = bad as i64;
        let mut handed = 0;
        let (_, ended) = relayed((i64::MAX, Some(bad)), |number| {
            handed = number;
            ControlFlow::Continue(())
        });
        assert_eq!(ended.unwrap_err().fault(), fault().fault());
        assert_eq!(handed, bad - 1);
    }
}
