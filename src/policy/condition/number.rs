use std::cmp::Ordering;

/// A decimal number, compared digit by digit: `9007199254740993` is not
/// `9007199254740992`, and `1e999` is not infinity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal<'a> {
    negative: bool,
    /// The digits before and after the point; zeros at the outer ends are gone.
    whole: &'a str,
    fraction: &'a str,
    /// Where the first digit stands: 1 for units, 0 for tenths. Meaningless for zero.
    magnitude: i64,
}

impl<'a> Decimal<'a> {
    /// Reads an integer or decimal, with an exponent or without.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let (whole, fraction, leading) = if whole.is_empty() {
            let significant = fraction.trim_start_matches('0');
            (whole, significant, 0 - i64::try_from(fraction.len() - significant.len()).ok()?)
        } else {
            (whole, fraction, i64::try_from(whole.len()).ok()?)
        };
        Some(Self { negative, whole, fraction, magnitude: leading + i64::from(exponent) })
    }

    fn is_zero(self) -> bool {
        self.digits().all(|digit| digit == b'0')
    }

    fn digits(self) -> impl Iterator<Item = u8> + 'a {
        self.whole.bytes().chain(self.fraction.bytes())
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => {
                return if other.negative { Ordering::Greater } else { Ordering::Less };
            }
            (false, true) => return if self.negative { Ordering::Less } else { Ordering::Greater },
            (false, false) => {}
        }
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_size(other),
            (true, true) => other.compare_size(self),
        }
    }

    fn compare_size(self, other: Self) -> Ordering {
        // `100` and `1e2` differ only in zeros at the end.
        let zeros = std::iter::repeat(b'0');
        let length =
            (self.whole.len() + self.fraction.len()).max(other.whole.len() + other.fraction.len());
        self.magnitude.cmp(&other.magnitude).then_with(|| {
            let padded = |number: Self| number.digits().chain(zeros.clone()).take(length);
            padded(self).cmp(padded(other))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        use Ordering::{Equal, Greater, Less};
        let table = [
            ("900", "3600", Less),
            ("7", "7.0", Equal),
            ("0.1", ".10", Equal),
            ("-0", "0", Equal),
            ("-1", "1", Less),
            ("-2", "-1", Less),
            ("9007199254740993", "9007199254740992", Greater),
            ("1e2", "100", Equal),
            ("100", "1e2", Equal),
            ("1e999", "1e998", Greater),
            ("0.05", "0.5", Less),
            ("0.005e2", "0.5", Equal),
            ("010", "10", Equal),
            ("0e9", "0.0", Equal),
            ("0", "-1", Greater),
        ];
        for (a, b, expected) in table {
            let (x, y) = (Decimal::parse(a).unwrap(), Decimal::parse(b).unwrap());
            assert_eq!((x.compare(y), y.compare(x)), (expected, expected.reverse()), "{a} {b}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_none() {
        for text in [
            "",
            "abc",
            " 5",
            "5 ",
            "1.2.3",
            "-",
            ".",
            "0x10",
            "NaN",
            "inf",
            "1e",
            "1e99999999999",
            "１",
        ] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }
}
