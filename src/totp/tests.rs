use std::sync::Arc;

use chrono::TimeZone;

use super::*;
use crate::store::{Ledger, Unit};

struct Stage {
    totp: Totp,
    ledger: Ledger,
    url: String,
    _folder: tempfile::TempDir,
}

const ALICE: i64 = 4_711;

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 17, 14, 0, 0)
        .single()
        .expect("a moment")
}

fn later(seconds: i64) -> DateTime<Utc> {
    start() + Duration::seconds(seconds)
}

fn key(letter: &str) -> Key {
    let text = format!("{letter}0112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef");
    Key::read(&Secret::new(text)).expect("a key")
}

async fn stage() -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("t.db").display());
    let ledger = Ledger::open(&url, Arc::new(|| 1)).await.expect("it opens");
    Stage {
        totp: Totp::new(ledger.register(), Some(key("a")), "breakglass: test"),
        ledger,
        url,
        _folder: folder,
    }
}

/// The code that an app shows at a moment, from what it was told.
fn code(typed: &Secret, at: DateTime<Utc>) -> String {
    let secret = totp_rs::Secret::try_from_base32(typed.expose()).expect("Base32");
    let app = Builder::new().with_secret(secret).build().expect("an app");
    app.generate(u64::try_from(at.timestamp()).expect("after 1970"))
        .to_string()
}

impl Stage {
    /// Alice enrols at the start; what her app knows.
    async fn enrolled(&self) -> Secret {
        self.totp.enrol(ALICE, start()).await.expect("it begins");
        let shown = self
            .totp
            .enrolment(ALICE, "Alice", start())
            .await
            .expect("shown")
            .expect("there");
        let first = code(&shown.typed, start());
        let confirmed = self
            .totp
            .confirm(ALICE, &first, start())
            .await
            .expect("decided");
        assert_eq!(confirmed, Confirmed::Enrolled);
        shown.typed
    }

    async fn check(&self, code: &str, at: DateTime<Utc>) -> Check {
        self.totp.check(ALICE, code, at).await.expect("decided")
    }
}

#[tokio::test]
async fn a_person_enrols_by_a_picture_and_a_first_code() {
    let stage = stage().await;
    let totp = &stage.totp;
    assert_eq!(
        totp.status(ALICE, start()).await.expect("read"),
        Status::NotEnrolled
    );
    assert_eq!(stage.check("123456", start()).await, Check::NotEnrolled);
    totp.enrol(ALICE, start()).await.expect("it begins");
    assert_eq!(
        totp.status(ALICE, start()).await.expect("read"),
        Status::Pending
    );
    let shown = totp
        .enrolment(ALICE, "Alice: A", start())
        .await
        .expect("shown")
        .expect("there");
    assert!(
        shown.address.expose().starts_with("otpauth://totp/"),
        "an address for apps"
    );
    assert!(shown.picture.starts_with(b"\x89PNG"), "a picture");
    assert!(
        !format!("{shown:?}").contains(shown.typed.expose()),
        "nothing of it is printed"
    );
    assert_eq!(
        stage.check(&code(&shown.typed, start()), start()).await,
        Check::NotEnrolled,
        "it does not count yet"
    );
    assert_eq!(
        totp.confirm(ALICE, "000000", start())
            .await
            .expect("decided"),
        Confirmed::Wrong
    );
    let first = code(&shown.typed, start());
    assert_eq!(
        totp.confirm(ALICE, &first, start()).await.expect("decided"),
        Confirmed::Enrolled
    );
    assert!(matches!(
        totp.enrol(ALICE, start()).await,
        Err(TotpError::AlreadyEnrolled)
    ));
    assert!(
        totp.enrolment(ALICE, "Alice", start())
            .await
            .expect("read")
            .is_none(),
        "the secret is shown no more"
    );
    assert_eq!(
        stage.check(&first, start()).await,
        Check::Wrong { left: 4 },
        "the first code is spent"
    );
    stage.ledger.close().await;
}

#[tokio::test]
async fn an_enrolment_that_nobody_confirms_lapses() {
    let stage = stage().await;
    stage.totp.enrol(ALICE, start()).await.expect("it begins");
    let shown = stage
        .totp
        .enrolment(ALICE, "", start())
        .await
        .expect("shown")
        .expect("there");
    let late = later(16 * 60);
    let confirmed = stage
        .totp
        .confirm(ALICE, &code(&shown.typed, late), late)
        .await
        .expect("decided");
    assert_eq!(confirmed, Confirmed::NothingToConfirm);
    assert_eq!(
        stage.totp.status(ALICE, late).await.expect("read"),
        Status::NotEnrolled
    );
    stage.ledger.close().await;
}

