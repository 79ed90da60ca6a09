//! A store in a thread of its own, where nobody has to wait for it for ever.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::domain::{Error, StoreError, StoreFault};
use crate::store::Store;

/// A store that one thread has, and what that thread is asked. It ends after the
/// last question when this is dropped.
pub(super) struct Apart {
    questions: Sender<Question>,
    timeout: Option<Duration>,
}

struct Question {
    /// When nobody waits for the answer any more.
    until: Option<Instant>,
    work: Work,
}

type Work = Box<dyn FnOnce(&mut dyn Store) + Send>;

impl Apart {
    /// Has a thread open a store.
    ///
    /// # Errors
    /// Those of `open`.
    pub(super) fn open(
        open: impl FnOnce() -> Result<Box<dyn Store>, StoreError> + Send + 'static,
    ) -> Result<Apart, StoreError> {
        let (questions, asked) = mpsc::channel();
        let (opened, is_open) = mpsc::channel();
        thread::spawn(move || match open() {
            Ok(store) => {
                if opened.send(Ok(())).is_ok() {
                    serve(store, &asked);
                }
            }
            Err(error) => drop(opened.send(Err(error))),
        });
        is_open.recv().map_err(|_| died())??;
        Ok(Apart {
            questions,
            timeout: None,
        })
    }

    /// Gives a store to a thread.
    pub(super) fn of(store: Box<dyn Store>) -> Apart {
        let (questions, asked) = mpsc::channel();
        thread::spawn(move || serve(store, &asked));
        Apart {
            questions,
            timeout: None,
        }
    }

    /// The same, waiting for so long.
    pub(super) fn waiting(self, timeout: Duration) -> Apart {
        Apart {
            timeout: Some(timeout),
            ..self
        }
    }

    pub(super) fn has_timeout(&self) -> bool {
        self.timeout.is_some()
    }

    /// Has `work` done, which gives its answer to the function it gets.
    ///
    /// # Errors
    /// [`StoreFault::TimedOut`].
    pub(super) fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store, &dyn Fn(T)) + Send + 'static,
    ) -> Result<T, Error> {
        let (answers, answered) = mpsc::channel();
        let question = Question {
            until: self
                .timeout
                .and_then(|timeout| Instant::now().checked_add(timeout)),
            work: Box::new(move |store| {
                work(store, &|answer| {
                    // Whoever asked may have gone.
                    let _ = answers.send(answer);
                });
            }),
        };
        // A thread that died drops what it is asked.
        let _ = self.questions.send(question);
        let answer = match self.timeout {
            Some(timeout) => answered.recv_timeout(timeout),
            None => answered.recv().map_err(RecvTimeoutError::from),
        };
        answer.map_err(|error| {
            Error::Store(match error {
                RecvTimeoutError::Timeout => StoreError::new(StoreFault::TimedOut),
                RecvTimeoutError::Disconnected => died(),
            })
        })
    }
}

fn serve(mut store: Box<dyn Store>, asked: &Receiver<Question>) {
    for question in asked {
        // Of a store that was stuck, only those who still wait get answers.
        if question.until.is_none_or(|until| Instant::now() < until) {
            (question.work)(store.as_mut());
        }
    }
}

fn died() -> StoreError {
    StoreError::caused(StoreFault::Other, "the thread that has the store died")
}
