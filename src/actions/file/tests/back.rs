//! Whatever a run does to files: taken back in reverse, all is as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::actions::Status;
use crate::actions::testing::{Bench, file};
use crate::plan::Action;
use crate::plan::FileOperation::{Remove, Swap, Write};

const NAMES: [&str; 3] = ["a", "b.db", "deep/c"];

fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in NAMES {
        for side in ["", "-wal", "-shm"] {
            let path = folder.join(format!("{name}{side}"));
            if let Ok(text) = fs::read_to_string(&path) {
                found.insert(format!("{name}{side}"), text);
            }
        }
    }
    found
}

/// What a step does, and to which file.
fn step() -> impl Strategy<Value = Action> {
    (0..3usize, 0..3u8, 0..100u8).prop_map(|(name, kind, text)| match kind {
        0 => file(Write, NAMES[name], Some(&format!("text {text}"))),
        1 => file(Remove, NAMES[name], None),
        _ => file(Swap, NAMES[name], Some("model")),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn taken_back_in_reverse_all_is_as_it_was(
        there in proptest::collection::vec(any::<bool>(), 6),
        steps in proptest::collection::vec((step(), any::<bool>()), 1..8),
    ) {
        let bench = Bench::new();
        let home = bench.home();
        fs::create_dir(home.join("deep")).unwrap();
        fs::write(home.join("model"), "model").unwrap();
        for (index, name) in NAMES.iter().enumerate() {
            if there[index] {
                fs::write(home.join(name), format!("old {name}")).unwrap();
            }
            if there[index + 3] {
                fs::write(home.join(format!("{name}-wal")), "old wal").unwrap();
            }
        }
        let before = contents(&home);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for (action, twice) in &steps {
                // After a kill a step is done once more.
                for _ in 0..=u8::from(*twice) {
                    assert_eq!(bench.run(action.clone()).await.status, Status::Succeeded);
                }
            }
            for (action, twice) in steps.iter().rev() {
                for _ in 0..=u8::from(*twice) {
                    let done = bench.take_back(action.clone()).await;
                    assert_eq!(done.status, Status::Succeeded, "{}", done.summary);
                }
            }
        });
        prop_assert_eq!(contents(&home), before);
    }
}

/// A kill between any two moves of the way back: said again, it ends in the same.
#[tokio::test]
async fn a_way_back_that_was_cut_off_is_said_again() {
    let kept = |bench: &Bench, what: &str| {
        let name = format!(".conf.breakglass-{what}-SEC-2026-007-3");
        bench.home().join(name)
    };
    let write = file(Write, "conf", Some("new"));
    for (was, cut_off) in [
        // Kept, but not yet changed: two names of one file.
        (Some("old"), "kept"),
        // The way back was begun.
        (Some("old"), "back"),
        (None, "back"),
        // What was written is gone again, the marks are not.
        (None, "removed"),
    ] {
        let bench = Bench::new();
        let path = bench.home().join("conf");
        if let Some(text) = was {
            fs::write(&path, text).unwrap();
        }
        if cut_off == "kept" {
            fs::hard_link(&path, kept(&bench, "before")).unwrap();
        } else {
            assert_eq!(bench.run(write.clone()).await.status, Status::Succeeded);
            fs::write(kept(&bench, "back"), "").unwrap();
        }
        if cut_off == "removed" {
            fs::remove_file(&path).unwrap();
        }
        for _ in 0..2 {
            let done = bench.take_back(write.clone()).await;
            assert_eq!(done.status, Status::Succeeded, "{}", done.summary);
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), was, "{cut_off}");
        }
        assert!(!kept(&bench, "before").exists() && !kept(&bench, "absent").exists());
    }
}
