use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// Reads a date as AWS does: the W3C profile of ISO 8601, or seconds since 1970.
///
/// A time of day needs its offset from UTC; nothing depends on the machine's time zone.
///
/// Source: [Date condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date),
/// [W3C date and time formats](https://www.w3.org/TR/NOTE-datetime)
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(text.strip_prefix('-').unwrap_or(text)) && text.len() != 4 {
        return Timestamp::from_second(text.parse().ok()?).ok();
    }
    let year = || text.get(..4).filter(|year| is_digits(year))?.parse::<i16>().ok();
    let month = || text.get(5..7).filter(|month| is_digits(month))?.parse::<i8>().ok();
    let midnight =
        |date: Date| Offset::UTC.to_timestamp(DateTime::from_parts(date, Time::midnight())).ok();
    match text.len() {
        4 => midnight(Date::new(year()?, 1, 1).ok()?),
        7 if text.get(4..5) == Some("-") => midnight(Date::new(year()?, month()?, 1).ok()?),
        10 => midnight(text.parse().ok()?),
        _ if text.get(10..11) == Some("T") && !text.contains('[') => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form_is_read_as_utc() {
        let table = [
            ("2026", "2026-01-01T00:00:00Z"),
            ("2026-11", "2026-11-01T00:00:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23T02:00Z", "2026-11-23T02:00:00Z"),
            ("2026-11-23T02:00:00Z", "2026-11-23T02:00:00Z"),
            ("2026-11-23T02:00:00+02:00", "2026-11-23T00:00:00Z"),
            ("2026-11-23T02:00:00.5Z", "2026-11-23T02:00:00.5Z"),
            ("1795399200", "2026-11-23T02:00:00Z"),
            ("0", "1970-01-01T00:00:00Z"),
            ("-1", "1969-12-31T23:59:59Z"),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text).map(|at| at.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_date_is_none() {
        for text in [
            "",
            "soon",
            "2026-13",
            "2026-02-30",
            "2026-11-23T02:00:00",
            "2026-11-23 02:00:00Z",
            "9223372036854775807",
            "99999999999999999999",
            "1795399200000",
            "2026-11-23T02:00:00Z[UTC]",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
