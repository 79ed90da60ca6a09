//! A store in a thread of its own, where nobody has to wait for it for ever.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::domain::{Error, StoreError, StoreFault};
use crate::store::Store;

/// A store that one thread has, and what that thread is asked.
pub(super) struct Apart {
    questions: Sender<Question>,
    timeout: Duration,
}

struct Question {
    /// When nobody waits for the answer any more.
    until: Instant,
    work: Work,
}

type Work = Box<dyn FnOnce(&mut dyn Store) + Send>;

impl Apart {
    /// The thread ends after the last question when this is dropped.
    pub(super) fn new(mut store: Box<dyn Store>, timeout: Duration) -> Apart {
        let (questions, asked) = mpsc::channel::<Question>();
        thread::spawn(move || {
            for question in asked {
                // Of a store that was stuck, only those who still wait get answers.
                if Instant::now() < question.until {
                    (question.work)(store.as_mut());
                }
            }
        });
        Apart { questions, timeout }
    }

    /// The same, waiting for so long.
    pub(super) fn waiting(self, timeout: Duration) -> Apart {
        Apart { timeout, ..self }
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
            until: Instant::now() + self.timeout,
            work: Box::new(move |store| {
                work(store, &|answer| {
                    // Whoever asked may have gone.
                    let _ = answers.send(answer);
                });
            }),
        };
        // A thread that died drops what it is asked.
        let _ = self.questions.send(question);
        answered.recv_timeout(self.timeout).map_err(|error| {
            Error::Store(match error {
                RecvTimeoutError::Timeout => StoreError::new(StoreFault::TimedOut),
                RecvTimeoutError::Disconnected => {
                    StoreError::caused(StoreFault::Other, "the thread that has the store died")
                }
            })
        })
    }
}
