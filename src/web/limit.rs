//! Wrong tokens: after a few of them an address waits. Others are not held up by it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many wrong tokens within the window.
const ALLOWED: u32 = 10;
/// How long an address is remembered.
pub(super) const WINDOW: Duration = Duration::from_mins(1);
/// So many addresses are remembered; beyond it whoever failed longest ago is forgotten.
const REMEMBERED: usize = 4_096;

/// Failures by address: how many, since when.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<IpAddr, (u32, Duration)>>);

impl Failures {
    /// Whether the address must wait. `now` is monotonic.
    pub(super) fn must_wait(&self, address: IpAddr, now: Duration) -> bool {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures
            .get(&address)
            .is_some_and(|(count, since)| *count >= ALLOWED && now < *since + WINDOW)
    }

    /// A wrong token came from there.
    pub(super) fn failed(&self, address: IpAddr, now: Duration) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED && !failures.contains_key(&address) {
            failures.retain(|_, (_, since)| now < *since + WINDOW);
            let oldest = failures.iter().min_by_key(|(_, (_, since))| *since);
            if let Some(oldest) = oldest.map(|(address, _)| *address)
                && failures.len() >= REMEMBERED
            {
                failures.remove(&oldest);
            }
        }
        let entry = failures.entry(address).or_insert((0, now));
        if now >= entry.1 + WINDOW {
            *entry = (0, now);
        }
        entry.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_ten_failures_and_only_that_one() {
        let failures = Failures::default();
        let (one, other) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let second = Duration::from_secs;
        for at in 0..10 {
            assert!(!failures.must_wait(one, second(at)));
            failures.failed(one, second(at));
        }
        assert!(failures.must_wait(one, second(59)));
        assert!(!failures.must_wait(other, second(59)));
        assert!(!failures.must_wait(one, second(60)));
    }

    #[test]
    fn many_addresses_take_bounded_room() {
        let failures = Failures::default();
        for number in 0..20_000_u32 {
            failures.failed(
                IpAddr::V4(number.into()),
                Duration::from_millis(number.into()),
            );
        }
        assert!(failures.0.lock().unwrap().len() <= REMEMBERED);
    }
}
