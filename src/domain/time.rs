//! Points in time and lengths of time, in whole seconds.
//!
//! Everything keyctl stores or compares is UTC. Rules never ask what time it
//! is: they are given `now`, so tests travel in time by passing another one.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::{Invalid, Refusal};

/// The length of `2027-01-31`.
const DATE_LEN: usize = 10;

/// A point in time: whole seconds, UTC, from 1970 to 9999.
///
/// Shown as RFC 3339 with `Z`: `2027-01-31T23:59:59Z`. Read from any RFC 3339
/// time; fractions of a second are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z, the earliest time there is here.
    pub const MIN: Timestamp = Timestamp(0);
    /// 9999-12-30T22:00:00Z, the last time that has four digits for its year in
    /// every zone on earth (the bound of the `jiff` crate).
    pub const MAX: Timestamp = Timestamp(253_402_207_200);

    /// The system's clock: the one place of the library that reads it.
    ///
    /// A clock set before 1970 or after 9999 reads as the nearest bound.
    pub fn now() -> Timestamp {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs());
        i64::try_from(seconds)
            .ok()
            .and_then(Timestamp::from_unix)
            .unwrap_or(Timestamp::MAX)
    }

    /// The time that many seconds after 1970-01-01T00:00:00Z, or `None` outside
    /// [`MIN`](Self::MIN) to [`MAX`](Self::MAX), both included.
    pub fn from_unix(seconds: i64) -> Option<Timestamp> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&seconds)
            .then_some(Timestamp(seconds))
    }

    /// Reads a time as a database writes it: RFC 3339, or with a blank in the
    /// place of the `T`, with an offset that may be hours alone (`+02`), and UTC
    /// if it has none, as in `2024-05-06 07:08:09.123456`.
    ///
    /// # Errors
    /// [`Invalid`] if it is none of these: a date alone is no time.
    pub fn from_database(text: &str) -> Result<Timestamp, Invalid> {
        let zoned = text.parse::<jiff::Timestamp>();
        let time = zoned.or_else(|error| {
            // What has an offset, and is no time all the same, is not UTC.
            let after_date = text.get(DATE_LEN..).unwrap_or_default();
            let is_plain = !after_date.is_empty() && !after_date.contains(['+', '-', '[']);
            let plain = text.parse::<jiff::civil::DateTime>();
            match plain.and_then(|plain| plain.to_zoned(jiff::tz::TimeZone::UTC)) {
                Ok(time) if is_plain => Ok(time.timestamp()),
                _ => Err(error),
            }
        });
        let time = time.map_err(|_| Invalid::new("not a time such as 2027-01-31 12:00:00"))?;
        Timestamp::from_unix(time.as_second()).ok_or_else(out_of_range)
    }

    /// As RFC 3339 writes it.
    pub fn text(self) -> TimeText {
        // Both are within what jiff has, as MIN and MAX are.
        let time = jiff::Timestamp::from_second(self.0).unwrap_or_default();
        TimeText::new(time)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn as_unix(self) -> i64 {
        self.0
    }

    /// This time plus a length, or `None` past [`MAX`](Self::MAX).
    pub fn checked_add(self, lifetime: Lifetime) -> Option<Timestamp> {
        let seconds = i64::try_from(lifetime.as_seconds()).ok()?;
        Timestamp::from_unix(self.0.checked_add(seconds)?)
    }

    /// This time less a length, and [`MIN`](Self::MIN) if that is earlier.
    pub fn saturating_sub(self, lifetime: Lifetime) -> Timestamp {
        let seconds = i64::try_from(lifetime.as_seconds()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_sub(seconds).max(0))
    }

    /// Whole seconds from `earlier` to this time; negative if it is later.
    pub fn seconds_since(self, earlier: Timestamp) -> i64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// `2027-01-31T23:59:59Z`. jiff knows the calendar; its printer for every form of
/// time took as long as all else of a line of a list.
pub struct TimeText([u8; 20]);

impl TimeText {
    fn new(time: jiff::Timestamp) -> TimeText {
        let time = jiff::tz::Offset::UTC.to_datetime(time);
        let mut text = TimeText(*b"0000-00-00T00:00:00Z");
        let year = time.year().unsigned_abs();
        text.put(0, (year / 100) as u8);
        text.put(2, (year % 100) as u8);
        for (place, number) in [
            (5, time.month()),
            (8, time.day()),
            (11, time.hour()),
            (14, time.minute()),
            (17, time.second()),
        ] {
            text.put(place, number.unsigned_abs());
        }
        text
    }

    /// Writes a number below 100 as two digits.
    fn put(&mut self, place: usize, number: u8) {
        self.0[place] = b'0' + number / 10;
        self.0[place + 1] = b'0' + number % 10;
    }

    /// The time as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits are ASCII")
    }
}

