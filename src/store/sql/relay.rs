//! Long answers: read by one thread, and worked at by another.
//!
//! A connection belongs to the thread that has it, and SQLite takes about as long to find
//! a row as it takes to make a key of it and to write its line. So rows are handed over as
//! they stand; where the other thread falls behind, whoever reads them makes the keys.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};

use super::portion::{Portion, PortionRow};
use super::{Session, Value};
use crate::domain::StoreError;

/// How many rows are worked at by whoever reads them: most answers are short.
const SHORT: usize = 1_000;
/// How many rows are handed over at a time.
const PORTION: usize = 256;
/// How many portions may wait for the other thread.
const MAX_WAITING: usize = 4;

type Step = Result<ControlFlow<()>, StoreError>;

/// What is made of a row.
pub(super) type Make<T> = fn(&PortionRow<'_>) -> Result<T, StoreError>;

/// Hands over what is made of the rows of an answer, in order and until told to stop;
/// `each` is called by another thread once there were many.
pub(super) fn relay<T: Send>(
    session: &impl Session,
    (sql, values): (&str, &[Value<'_>]),
    make: Make<T>,
    each: impl FnMut(T) -> ControlFlow<()> + Send,
) -> Result<(), StoreError> {
    let work = Work {
        make,
        each: Mutex::new(each),
    };
    thread::scope(|scope| {
        let mut relay = Relay {
            work: &work,
            portion: Portion::default(),
            count: 0,
            other: None,
        };
        let queried = session.query_many(sql, values, |row| {
            relay.portion.push(row);
            relay.pass_on(scope)
        });
        // What came before a fault of the question comes first here too.
        relay.finish().and(queried)
    })
}

/// What is to be done with rows.
struct Work<T, F> {
    make: Make<T>,
    each: Mutex<F>,
}

/// Some rows, or what was made of them.
enum Share<T> {
    Rows(Portion),
    Made(Vec<Result<T, StoreError>>),
}

impl<T, F: FnMut(T) -> ControlFlow<()>> Work<T, F> {
    fn do_rows(&self, rows: &Portion) -> Step {
        self.do_made(rows.rows().map(|row| (self.make)(&row)))
    }

    fn do_made(&self, made: impl IntoIterator<Item = Result<T, StoreError>>) -> Step {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        for item in made {
            if each(item?).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

struct Relay<'scope, T, F> {
    work: &'scope Work<T, F>,
    portion: Portion,
    count: usize,
    other: Option<Other<'scope, T>>,
}

/// The other thread.
struct Other<'scope, T> {
    shares: SyncSender<Share<T>>,
    /// Portions that it is done with, to be filled again.
    emptied: Receiver<Portion>,
    thread: ScopedJoinHandle<'scope, Result<(), StoreError>>,
}

impl<'scope, T, F> Relay<'scope, T, F>
where
    T: Send + 'scope,
    F: FnMut(T) -> ControlFlow<()> + Send,
{
    fn pass_on(&mut self, scope: &'scope Scope<'scope, '_>) -> Step {
        if let Some(other) = &self.other {
            return Ok(match self.portion.len() {
                PORTION.. => other.take(&mut self.portion, self.work.make),
                _ => ControlFlow::Continue(()),
            });
        }
        let step = self.work.do_rows(&self.portion);
        self.portion.clear();
        self.count += 1;
        if self.count == SHORT {
            // Where there is no thread to be had, it goes on as it began.
            self.other = Other::start(scope, self.work);
        }
        step
    }

    fn finish(mut self) -> Result<(), StoreError> {
        let Some(other) = self.other else {
            return Ok(());
        };
        // Whether it took the last ones, it says itself.
        let _ = other.take(&mut self.portion, self.work.make);
        drop(other.shares);
        let ended = other.thread.join();
        ended.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<'scope, T: Send + 'scope> Other<'scope, T> {
    fn start<F>(
        scope: &'scope Scope<'scope, '_>,
        work: &'scope Work<T, F>,
    ) -> Option<Other<'scope, T>>
    where
        F: FnMut(T) -> ControlFlow<()> + Send,
    {
        let (shares, waiting) = sync_channel(MAX_WAITING);
        // Beside those that wait, one is being filled and one is being worked at.
        let (done, emptied) = sync_channel(MAX_WAITING + 2);
        let run = move || {
            for share in waiting {
                let step = match share {
                    Share::Made(made) => work.do_made(made)?,
                    Share::Rows(mut rows) => {
                        let step = work.do_rows(&rows)?;
                        rows.clear();
                        // Nobody has to want it.
                        let _ = done.send(rows);
                        step
                    }
                };
                if step.is_break() {
                    break;
                }
            }
            Ok(())
        };
        let thread = thread::Builder::new().spawn_scoped(scope, run).ok()?;
        Some(Other {
            shares,
            emptied,
            thread,
        })
    }

    /// Takes a portion, and leaves an empty one in its place.
    fn take(&self, portion: &mut Portion, make: Make<T>) -> ControlFlow<()> {
        let empty = self.emptied.try_recv().unwrap_or_default();
        let share = Share::Rows(std::mem::replace(portion, empty));
        let taken = match self.shares.try_send(share) {
            Err(TrySendError::Full(Share::Rows(rows))) => {
                let made = rows.rows().map(|row| make(&row)).collect();
                self.shares.send(Share::Made(made)).is_ok()
            }
            taken => taken.is_ok(),
        };
        match taken {
            true => ControlFlow::Continue(()),
            // It stopped, and will say why.
            false => ControlFlow::Break(()),
        }
    }
}

#[cfg(test)]
mod tests;
