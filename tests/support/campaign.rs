//! How much of a promise is tried: a little each time the tests run, and all of
//! it where `CAMPAIGN=full` says so. What is tried is drawn from `SEED`.

use std::env;

use rand::SeedableRng;
use rand::rngs::SmallRng;

/// How many trials: `short`, or `full` in a campaign.
pub(crate) fn size(short: usize, full: usize) -> usize {
    match env::var("CAMPAIGN").as_deref() {
        Ok("full") => full,
        Ok(other) => panic!("CAMPAIGN is {other}, and only full is known"),
        Err(_) => short,
    }
}

/// What the trials are drawn from: `SEED`, else 1.
pub(crate) fn seed() -> u64 {
    env::var("SEED").map_or(1, |text| text.parse().expect("SEED is a whole number"))
}

/// A generator for one test, so that each draws the same whatever runs beside it.
pub(crate) fn generator() -> SmallRng {
    SmallRng::seed_from_u64(seed())
}

/// Tells the figures reached, to be seen with `--nocapture`.
#[expect(clippy::print_stderr, reason = "a campaign ends with its figures")]
pub(crate) fn report(figures: &str) {
    eprintln!("seed {}: {figures}", seed());
}
