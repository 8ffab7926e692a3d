//! Three-valued truth.

use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, Not};

/// Whether something holds for a request.
///
/// A request whose context is fully known only yields `True` and `False`.
/// `Unknown` arises when a context key or a whole policy is left open, and it
/// propagates by [Kleene's rules](https://en.wikipedia.org/wiki/Three-valued_logic),
/// so an answer that does not depend on what is open is still definite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not hold.
    #[default]
    False,
    /// It depends on something that is not known.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// Whether one of `values` holds. Stops at the first that does.
    pub fn any(values: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::False;
        for value in values {
            any |= value;
            if any == Self::True {
                break;
            }
        }
        any
    }

    /// Whether all of `values` hold. Stops at the first that does not.
    pub fn all(values: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::True;
        for value in values {
            all &= value;
            if all == Self::False {
                break;
            }
        }
        all
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

// The variants are ordered False < Unknown < True, so `and` is `min` and `or` is `max`.
impl BitAnd for Truth {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.min(other)
    }
}

impl BitOr for Truth {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.max(other)
    }
}

impl BitAndAssign for Truth {
    fn bitand_assign(&mut self, other: Self) {
        *self = *self & other;
    }
}

impl BitOrAssign for Truth {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Unknown};

    #[test]
    fn connectives_follow_kleene() {
        //  a, b, a & b, a | b
        let table = [
            (False, False, False, False),
            (False, Unknown, False, Unknown),
            (False, True, False, True),
            (Unknown, Unknown, Unknown, Unknown),
            (Unknown, True, Unknown, True),
            (True, True, True, True),
        ];
        for (a, b, and, or) in table {
            assert_eq!((a & b, b & a), (and, and), "{a:?} & {b:?}");
            assert_eq!((a | b, b | a), (or, or), "{a:?} | {b:?}");
            assert_eq!(!(a & b), !a | !b, "De Morgan for {a:?} and {b:?}");
        }
    }

    #[test]
    fn a_definite_member_decides_a_set() {
        assert_eq!(Truth::any([Unknown, True]), True);
        assert_eq!(Truth::all([Unknown, False]), False);
        assert_eq!(Truth::any([]), False);
        assert_eq!(Truth::all([]), True);
    }
}
