//! Long results: read by one thread, and written by another.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};

use super::exit::Failure;

/// How many are written by whoever reads them: most results are short.
const SHORT: usize = 1_000;
/// How many are handed over at a time.
const PORTION: usize = 128;
/// How many portions may wait to be written.
const MAX_WAITING: usize = 4;

/// Runs `read`, which hands over one after the other and is told when to stop, and
/// `write` with each of them in that order, until it fails.
pub(crate) fn relay<T: Send, R>(
    read: impl FnOnce(&mut dyn FnMut(T) -> ControlFlow<()>) -> R,
    write: impl FnMut(T) -> Result<(), Failure> + Send,
) -> (R, Result<(), Failure>) {
    let write = Mutex::new(write);
    thread::scope(|scope| {
        let mut relay = Relay {
            write: &write,
            written: Ok(()),
            count: 0,
            writer: None,
        };
        let answer = read(&mut |item| relay.take(scope, item));
        (answer, relay.finish())
    })
}

struct Relay<'scope, T, F> {
    write: &'scope Mutex<F>,
    written: Result<(), Failure>,
    count: usize,
    writer: Option<Writer<'scope, T>>,
}

/// The thread that writes.
struct Writer<'scope, T> {
    portion: Vec<T>,
    portions: SyncSender<Vec<T>>,
    thread: ScopedJoinHandle<'scope, Result<(), Failure>>,
}

impl<'scope, T, F> Relay<'scope, T, F>
where
    T: Send + 'scope,
    F: FnMut(T) -> Result<(), Failure> + Send,
{
    fn take(&mut self, scope: &'scope Scope<'scope, '_>, item: T) -> ControlFlow<()> {
        if let Some(writer) = &mut self.writer {
            return writer.take(item);
        }
        self.written = lock_and_write(self.write, [item]);
        self.count += 1;
        if self.count == SHORT {
            // Where there is no thread to be had, it goes on as it began.
            self.writer = Writer::start(scope, self.write);
        }
        match self.written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self.writer {
            Some(writer) => self.written.and(writer.finish()),
            None => self.written,
        }
    }
}

impl<'scope, T: Send + 'scope> Writer<'scope, T> {
    fn start<F>(
        scope: &'scope Scope<'scope, '_>,
        write: &'scope Mutex<F>,
    ) -> Option<Writer<'scope, T>>
    where
        F: FnMut(T) -> Result<(), Failure> + Send,
    {
        let (portions, waiting) = sync_channel(MAX_WAITING);
        let waiting: Receiver<Vec<T>> = waiting;
        let work = move || {
            let mut portions = waiting.into_iter();
            portions.try_for_each(|portion| lock_and_write(write, portion))
        };
        let thread = thread::Builder::new().spawn_scoped(scope, work).ok()?;
        Some(Writer {
            portion: Vec::with_capacity(PORTION),
            portions,
            thread,
        })
    }

    fn take(&mut self, item: T) -> ControlFlow<()> {
        self.portion.push(item);
        if self.portion.len() < PORTION {
            return ControlFlow::Continue(());
        }
        let full = std::mem::replace(&mut self.portion, Vec::with_capacity(PORTION));
        match self.portions.send(full) {
            Ok(()) => ControlFlow::Continue(()),
            // It failed, and will say why.
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        // Whether it took the last portion, it says itself.
        let _ = self.portions.send(self.portion);
        drop(self.portions);
        self.thread
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic))
    }
}

fn lock_and_write<T>(
    write: &Mutex<impl FnMut(T) -> Result<(), Failure>>,
    items: impl IntoIterator<Item = T>,
) -> Result<(), Failure> {
    let mut write = write.lock().unwrap_or_else(PoisonError::into_inner);
    items.into_iter().try_for_each(&mut *write)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count_to(last: usize, each: &mut dyn FnMut(usize) -> ControlFlow<()>) -> usize {
        (1..=last)
            .take_while(|number| each(*number).is_continue())
            .count()
    }

    #[test]
    fn all_is_written_in_its_order_however_long_it_is() {
        for last in [
            0,
            1,
            SHORT - 1,
            SHORT,
            SHORT + 1,
            SHORT + 10 * PORTION,
            9_999,
        ] {
            let mut written = Vec::new();
            let (count, result) = relay(
                |each| count_to(last, each),
                |number| {
                    written.push(number);
                    Ok(())
                },
            );
            assert!(result.is_ok());
            assert_eq!(count, last);
            assert_eq!(written, (1..=last).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_is_read_on_for_long_after_a_failure() {
        for failing in [1, SHORT, SHORT + 1, 3 * SHORT] {
            let mut written = 0;
            let (count, result) = relay(
                |each| count_to(usize::MAX, each),
                |number| {
                    written = number;
                    match number == failing {
                        true => Err(Failure::usage("full")),
                        false => Ok(()),
                    }
                },
            );
            assert!(result.is_err());
            assert_eq!(written, failing);
            assert!(count <= failing + (MAX_WAITING + 3) * PORTION, "{count}");
        }
    }
}
