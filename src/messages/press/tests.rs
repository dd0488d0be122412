use proptest::prelude::*;

use super::*;

fn incidents() -> impl Strategy<Value = IncidentId> {
    (1_000..=9_999i32, 1..=9_999_999u32, any::<bool>()).prop_map(|(year, number, drill)| {
        IncidentId {
            year,
            number,
            series: if drill {
                Series::Drill
            } else {
                Series::Security
            },
        }
    })
}

fn answers() -> impl Strategy<Value = Answer> {
    prop_oneof![
        Just(Answer::Confirm),
        any::<u8>().prop_map(Answer::Pick),
        Just(Answer::Number),
        Just(Answer::Deny),
        Just(Answer::Abort),
        Just(Answer::Again),
        Just(Answer::Preview),
    ]
}

fn presses() -> impl Strategy<Value = Press> {
    let words = "[a-z0-9_]{1,32}";
    prop_oneof![
        (incidents(), words).prop_map(|(incident, item)| Press::Tick { incident, item }),
        (incidents(), words).prop_map(|(incident, item)| Press::Untick { incident, item }),
        (incidents(), words).prop_map(|(incident, from_phase)| Press::Next {
            incident,
            from_phase
        }),
        incidents().prop_map(|incident| Press::Close { incident }),
        incidents().prop_map(|incident| Press::Ack { incident }),
        (incidents(), "[A-Z0-9-]{1,8}")
            .prop_map(|(incident, code)| Press::Severity { incident, code }),
        (incidents(), words).prop_map(|(incident, role)| Press::Role { incident, role }),
        (
            proptest::option::of(incidents()),
            proptest::option::of(words)
        )
            .prop_map(|(incident, name)| Press::Playbook { incident, name }),
        incidents().prop_map(|incident| Press::Status { incident }),
        incidents().prop_map(|incident| Press::Refresh { incident }),
        incidents().prop_map(|incident| Press::Timeline { incident }),
        (any::<u32>(), any::<bool>()).prop_map(|(ask, separate)| Press::Declare { ask, separate }),
        (any::<u32>(), any::<bool>()).prop_map(|(ask, yes)| Press::Grant { ask, yes }),
        (any::<u32>(), any::<bool>()).prop_map(|(ask, yes)| Press::Again { ask, yes }),
        (
            incidents(),
            any::<u32>(),
            any::<u32>(),
            any::<bool>(),
            0..4usize
        )
            .prop_map(|(incident, run, step, undo, choice)| Press::Step {
                incident,
                run,
                step,
                undo,
                choice: Choice::ALL[choice],
            }),
        words.prop_map(|name| Press::Drill { name }),
        (any::<u32>(), "[0-9a-f]{8}", answers()).prop_map(|(request, nonce, answer)| {
            Press::Request {
                request,
                nonce,
                answer,
            }
        }),
    ]
}

proptest! {
    #[test]
    fn every_press_comes_back_and_fits(press in presses()) {
        let data = press.encode();
        prop_assert!(data.len() <= MAX_BYTES, "{data}");
        prop_assert_eq!(Press::decode(&data), Some(press));
    }

    #[test]
    fn nothing_that_arrives_is_trusted(data in ".{0,80}") {
        // What is read at all is exactly what a button of ours could have sent.
        if let Some(press) = Press::decode(&data) {
            prop_assert_eq!(press.encode(), data);
        }
    }

    #[test]
    fn near_misses_are_refused(press in presses(), at in 0usize..40, with in "[:0a \\u{e9}-]") {
        let mut data = press.encode();
        if data.is_char_boundary(at) && at <= data.len() {
            data.insert_str(at, &with);
        }
        if let Some(press) = Press::decode(&data) {
            prop_assert_eq!(press.encode(), data);
        }
    }
}

#[test]
fn other_versions_and_odd_numbers_are_refused() {
    for data in [
        "",
        "1",
        "1:",
        "2:a:s2026.7",
        "1:a:s2026.0",
        "1:a:s2026.07",
        "1:a:x2026.7",
        "1:a:s2026.7:x",
        "1:t:s2026.7:",
        "1:d:1:2",
        "1:d:+1:1",
    ] {
        assert_eq!(Press::decode(data), None, "{data}");
    }
    assert_eq!(
        Press::decode("1:a:s2026.7"),
        Some(Press::Ack {
            incident: IncidentId::security(2026, 7)
        })
    );
}
