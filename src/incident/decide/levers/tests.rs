//! What may be given to a procedure.

use super::parameters::check;
use crate::plan::ParameterKind::{self, Address, Backup, Commit, Name, Time};

fn fits(kind: ParameterKind, value: &str) -> bool {
    check(kind, value).is_some()
}

#[test]
fn values_are_what_their_kind_says() {
    for good in ["1a2b3c4", "DEADBEEF00", &"a".repeat(64)] {
        assert!(fits(Commit, good), "{good}");
    }
    for bad in ["1a2b3c", "HEAD", "1a2b3c4;rm", "--hard", &"a".repeat(65)] {
        assert!(!fits(Commit, bad), "{bad}");
    }
    for good in ["2026-02-17.db", "dump_1.sql.gz"] {
        assert!(fits(Backup, good), "{good}");
    }
    for bad in [
        "../etc/passwd",
        "a/b",
        ".hidden",
        "-rf",
        "a..b",
        "a b",
        "a@b",
        "x\0y",
    ] {
        assert!(!fits(Backup, bad), "{bad}");
    }
    for good in ["alice", "alice@example.org", "a-b_c.d"] {
        assert!(fits(Name, good), "{good}");
    }
    for bad in ["-o", "a'b", "a\"b", "a;b", "ä", "", &"a".repeat(129)] {
        assert!(!fits(Name, bad), "{bad}");
    }
}

#[test]
fn an_address_never_cuts_the_machine_off() {
    assert_eq!(
        check(Address, "203.0.113.7").as_deref(),
        Some("203.0.113.7")
    );
    assert_eq!(
        check(Address, "203.0.113.0/24").as_deref(),
        Some("203.0.113.0/24")
    );
    assert_eq!(
        check(Address, "2001:DB8::1").as_deref(),
        Some("2001:db8::1")
    );
    for bad in [
        "0.0.0.0/0",
        "0.0.0.0",
        "10.0.0.0/7",
        "127.0.0.1",
        "::1",
        "::/0",
        "2001:db8::/8",
        "203.0.113.7/33",
        "203.0.113.7/",
        "203.0.113.7/+8",
        "203.0.113",
        "localhost",
    ] {
        assert!(!fits(Address, bad), "{bad}");
    }
}

#[test]
fn a_moment_is_kept_in_utc() {
    let kept = |value| check(Time, value);
    assert_eq!(
        kept("2026-02-17T14:05").as_deref(),
        Some("2026-02-17T14:05:00Z")
    );
    assert_eq!(
        kept("2026-02-17T15:05:00+01:00").as_deref(),
        Some("2026-02-17T14:05:00Z")
    );
    assert_eq!(kept("14:05"), None);
    assert_eq!(kept("2026-02-31T14:05"), None);
}
