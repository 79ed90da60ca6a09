//! How long to go on trying what others got in the way of.

use std::thread;
use std::time::{Duration, Instant};

use crate::domain::random_part_of;

/// How long anything is tried again.
const DEADLINE: Duration = Duration::from_secs(30);
/// What is waited at most before the second try; each later wait may be twice as
/// long.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Waits between tries, of random length so that those who met once do not meet
/// again, until a deadline.
pub(crate) struct Backoff {
    deadline: Instant,
    longest: Duration,
}

impl Backoff {
    /// Begins now.
    pub(crate) fn new() -> Backoff {
        Backoff {
            deadline: Instant::now() + DEADLINE,
            longest: FIRST_WAIT,
        }
    }

    /// Waits, and says whether to try again.
    pub(crate) fn wait(&mut self) -> bool {
        let wait = random_part_of(self.longest);
        self.longest = (self.longest * 2).min(LONGEST_WAIT);
        if Instant::now() + wait >= self.deadline {
            return false;
        }
        thread::sleep(wait);
        true
    }

    /// How much time is left.
    #[cfg(feature = "postgres")]
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
