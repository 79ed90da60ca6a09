//! What was measured, as it is printed.

use std::fmt;
use std::time::Duration;

use crate::turns::{Medians, print_figure, print_row};

/// One line of the tables.
pub(crate) struct Figure {
    what: &'static str,
    /// What the floor is; empty if there is none.
    beside: &'static str,
    keyctl: Amount,
    floor: Option<Amount>,
    /// The most memory that keyctl had, in KiB, where that is of interest.
    peak: Option<u64>,
    /// Whether it is about one key, and so should not grow with the store.
    is_of_one_key: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Amount {
    Time(Duration),
    Instructions(u64),
}

impl Figure {
    /// Two sides that ran in turn.
    pub(crate) fn beside(what: &'static str, beside: &'static str, medians: &Medians) -> Figure {
        print_figure(what, medians, beside);
        let times = (Amount::Time(medians.keyctl), Amount::Time(medians.floor));
        Figure::new(what, beside, times.0, Some(times.1))
    }

    /// Instructions, of which each process was run once.
    pub(crate) fn counted(
        what: &'static str,
        beside: &'static str,
        keyctl: u64,
        floor: Option<u64>,
    ) -> Figure {
        let floor = floor.map(Amount::Instructions);
        let figure = Figure::new(what, beside, Amount::Instructions(keyctl), floor);
        figure.say();
        figure
    }

    /// What has no floor.
    pub(crate) fn alone(what: &'static str, took: Duration) -> Figure {
        let figure = Figure::new(what, "", Amount::Time(took), None);
        figure.say();
        figure
    }

    fn new(
        what: &'static str,
        beside: &'static str,
        keyctl: Amount,
        floor: Option<Amount>,
    ) -> Figure {
        Figure {
            what,
            beside,
            keyctl,
            floor,
            peak: None,
            is_of_one_key: false,
        }
    }

    pub(crate) fn with_peak(self, peak: u64) -> Figure {
        Figure {
            peak: Some(peak),
            ..self
        }
    }

    pub(crate) fn of_one_key(self) -> Figure {
        Figure {
            is_of_one_key: true,
            ..self
        }
    }

    /// What takes how long without anything beside it differs between machines.
    fn is_quoted(&self) -> bool {
        self.floor.is_some() || self.peak.is_some()
    }

    /// One line while others are still measured.
    fn say(&self) {
        let floor = self.floor.map_or(String::new(), |floor| floor.to_string());
        let numbers = [self.keyctl.to_string(), floor, self.ratio()];
        print_row(
            self.what,
            numbers.each_ref().map(String::as_str),
            self.beside,
        );
    }

    fn ratio(&self) -> String {
        let ratio = |floor: Amount| format!("{:.2}", self.keyctl.over(floor));
        self.floor.map_or(String::new(), ratio)
    }
}

impl Amount {
    fn number(self) -> f64 {
        match self {
            Amount::Time(took) => took.as_secs_f64(),
            Amount::Instructions(count) => count as f64,
        }
    }

    fn over(self, floor: Amount) -> f64 {
        self.number() / floor.number()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Amount::Instructions(_) => format!("{:.1} M", self.number() / 1e6),
            Amount::Time(took) if *took < Duration::from_millis(1) => {
                format!("{:.1} µs", self.number() * 1e6)
            }
            Amount::Time(took) if *took < Duration::from_secs(1) => {
                format!("{:.1} ms", self.number() * 1e3)
            }
            Amount::Time(_) => format!("{:.2} s", self.number()),
        };
        f.pad(&text)
    }
}

/// Prints what the README quotes of the largest store, then how all of it grows
/// from the smallest to the largest. Each size has the same figures.
pub(crate) fn print_tables(sizes: &[usize], measured: &[Vec<Figure>]) {
    let (Some(size), Some(figures)) = (sizes.last(), measured.last()) else {
        return;
    };
    println!("\n{} keys:\n", grouped(*size));
    print_line(["what", "beside", "ratio", "memory"].map(str::to_owned));
    print_line(["---"; 4].map(str::to_owned));
    for figure in figures.iter().filter(|figure| figure.is_quoted()) {
        let (what, beside) = (figure.what.to_owned(), figure.beside.to_owned());
        print_line([what, beside, figure.ratio(), memory(figure)]);
    }
    println!("\nBy number of keys, with the ratio to what is beside it:\n");
    print_growth(sizes, measured, "last / first", |figure| {
        Some(match figure.floor {
            Some(_) => format!("{} ({})", figure.keyctl, figure.ratio()),
            None => figure.keyctl.to_string(),
        })
    });
    println!("\nMemory by number of keys:\n");
    print_growth(sizes, measured, "", |figure| {
        figure.peak.map(|_| memory(figure))
    });
}

fn print_growth(
    sizes: &[usize],
    measured: &[Vec<Figure>],
    last: &str,
    cell: impl Fn(&Figure) -> Option<String>,
) {
    let counts = sizes.iter().map(|size| grouped(*size));
    print_line(
        ["what".to_owned()]
            .into_iter()
            .chain(counts)
            .chain([last.to_owned()]),
    );
    print_line(vec!["---".to_owned(); sizes.len() + 2]);
    for (index, first) in measured[0].iter().enumerate() {
        let row = measured.iter().map(|figures| &figures[index]);
        let Some(cells) = row.map(&cell).collect::<Option<Vec<String>>>() else {
            continue;
        };
        let growth = match measured.last() {
            Some(figures) if first.is_of_one_key && !last.is_empty() => {
                format!("{:.2}", figures[index].keyctl.over(first.keyctl))
            }
            _ => String::new(),
        };
        print_line(
            [first.what.to_owned()]
                .into_iter()
                .chain(cells)
                .chain([growth]),
        );
    }
}

fn print_line(cells: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = cells.into_iter().collect();
    println!("| {} |", cells.join(" | "));
}

fn memory(figure: &Figure) -> String {
    let mb = |kib: u64| format!("{} MB", (kib * 1024).div_ceil(1_000_000));
    figure.peak.map_or(String::new(), mb)
}

/// A number whose thousands can be told apart.
pub(crate) fn grouped(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
