//! Every request that a story makes is held against the published Bot API, where its description is at hand.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use telegram_sandbox::Call;

static METHODS: LazyLock<Option<Value>> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/botapi.json");
    let read = std::fs::read_to_string(file).ok();
    if read.is_none() {
        crate::harness::figure(
            "SKIPPED: botapi.json is not at hand: requests are not held against the Bot API",
        );
    }
    read.map(|text| serde_json::from_str(&text).expect("the Bot API as JSON"))
});

/// Fails on a method or parameter that the Bot API does not have.
pub fn hold_against(calls: &[Call]) {
    let Some(api) = METHODS.as_ref() else { return };
    let methods = api["methods"].as_object().expect("methods");
    for call in calls {
        let known = methods
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&call.method))
            .map(|(_, method)| &method["fields"]);
        let fields = known.unwrap_or_else(|| panic!("the Bot API has no method {}", call.method));
        for (name, value) in call.params.as_object().into_iter().flatten() {
            let field = &fields[name];
            assert!(!field.is_null(), "{} has no parameter {name}", call.method);
            assert!(!value.is_null(), "{}: {name} is null", call.method);
        }
        let required = fields
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, field)| field[1] == true);
        for (name, _) in required {
            assert!(
                call.params.get(name).is_some(),
                "{} lacks {name}",
                call.method
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_those_of_the_bot_api() {
    let harness = crate::harness::Harness::start().await;
    let forum = harness.chat("Incident forum");
    forum.as_user("Bob").says("/declare P1 key leaked").await;
    forum.as_user("Bob").presses("Next phase →").await;
    forum.as_user("Olivia").says("/report").await;
    let calls = harness.control.history();
    hold_against(&calls);
    let methods: std::collections::BTreeSet<_> = calls
        .iter()
        .map(|call| call.method.to_lowercase())
        .collect();
    crate::harness::figure(&format!(
        "Bot API: {} requests with {} methods held against its description",
        calls.len(),
        methods.len()
    ));
    harness.end().await;
}
