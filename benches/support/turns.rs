//! Two sides measured in turn, and what is printed of them.

use std::error::Error;
use std::time::Duration;

pub(crate) type Fallible<T> = Result<T, Box<dyn Error>>;

/// How long each side took.
pub(crate) struct Medians {
    pub(crate) keyctl: Duration,
    pub(crate) floor: Duration,
}

/// Runs both sides in turn, so that whatever else the machine does meets both.
pub(crate) fn in_turn(
    turns: usize,
    mut keyctl: impl FnMut(usize) -> Fallible<Duration>,
    mut floor: impl FnMut(usize) -> Fallible<Duration>,
) -> Fallible<Medians> {
    let (mut keyctl_took, mut floor_took) = (Vec::new(), Vec::new());
    for turn in 0..=turns {
        keyctl_took.push(keyctl(turn)?);
        floor_took.push(floor(turn)?);
    }
    // The first turn fills the system's caches for both.
    Ok(Medians {
        keyctl: median(&mut keyctl_took[1..]),
        floor: median(&mut floor_took[1..]),
    })
}

pub(crate) fn median(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

/// Prints a figure and the ratio, which is what to quote.
pub(crate) fn print_figure(what: &str, medians: &Medians, floor: &str) {
    let ms = |took: Duration| format!("{:.*} ms", places(took), took.as_secs_f64() * 1e3);
    let ratio = medians.keyctl.as_secs_f64() / medians.floor.as_secs_f64();
    let numbers = [ms(medians.keyctl), ms(medians.floor), format!("{ratio:.2}")];
    print_row(what, numbers.each_ref().map(String::as_str), floor);
}

/// A look-up in an open store takes microseconds.
fn places(took: Duration) -> usize {
    if took < Duration::from_millis(1) {
        4
    } else {
        1
    }
}

pub(crate) fn print_row(what: &str, [keyctl, floor, ratio]: [&str; 3], floor_is: &str) {
    println!("{what:<32}{keyctl:>11}{floor:>11}{ratio:>7}  {floor_is}");
}
