//! Rising numbers for events and deliveries.

use std::sync::Arc;

/// The clock of the ledger: UTC microseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// 2024-01-01T00:00:00Z in microseconds: numbers start here.
const EPOCH: i64 = 1_704_067_200_000_000;

/// Below the milliseconds: twelve bits that count within one, then ten that tell processes apart.
const COUNT_BITS: u32 = 12;
const MARK_BITS: u32 = 10;

/// Hands out numbers that always rise: milliseconds, then a count, then a mark of this process. Numbers of one process never
/// repeat. Two processes share a number only if they drew the same mark; then the primary key stops it and new ones are drawn.
pub(super) struct Ids {
    clock: Clock,
    mark: i64,
    last: i64,
}

impl Ids {
    /// `last` is the highest number in the database, so that a clock that went back does not repeat any.
    pub(super) fn new(clock: Clock, mark: u16, last: i64) -> Self {
        Self {
            clock,
            mark: i64::from(mark) & ((1 << MARK_BITS) - 1),
            last,
        }
    }

    /// The next number, above all handed out or seen so far.
    pub(super) fn next(&mut self) -> i64 {
        let millis = ((self.clock)() - EPOCH).max(0) / 1_000;
        let count = (millis << COUNT_BITS).max((self.last >> MARK_BITS) + 1);
        self.last = (count << MARK_BITS) | self.mark;
        self.last
    }

    /// Makes every later number higher than `seen`.
    pub(super) fn above(&mut self, seen: i64) {
        self.last = self.last.max(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn numbers_rise_even_when_the_clock_goes_back() {
        let now = Arc::new(AtomicI64::new(EPOCH + 5_000_000));
        let clock = Arc::clone(&now);
        let mut ids = Ids::new(Arc::new(move || clock.load(Ordering::Relaxed)), 7, 0);
        let mut last = 0;
        for step in 0..10_000 {
            now.store(EPOCH + 5_000_000 - step * 1_000, Ordering::Relaxed);
            let next = ids.next();
            assert!(next > last, "{next} after {last}");
            last = next;
        }
        ids.above(last + 1_000);
        assert!(ids.next() > last + 1_000);
    }

    #[test]
    fn two_processes_never_share_a_number_whoever_has_seen_whom() {
        let clock = || -> Clock { Arc::new(|| EPOCH + 5_000_000) };
        let (mut one, mut two) = (Ids::new(clock(), 7, 0), Ids::new(clock(), 8, 0));
        let mut all = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let first = one.next();
            two.above(first);
            let second = two.next();
            one.above(second);
            assert!(second > first);
            assert!(all.insert(first) && all.insert(second), "{first}, {second}");
        }
    }
}
