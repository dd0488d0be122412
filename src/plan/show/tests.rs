use crate::plan::{describe, parse, shipped};

#[test]
fn everything_of_a_plan_is_shown() {
    for (id, source) in shipped() {
        let plan = parse(source).expect("it is right");
        let text = describe(&plan);
        for item in plan.items() {
            assert!(text.contains(&item.2.text), "{id}: {}", item.2.text);
        }
        for playbook in &plan.playbooks {
            assert!(
                playbook.steps.iter().all(|step| text.contains(&step.text)),
                "{id}"
            );
        }
        for procedure in &plan.procedures {
            assert!(text.contains(&procedure.summary), "{id}: {}", procedure.id);
        }
        assert!(
            plan.contacts
                .iter()
                .all(|contact| text.contains(&contact.responsibility))
        );
        assert!(
            plan.follow_ups
                .iter()
                .all(|follow_up| text.contains(&follow_up.text))
        );
    }
}

#[test]
fn a_phase_reads_well() {
    let text = describe(&parse(shipped()[0].1).expect("it is right"));
    let phase: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("  Containment"))
        .take(9)
        .collect();
    insta::assert_snapshot!(phase.join("\n"), @r"
          Containment (containment, 15m–1h): Stop the spread
            Isolate what is hit [P0, P1]
              P0 and P1: at once, when production is compromised.
              - Close the affected API routes at Vercel (a firewall rule; pausing the project is the bigger hammer)
              - Revoke keys that leaked
              - End suspicious sessions
              - Block hostile addresses
              Record: affected · containment_started
              Run: disable_routes
        ");
}