#[tokio::test]
async fn a_code_counts_once_and_only_near_its_time() {
    let stage = stage().await;
    let app = stage.enrolled().await;
    let at = later(60);
    assert_eq!(stage.check(&code(&app, at), at).await, Check::Passed);
    assert_eq!(
        stage.check(&code(&app, at), at).await,
        Check::Wrong { left: 4 },
        "spent"
    );
    assert_eq!(
        stage.check(&code(&app, later(30)), at).await,
        Check::Wrong { left: 3 },
        "older than a spent one"
    );
    let typed = code(&app, later(120));
    let spaced = format!(" {} {} ", &typed[..3], &typed[3..]);
    assert_eq!(
        stage.check(&spaced, later(149)).await,
        Check::Passed,
        "a step late, with a blank"
    );
    assert_eq!(
        stage.check(&code(&app, later(180)), later(240)).await,
        Check::Wrong { left: 4 },
        "two steps late"
    );
    assert_eq!(
        stage.check(&code(&app, later(300)), later(270)).await,
        Check::Passed,
        "a step early"
    );
    stage.ledger.close().await;
}

#[tokio::test]
async fn the_codes_are_those_of_the_standard() {
    // RFC 6238, appendix B, SHA-1, the last six of its eight digits.
    for (time, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (20_000_000_000, "353130"),
    ] {
        let now = DateTime::from_timestamp(time, 0).expect("a moment");
        let step = matching_step(b"12345678901234567890", code, now);
        assert_eq!(step, Some(u64::try_from(time).expect("positive") / 30));
    }
}

#[tokio::test]
async fn five_wrong_codes_lock_for_a_quarter_of_an_hour() {
    let stage = stage().await;
    let app = stage.enrolled().await;
    for left in [4, 3, 2, 1] {
        assert_eq!(
            stage.check("000000", later(60)).await,
            Check::Wrong { left }
        );
    }
    let until = later(60 + 15 * 60);
    assert_eq!(
        stage.check("000000", later(60)).await,
        Check::Locked { until }
    );
    let at = later(90);
    assert_eq!(
        stage.check(&code(&app, at), at).await,
        Check::Locked { until },
        "not even a right one"
    );
    let Status::Enrolled { locked, .. } = stage.totp.status(ALICE, at).await.expect("read") else {
        panic!("enrolled");
    };
    assert_eq!(locked, Some(until));
    assert_eq!(
        stage.check(&code(&app, until), until).await,
        Check::Passed,
        "afterwards it is"
    );
    stage.ledger.close().await;
}

#[tokio::test]
async fn recovery_codes_are_shown_once_and_each_counts_once() {
    let stage = stage().await;
    stage.enrolled().await;
    let codes = stage.totp.recovery_codes(ALICE).await.expect("read");
    assert_eq!(codes.len(), RECOVERY_CODES);
    stage.totp.recovery_shown(ALICE).await.expect("stored");
    assert!(
        stage
            .totp
            .recovery_codes(ALICE)
            .await
            .expect("read")
            .is_empty(),
        "once"
    );
    let typed = codes[3].expose().to_lowercase().replace('-', " ");
    assert_eq!(stage.check(&typed, later(60)).await, Check::Passed);
    assert_eq!(
        stage.check(codes[3].expose(), later(60)).await,
        Check::Wrong { left: 4 },
        "spent"
    );
    let Status::Enrolled { recovery, .. } = stage.totp.status(ALICE, start()).await.expect("read")
    else {
        panic!("enrolled");
    };
    assert_eq!(recovery, 9);
    stage.ledger.close().await;
}

/// The same right code, at the same moment, many times.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_passes() {
    let stage = stage().await;
    let app = stage.enrolled().await;
    let at = later(60);
    let code = code(&app, at);
    // A second process, past the first one's lock.
    let other = Totp::new(
        Register::open(&stage.url).await.expect("it opens"),
        Some(key("a")),
        "breakglass",
    );
    let tries = (0..4).map(|it| {
        let totp = if it % 2 == 0 {
            stage.totp.clone()
        } else {
            other.clone()
        };
        let code = code.clone();
        tokio::spawn(async move { totp.check(ALICE, &code, at).await.expect("decided") })
    });
    let tries: Vec<_> = tries.collect();
    let mut passed = 0;
    for it in tries {
        passed += u32::from(it.await.expect("no panic") == Check::Passed);
    }
    assert_eq!(passed, 1);
    stage.ledger.close().await;
}