impl FromStr for Timestamp {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Timestamp, Invalid> {
        let time: jiff::Timestamp = text
            .parse()
            .map_err(|_| Invalid::new("not an RFC 3339 time such as 2027-01-31T12:00:00Z"))?;
        Timestamp::from_unix(time.as_second()).ok_or_else(out_of_range)
    }
}

fn out_of_range() -> Invalid {
    Invalid::new("not a time from 1970 to 9999-12-30T22:00:00Z")
}

/// A length of time in whole seconds.
///
/// Read from a number and one unit: `30s`, `15m`, `12h`, `90d`, `4w`, `1y`.
/// A day is 86,400 seconds and a year 365 days: lengths, not calendar dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u64);

impl Lifetime {
    /// That many seconds.
    pub const fn from_seconds(seconds: u64) -> Lifetime {
        Lifetime(seconds)
    }

    /// Its length in seconds.
    pub const fn as_seconds(self) -> u64 {
        self.0
    }
}

/// As it is read, in the largest unit that leaves no rest; never in weeks.
impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (length, unit) = [(365 * 86_400, 'y'), (86_400, 'd'), (3_600, 'h'), (60, 'm')]
            .into_iter()
            .find(|(length, _)| self.0 > 0 && self.0.is_multiple_of(*length))
            .unwrap_or((1, 's'));
        write!(f, "{}{unit}", self.0 / length)
    }
}

impl FromStr for Lifetime {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Lifetime, Invalid> {
        let invalid = || Invalid::new("not a length of time such as 30s, 15m, 12h, 90d, 4w or 1y");
        let unit = text.chars().next_back().ok_or_else(invalid)?;
        let seconds_per_unit = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            'y' => 365 * 86_400,
            _ => return Err(invalid()),
        };
        let number = &text[..text.len() - 1];
        // `u64::from_str` would take "+5".
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let count: u64 = number.parse().map_err(|_| invalid())?;
        count
            .checked_mul(seconds_per_unit)
            .map(Lifetime)
            .ok_or_else(|| Invalid::new("longer than time itself"))
    }
}

/// When a key is to end, as asked for: relative times still wait for `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// It does not end by itself.
    Never,
    /// That long after it is issued.
    After(Lifetime),
    /// At that time.
    At(Timestamp),
}

impl Expiry {
    /// The time this means at `now`; `None` is never.
    ///
    /// # Errors
    /// [`Refusal::ExpiryInPast`] if it is not after `now`;
    /// [`Refusal::ExpiryTooFar`] past [`Timestamp::MAX`].
    pub fn resolve(self, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        let at = match self {
            Expiry::Never => return Ok(None),
            Expiry::At(at) => at,
            Expiry::After(lifetime) => now.checked_add(lifetime).ok_or(Refusal::ExpiryTooFar)?,
        };
        if at > now {
            Ok(Some(at))
        } else {
            Err(Refusal::ExpiryInPast { at })
        }
    }
}

impl FromStr for Expiry {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Expiry, Invalid> {
        if text == "never" {
            return Ok(Expiry::Never);
        }
        if let Ok(lifetime) = text.parse() {
            return Ok(Expiry::After(lifetime));
        }
        // A bare date is valid to its end, as a date on a badge is.
        if let Ok(date) = text.parse::<jiff::civil::Date>()
            && text.len() == DATE_LEN
        {
            return format!("{date}T23:59:59Z")
                .parse()
                .map(Expiry::At)
                .map_err(|_| out_of_range());
        }
        text.parse().map(Expiry::At).map_err(|_| {
            Invalid::new("not a length (90d), a date (2027-01-31), an RFC 3339 time or never")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn timestamps_read_and_show_rfc_3339() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some("1970-01-01T00:00:00Z")),
            ("9999-12-30T22:00:00Z", Some("9999-12-30T22:00:00Z")),
            ("9999-12-30T22:00:01Z", None),
            ("2027-01-31T12:00:00+02:00", Some("2027-01-31T10:00:00Z")),
            ("2027-01-31T12:00:00.999Z", Some("2027-01-31T12:00:00Z")),
            ("1969-12-31T23:59:59Z", None),
            ("2027-01-31", None),
            ("2027-02-30T00:00:00Z", None),
            ("", None),
        ];
        for (text, shown) in cases {
            let read = text.parse::<Timestamp>().ok().map(|t| t.to_string());
            assert_eq!(read.as_deref(), shown, "{text:?}");
        }
    }

