//! Values that are not text: numbers, instants, addresses, bytes.

use std::net::IpAddr;

/// A decimal number.
pub(crate) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if plain && digits.starts_with(|c: char| c.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// An instant in seconds since 1970, from the W3C's subset of ISO 8601 or from seconds.
///
/// Four digits are a year; seconds end with the last year of four digits.
pub(crate) fn instant(text: &str) -> Option<f64> {
    if let Some(seconds) = number(text).filter(|_| text.len() != 4) {
        return (seconds < 253_402_300_800.0).then_some(seconds);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let fields: Vec<&str> = date.split('-').collect();
    let days = match (fields.as_slice(), time) {
        ([year], None) => days(year, "01", "01")?,
        ([year, month], None) => days(year, month, "01")?,
        ([year, month, day], _) => days(year, month, day)?,
        _ => return None,
    };
    let seconds = time.map_or(Some(0.0), seconds_of_day)?;
    Some(days * 86_400.0 + seconds)
}

/// `02:30Z`, `02:30:15.5+02:00`, in seconds since midnight UTC.
fn seconds_of_day(time: &str) -> Option<f64> {
    let zone_at = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone_at);
    let offset = if zone == "Z" {
        0.0
    } else {
        let (hours, minutes) = zone[1..].split_once(':')?;
        let size = number(hours)? * 3600.0 + number(minutes)? * 60.0;
        if zone.starts_with('-') { -size } else { size }
    };
    let fields: Option<Vec<f64>> = clock.split(':').map(number).collect();
    let local = match fields?.as_slice() {
        [hours, minutes] => hours * 3600.0 + minutes * 60.0,
        [hours, minutes, seconds] => hours * 3600.0 + minutes * 60.0 + seconds,
        _ => return None,
    };
    Some(local - offset)
}

/// Days since 1970-01-01, counted year by year and month by month.
fn days(year: &str, month: &str, day: &str) -> Option<f64> {
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (year, month, day): (i32, i32, i32) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let leap = |year: i32| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let year_days = |year: i32| if leap(year) { 366 } else { 365 };
    let month_days = |month: i32| match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=12).contains(&month) || !(1..=month_days(month)).contains(&day) {
        return None;
    }
    let years: i32 = if year >= 1970 {
        (1970..year).map(year_days).sum()
    } else {
        -(year..1970).map(year_days).sum::<i32>()
    };
    Some(f64::from(years + (1..month).map(month_days).sum::<i32>() + day - 1))
}

/// `true` or `false`, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Whether the address lies in the range; none if one of them is none.
pub(crate) fn in_range(address: &str, range: &str) -> Option<bool> {
    let address = bits(address.parse().ok()?);
    let (base, length) = range.split_once('/').unwrap_or((range, ""));
    let base = bits(base.parse().ok()?);
    let length = if length.is_empty() { base.len() } else { length.parse().ok()? };
    if length > base.len() {
        return None;
    }
    Some(address.len() == base.len() && address[..length] == base[..length])
}

fn bits(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{:032b}", address.to_bits()),
        IpAddr::V6(address) => format!("{:0128b}", address.to_bits()),
    }
}

/// The bytes that base64 text stands for.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 {
        return None;
    }
    let values: Option<Vec<usize>> = digits.chars().map(|digit| ALPHABET.find(digit)).collect();
    let sixes: Vec<String> = values?.iter().map(|value| format!("{value:06b}")).collect();
    let all = sixes.concat();
    let whole = all.len() / 8;
    let byte = |index: usize| u8::from_str_radix(&all[index * 8..index * 8 + 8], 2).ok();
    (0..whole).map(byte).collect()
}
