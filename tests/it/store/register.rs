//! Settings that are changed only from what they were.

use breakglass::store::{OpenError, Register};

use super::engines::Database;

#[tokio::test]
async fn a_setting_changes_only_from_what_it_was() {
    for database in Database::all().await {
        let ledger = database.open().await;
        // Another process, while the ledger is held.
        let other = Register::open(&database.url).await.expect("it opens");
        let own = ledger.register();
        let (none, one, two) = (None, Some("one"), Some("two"));
        assert!(own.swap("totp/7", none, one).await.expect("stored"));
        assert!(!other.swap("totp/7", none, two).await.expect("it is there"));
        assert_eq!(other.get("totp/7").await.expect("read").as_deref(), one);
        assert!(
            !other
                .swap("totp/7", two, one)
                .await
                .expect("it is not that")
        );
        assert!(other.swap("totp/7", one, two).await.expect("stored"));
        assert!(!own.swap("totp/7", one, none).await.expect("it is not that"));
        assert_eq!(
            ledger.setting("totp/7").await.expect("read").as_deref(),
            two
        );
        assert!(own.swap("totp/7", two, none).await.expect("removed"));
        assert_eq!(own.get("totp/7").await.expect("read"), None);
        // Of many at once one wins.
        assert!(own.swap("n", none, Some("0")).await.expect("stored"));
        let all = (0..8).map(|it| {
            let register = if it % 2 == 0 {
                own.clone()
            } else {
                other.clone()
            };
            tokio::spawn(async move {
                register
                    .swap("n", Some("0"), Some(&format!("by {it}")))
                    .await
            })
        });
        let mut won = 0;
        for one in all.collect::<Vec<_>>() {
            won += u32::from(one.await.expect("no panic").expect("stored or not"));
        }
        assert_eq!(won, 1, "on {}", database.name);
        ledger.close().await;
        drop(ledger);
        database.remove().await;
    }
}

#[tokio::test]
async fn a_register_makes_no_database() {
    let database = Database::sqlite();
    let opened = Register::open(&database.url).await;
    assert!(matches!(opened.err(), Some(OpenError::Unreadable { .. })));
    assert!(!database.path().exists());
}