#[tokio::test]
async fn what_is_stored_is_sealed_for_this_person_and_this_key() {
    let stage = stage().await;
    let app = stage.enrolled().await;
    let codes = stage.totp.recovery_codes(ALICE).await.expect("read");
    let register = stage.ledger.register();
    let stored = register
        .get(&name(ALICE))
        .await
        .expect("read")
        .expect("it is there");
    for secret in codes.iter().chain([&app]) {
        assert!(!stored.contains(secret.expose()), "nothing is in the clear");
    }
    // Another key, or none.
    let with = |key: Option<Key>| Totp::new(register.clone(), key, "breakglass");
    let other = with(Some(key("b"))).check(ALICE, "000000", start()).await;
    assert!(
        matches!(other, Err(TotpError::OtherKey { .. })),
        "{other:?}"
    );
    let none = with(None).check(ALICE, "000000", start()).await;
    assert!(matches!(none, Err(TotpError::NoKey)), "{none:?}");
    assert_eq!(
        with(None).status(ALICE, start()).await.expect("read"),
        Status::Off
    );
    // Moved to somebody else, or changed.
    register
        .swap("totp/12", None, Some(&stored))
        .await
        .expect("stored");
    let moved = stage
        .totp
        .check(12, &code(&app, later(60)), later(60))
        .await;
    assert!(matches!(moved, Err(TotpError::Damaged(12))), "{moved:?}");
    let at = stored.find("\"sealed\":\"").expect("a field") + 20;
    let mut bytes = stored.clone().into_bytes();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(bytes).expect("ASCII");
    assert!(
        register
            .swap(&name(ALICE), Some(&stored), Some(&changed))
            .await
            .expect("stored")
    );
    let damaged = stage.totp.check(ALICE, "000000", start()).await;
    assert!(
        matches!(damaged, Err(TotpError::Damaged(ALICE))),
        "{damaged:?}"
    );
    // The host takes it away, whatever it is.
    assert!(with(None).reset(ALICE).await.expect("stored"));
    assert!(!with(None).reset(ALICE).await.expect("nothing left"));
    assert_eq!(stage.check("000000", start()).await, Check::NotEnrolled);
    stage.ledger.close().await;
}

#[test]
fn keys_are_32_random_bytes() {
    let read = |text: &str| Key::read(&Secret::new(text.to_owned()));
    let hex = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
    let base64 = "ABEiM0RVZneImaq7zN3u/wEjRWeJq83vASNFZ4mrze8=";
    assert_eq!(
        read(hex).expect("hex").id(),
        read(base64).expect("Base64").id()
    );
    assert!(read(&format!("  {hex}\n")).is_ok());
    for wrong in ["", "CANARY", &"0".repeat(64), &hex[..62], "c2hvcnQ="] {
        let error = read(wrong).expect_err("no key").to_string();
        assert!(
            error.contains("openssl rand") && !error.contains("CANARY"),
            "{error}"
        );
    }
    assert!(!format!("{:?}", read(hex)).contains("00112233"));
}

/// What is noted, without the names of the notes.
async fn noted(totp: &Totp) -> Vec<(i64, News)> {
    let all = totp.notes().await.expect("readable");
    let notes = all.map(|it| it.notes).unwrap_or_default();
    notes.iter().map(|it| (it.user, it.news)).collect()
}

/// A note is there as soon as what it tells of: nothing that could be killed lies in between.
#[tokio::test]
async fn what_happens_is_noted_with_it() {
    let stage = stage().await;
    let totp = &stage.totp;
    assert_eq!(totp.notes().await.unwrap(), None);
    let now = start();
    stage.enrolled().await;
    assert_eq!(noted(totp).await, [(ALICE, News::Enrolled)]);
    for _ in 0..2 * FAILURES {
        totp.check(ALICE, "wrong", now).await.unwrap();
    }
    let locked = News::Locked(now + Duration::minutes(LOCKED_MINUTES));
    let mut all = vec![(ALICE, News::Enrolled), (ALICE, locked)];
    assert_eq!(noted(totp).await, all, "once");
    let before = totp.notes().await.unwrap().unwrap();
    assert!(totp.reset(ALICE).await.unwrap());
    assert!(!totp.reset(ALICE).await.unwrap());
    all.push((ALICE, News::ResetOnHost));
    assert_eq!(noted(totp).await, all);
    totp.noted(&before).await.unwrap();
    totp.noted(&before).await.unwrap();
    assert_eq!(noted(totp).await, all[2..], "what came meanwhile waits");
    let rest = totp.notes().await.unwrap().unwrap();
    totp.noted(&rest).await.unwrap();
    assert_eq!(totp.notes().await.unwrap(), None);
}

#[tokio::test]
async fn what_a_decision_takes_away_is_gone() {
    let stage = stage().await;
    let totp = &stage.totp;
    let now = start();
    stage.enrolled().await;
    let unit = Unit {
        settings: vec![taken_away(ALICE)],
        ..Unit::default()
    };
    stage.ledger.commit(unit).await.expect("committed");
    let status = totp.status(ALICE, now).await.unwrap();
    assert_eq!(status, Status::NotEnrolled);
    assert!(!totp.reset(ALICE).await.unwrap(), "there is none");
    // They can begin anew.
    totp.enrol(ALICE, now).await.unwrap();
    assert_eq!(totp.status(ALICE, now).await.unwrap(), Status::Pending);
}
