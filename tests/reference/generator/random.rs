//! Random choices that a seed repeats.

/// A stream of numbers (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below the limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from(self.next() % limit).unwrap()
    }

    /// Whether something happens that does so in `percent` of all cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One of the texts.
    pub(crate) fn text(&mut self, items: &[&str]) -> String {
        (*self.pick(items)).to_owned()
    }

    /// Between `least` and `most` of the texts, in their order.
    pub(crate) fn some(&mut self, items: &[&str], least: usize, most: usize) -> Vec<String> {
        let wanted = least + self.below(most - least + 1);
        let mut left: Vec<usize> = (0..items.len()).collect();
        let mut chosen = Vec::new();
        while chosen.len() < wanted && !left.is_empty() {
            let at = self.below(left.len());
            chosen.push(left.remove(at));
        }
        chosen.sort_unstable();
        chosen.into_iter().map(|at| items[at].to_owned()).collect()
    }
}
