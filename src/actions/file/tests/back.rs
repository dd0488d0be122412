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
