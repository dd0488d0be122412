//! Many requests under many hands: exactly one end each.

use std::io::Write as _;

use super::*;

/// A small generator of its own: the same on every machine.
struct Lots(u64);

impl Lots {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }
}

/// What may happen to a request that waits for approval, or counts down.
fn anything(lots: &mut Lots, told: &Told) -> (i64, Command) {
    let form = &told.last().form;
    let right = form.digits.to_string();
    let wrong = form.choices.iter().find(|it| **it != form.digits);
    let wrong = wrong.copied().unwrap_or(10).to_string();
    let revoked = |id| Command::Revoke {
        whom: Whom::Known(person(id)),
    };
    let (request, nonce) = (1, None);
    match lots.next(12) {
        0 | 1 => (FIRST, approve(1, &right)),
        2 | 3 => (SECOND, approve(1, &right)),
        4 => (OWNER, approve(1, &right)),
        5 => (SECOND, approve(1, &wrong)),
        6 => (SECOND, deny(1)),
        7 => (ASKER, Command::Abort { request, nonce }),
        8 | 9 => (0, Command::RequestDue { request }),
        10 => (OWNER, revoked(ASKER)),
        _ => (
            ASKER,
            Command::Cancel {
                kind: CancelAs::FalseAlarm,
                why: "ours".into(),
            },
        ),
    }
}

/// Two replicas decide on the same state; whoever commits second decides again, as the ledger makes them do.
#[test]
fn ten_thousand_interleavings_have_one_outcome_each() {
    let mut lots = Lots(0x5eed_1234_abcd_0001);
    let (mut outcomes, mut conflicts) = (std::collections::BTreeMap::<String, u32>::new(), 0_u32);
    let mut open = team();
    open.pulls(ASKER, "emergency_shutdown", "why")
        .expect("asked");
    let mut alone = team();
    let words = "now emergency_shutdown why";
    alone
        .pulls(OWNER, "emergency_shutdown", words)
        .expect("asked");
    for round in 0..10_000 {
        let from = if round % 4 == 3 { &alone } else { &open };
        let mut told = Told {
            chat: from.chat.clone(),
            log: Vec::new(),
            next: from.next,
            now: from.now,
            plans: from.plans.clone(),
        };
        let mut executed = 0;
        for _ in 0..6 {
            told.now += Duration::seconds(i64::try_from(lots.next(240)).expect("small"));
            let both = [anything(&mut lots, &told), anything(&mut lots, &told)];
            let decided = both
                .clone()
                .map(|(who, command)| told.decide(who, command, Origin::default()));
            let before = told.versions();
            for ((who, command), decision) in both.into_iter().zip(decided) {
                let decision = if told.versions() == before {
                    decision
                } else {
                    conflicts += 1;
                    told.decide(who, command, Origin::default())
                };
                if let Ok(decision) = decision {
                    executed += executes(&decision);
                    told.adopt(&decision);
                }
            }
        }
        let request = 1;
        told.now += Duration::minutes(20);
        let last = told.decide(0, Command::RequestDue { request }, Origin::default());
        let last = last.expect("a timer is never refused");
        executed += executes(&last);
        told.adopt(&last);
        let ends = told.log.iter().filter(|it| {
            matches!(
                &it.event,
                Event::Chat(ChatEvent::RequestEnded { request: 1, .. })
            )
        });
        assert_eq!(ends.count(), 1, "round {round}: one end");
        let outcome = told.chat.requests[&1]
            .outcome()
            .expect("it is spent")
            .clone();
        let ran = matches!(outcome, Outcome::Approved { .. });
        assert_eq!(executed, usize::from(ran), "round {round}: {outcome:?}");
        assert_eq!(told.runs().len(), usize::from(ran), "round {round}");
        let name = format!("{outcome:?}");
        let name = name.split([' ', '{']).next().unwrap_or_default().to_owned();
        *outcomes.entry(name).or_default() += 1;
    }
    // Every end was met, or the test looks at too little.
    assert_eq!(outcomes.len(), 6, "{outcomes:?}");
    assert!(conflicts > 1_000, "{conflicts}");
    let line = format!(
        "figure: requests: 10000 interleavings, one outcome each: {outcomes:?}; {conflicts} decided again"
    );
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_sequence_leaves_each_request_one_end(
        sequence in proptest::collection::vec((1_i64..6, command(), 0_i64..6), 1..80)
    ) {
        let mut told = team();
        for (who, command, minutes) in sequence {
            told.now += Duration::minutes(minutes);
            let observed = policy::tier(&command).is_none();
            let author = if observed { Author::Bot } else { actor(who, Via::Text) };
            let _ = told.ask(&author, command, None);
        }
        let mut ended = BTreeSet::new();
        let mut approved = 0;
        for recorded in &told.log {
            if let Event::Chat(ChatEvent::RequestEnded { request, outcome }) = &recorded.event {
                prop_assert!(ended.insert(*request), "R{request} ended twice");
                approved += usize::from(matches!(outcome, Outcome::Approved { run: Some(_), .. }));
            }
        }
        for request in told.chat.requests.values() {
            prop_assert_eq!(request.outcome().is_some(), ended.contains(&request.number()));
        }
        // Besides those that only look, nothing runs without a request that was granted.
        let guarded = told.runs().into_iter().filter(|run| !matches!(
            &run.lever, Lever::Procedure { id, .. } if id == "collect" || id == "verify"
        ));
        prop_assert_eq!(guarded.count(), approved);
    }
}