    #[test]
    fn times_of_databases_are_utc_unless_they_say_otherwise() {
        let time = Some("2024-05-06T07:08:09Z");
        let cases = [
            ("2024-05-06 07:08:09.123456", time),
            ("2024-05-06 07:08:09", time),
            ("2024-05-06T07:08:09", time),
            ("2024-05-06T07:08:09.123456", time),
            ("2024-05-06T07:08:09Z", time),
            ("2024-05-06 07:08:09Z", time),
            ("2024-05-06T07:08:09+00:00", time),
            ("2024-05-06 07:08:09+00", time),
            ("2024-05-06 09:08:09+02", time),
            ("2024-05-06 09:08:09.5+02:00", time),
            ("2024-05-06 12:38:09+0530", time),
            ("2024-05-06 02:08:09-05", time),
            ("2024-05-06", None),
            ("2024-05-06 07:08:09+99", None),
            ("2024-05-06 07:08:09-", None),
            ("2024-05-06 07:08:09 UTC", None),
            ("2024-05-06 25:08:09", None),
            ("1969-05-06 07:08:09", None),
            ("06/05/2024 07:08:09", None),
            ("1714979289", None),
            ("2024-05-06 é", None),
            ("2024-05-0é 07:08:09", None),
            ("é", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let read = Timestamp::from_database(text).ok().map(|t| t.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn lifetimes_are_a_number_and_a_unit() {
        let cases = [
            ("0s", Some(0)),
            ("30s", Some(30)),
            ("15m", Some(900)),
            ("12h", Some(43_200)),
            ("90d", Some(7_776_000)),
            ("4w", Some(2_419_200)),
            ("1y", Some(31_536_000)),
            ("d", None),
            ("", None),
            ("90", None),
            ("+5d", None),
            ("-5d", None),
            ("1.5d", None),
            ("5 d", None),
            ("5D", None),
            ("5µ", None),
            ("99999999999999999999y", None),
            ("18446744073709551615y", None),
        ];
        for (text, seconds) in cases {
            let read = text.parse::<Lifetime>().ok().map(Lifetime::as_seconds);
            assert_eq!(read, seconds, "{text:?}");
        }
    }

    #[test]
    fn lifetimes_are_shown_as_they_are_read() {
        for (text, shown) in [
            ("0d", "0s"),
            ("90s", "90s"),
            ("600s", "10m"),
            ("90m", "90m"),
            ("24h", "1d"),
            ("4w", "28d"),
            ("365d", "1y"),
            ("366d", "366d"),
            ("18446744073709551615s", "18446744073709551615s"),
        ] {
            let lifetime: Lifetime = text.parse().unwrap();
            assert_eq!(lifetime.to_string(), shown);
            assert_eq!(shown.parse(), Ok(lifetime));
        }
    }

    #[test]
    fn expiry_is_after_now_or_refused() {
        let now = at("2026-06-15T12:00:00Z");
        let cases = [
            ("never", Ok(None)),
            ("1s", Ok(Some("2026-06-15T12:00:01Z"))),
            ("90d", Ok(Some("2026-09-13T12:00:00Z"))),
            // The end of that very day is still ahead.
            ("2026-06-15", Ok(Some("2026-06-15T23:59:59Z"))),
            ("2026-06-15T12:00:01Z", Ok(Some("2026-06-15T12:00:01Z"))),
            ("2026-06-15T12:00:00Z", Err("2026-06-15T12:00:00Z")),
            ("2026-06-14", Err("2026-06-14T23:59:59Z")),
            ("0d", Err("2026-06-15T12:00:00Z")),
        ];
        for (text, expected) in cases {
            let resolved = text.parse::<Expiry>().unwrap().resolve(now);
            let past = |time| Refusal::ExpiryInPast { at: at(time) };
            let expected = expected.map(|time| time.map(at)).map_err(past);
            assert_eq!(resolved, expected, "{text:?}");
        }
        let too_far = "9000y".parse::<Expiry>().unwrap().resolve(now);
        assert_eq!(too_far, Err(Refusal::ExpiryTooFar));
    }

    #[test]
    fn expiry_takes_no_other_form() {
        for text in [
            "",
            "tomorrow",
            "Never",
            "2026-13-01",
            "20260615",
            "9999-12-31",
            "2026-06-15 12:00",
        ] {
            assert!(text.parse::<Expiry>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn subtraction_stops_at_the_beginning() {
        assert_eq!(
            Timestamp::MIN.saturating_sub(Lifetime::from_seconds(u64::MAX)),
            Timestamp::MIN
        );
    }
}
