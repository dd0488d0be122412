//! Chance for the rules, which have none of their own.

use std::fmt;

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

/// Where chance comes from: the system; or in tests a seed, so that the same update always meets the same numbers.
pub(super) struct Dice(Option<u64>);

impl Dice {
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self(seed)
    }

    /// Draws for one letter.
    pub(super) fn roll(&self, update: Option<i64>) -> [u8; 32] {
        let mut dice = [0; 32];
        match self.0 {
            None => rand::rng().fill_bytes(&mut dice),
            Some(seed) => {
                let update = update.unwrap_or_default().unsigned_abs();
                StdRng::seed_from_u64(seed ^ (update << 16)).fill_bytes(&mut dice);
            }
        }
        dice
    }
}

impl fmt::Debug for Dice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dice")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_the_system_does_not() {
        let seeded = Dice::new(Some(7));
        assert_eq!(seeded.roll(Some(1)), Dice::new(Some(7)).roll(Some(1)));
        assert_ne!(seeded.roll(Some(1)), seeded.roll(Some(2)));
        let system = Dice::new(None);
        assert_ne!(system.roll(Some(1)), system.roll(Some(1)));
    }
}
