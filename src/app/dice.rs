//! Chance for the rules, which have none of their own.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

/// Where chance comes from: the system, or a seed, so that a test sees the same numbers again.
pub(super) struct Dice(Mutex<StdRng>);

impl Dice {
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self(Mutex::new(
            seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64),
        ))
    }

    pub(super) fn roll(&self) -> [u8; 32] {
        let mut dice = [0; 32];
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        source.fill_bytes(&mut dice);
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
        let (first, second) = (Dice::new(Some(7)), Dice::new(Some(7)));
        assert_eq!(first.roll(), second.roll());
        assert_ne!(first.roll(), first.roll());
        assert_ne!(Dice::new(None).roll(), Dice::new(None).roll());
    }
}
