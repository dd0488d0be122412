use insta::assert_snapshot;

use crate::incident::{Author, Command, ItemRef, Pull, Whom};
use crate::messages::testing::{Room, person};

#[test]
fn what_people_wrote_has_no_effect_in_the_report() {
    for plan in ["tars", "jarvis"] {
        let mut room = Room::with(plan);
        let id = room.declare("Bob", "P1 <b>Key</b> leaked | in [a](http://x.org) *repo*");
        room.pass(3);
        room.ok(
            "Bob",
            Command::Note {
                text: "# not a heading".into(),
            },
        );
        let first = room.chat.incidents[&id].phase().checklist[0].id.clone();
        room.ok("Bob", Command::Done(vec![ItemRef::Id(first)]));
        let (name, text) = super::markdown(&room.view(), &room.chat.incidents[&id]);
        assert_eq!(name, "SEC-2026-007-report.md");
        assert!(text.starts_with(r"# "), "{text}");
        assert!(
            text.contains(r"\<b\>Key\</b\> leaked \| in \[a\](http:\//x.org) \*repo\*"),
            "{text}"
        );
        assert!(text.contains(r"\# not a heading"), "{text}");
        assert!(text.contains("not recorded"), "{text}");
    }
}

#[test]
fn whoever_broke_the_glass_stands_in_the_report() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P0 key leaked");
    let verb = "emergency_shutdown";
    let words = format!("now {verb} it *burns*");
    room.ok("Olivia", Command::Pull(Pull { verb, words }));
    room.pass(1);
    room.does(&Author::Bot, Command::RequestDue { request: 1 }, None)
        .expect("a timer is never refused");
    let (_, text) = super::markdown(&room.view(), &room.chat.incidents[&id]);
    let line =
        "Run 1 (Emergency shutdown) was begun by Olivia alone, who broke the glass: it \\*burns\\*";
    assert!(text.contains(line), "{text}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a whole report")]
fn a_whole_report_of_tars() {
    assert_snapshot!(walked("tars", "P0"), @"
    # Incident report: Signing key found in a public repository

    ## Overview

    - **Incident:** SEC-2026-007
    - **Date:** 2026-02-17
    - **Severity:** P0 Critical
    - **Duration:** 32 min
    - **Status:** Resolved

    ## Summary

    Signing key found in a public repository

    Reported by a customer

    ## Timeline

    **Milestones**

    | Time (UTC) | Event |
    | --- | --- |
    | 2026-02-17 14:00 | Incident detected |
    | 2026-02-17 14:04 | Team assembled |
    | 2026-02-17 14:04 | Containment achieved |
    | 2026-02-17 14:18 | Threat eradicated |
    | 2026-02-17 14:32 | Services restored |

    **Everything that was recorded**

    | Time (UTC) | Event | By |
    | --- | --- | --- |
    | 2026-02-17 14:00:00 | Declared as P0 Critical: Signing key found in a public repository | Bob |
    | 2026-02-17 14:00:00 | ✅ 1 Incident logged | the bot |
    | 2026-02-17 14:00:00 | ✅ 2 Severity assigned | the bot |
    | 2026-02-17 14:00:00 | ✅ 4 Timeline started | the bot |
    | 2026-02-17 14:00:00 | The team was told: the card stands in the chat | the bot |
    | 2026-02-17 14:00:00 | ✅ 3 Team notified | the bot |
    | 2026-02-17 14:04:00 | Acknowledged | Alice |
    | 2026-02-17 14:04:00 | Incident Commander is Alice | Alice |
    | 2026-02-17 14:04:00 | First suspicious activity: 2026-02-17 13:20 UTC | Bob |
    | 2026-02-17 14:04:00 | Reported by: a customer | Bob |
    | 2026-02-17 14:04:00 | Systems affected: Web app and API | Bob |
    | 2026-02-17 14:04:00 | Two addresses used the key | Bob |
    | 2026-02-17 14:04:00 | ▶ Containment begins | Alice |
    | 2026-02-17 14:04:00 | ➖ 8 Stakeholders told, not needed: nobody is concerned | Alice |
    | 2026-02-17 14:04:00 | ▶ Eradication begins, forced: the logs are gone | Alice |
    | 2026-02-17 14:04:00 | Root cause: a token in the build log | Bob |
    | 2026-02-17 14:04:00 | ✅ 9 Root cause identified | the bot |
    | 2026-02-17 14:15:00 | ✅ 10 Threat removed | Bob |
    | 2026-02-17 14:15:00 | ✅ 11 System verified clean | Bob |
    | 2026-02-17 14:15:00 | ✅ 12 Patches applied | Bob |
    | 2026-02-17 14:18:00 | ▶ Recovery begins | Alice |
    | 2026-02-17 14:18:00 | Follow-up 1: Watch closely for 24 to 48 hours after the restart | Alice |
    | 2026-02-17 14:29:00 | ✅ 13 Services restored | Bob |
    | 2026-02-17 14:29:00 | ✅ 14 All credentials rotated | Bob |
    | 2026-02-17 14:29:00 | ✅ 15 Functionality verified | Bob |
    | 2026-02-17 14:29:00 | ✅ 16 Monitoring enhanced | Bob |
    | 2026-02-17 14:32:00 | ▶ Post-incident begins | Alice |
    | 2026-02-17 14:32:00 | Follow-up 2: Hold the lessons learned meeting | Alice |
    | 2026-02-17 14:32:00 | Follow-up 3: Update the security policies | Alice |
    | 2026-02-17 14:32:00 | Follow-up 4: Put new controls in place | Alice |
    | 2026-02-17 14:32:00 | Follow-up 5: Update the documentation | Alice |
    | 2026-02-17 14:32:00 | Follow-up 6: Schedule follow-up training | Alice |
    | 2026-02-17 14:32:00 | What went well: Found within an hour | Bob |
    | 2026-02-17 14:32:00 | ✅ 18 Lessons learned documented | the bot |
    | 2026-02-17 14:32:00 | What prevents a repeat: Scan commits for keys | Bob |
    | 2026-02-17 14:32:00 | Follow-up 1 goes to Bob | Alice |
    | 2026-02-17 14:43:00 | ✅ 17 Incident report completed | Bob |
    | 2026-02-17 14:43:00 | ✅ 19 Action items assigned | Bob |
    | 2026-02-17 14:43:00 | ✅ 20 Stakeholders informed of the outcome | Bob |
    | 2026-02-17 14:46:00 | Closed | Alice |

    ## Root cause

    a token in the build log

    ## Impact

    - **Systems affected:** Web app and API
    - **Users affected:** not recorded
    - **Data compromised:** not recorded
    - **Financial impact:** not recorded
    - **Downtime:** not recorded

    ## Response actions taken

    1. Incident logged (the bot, 2026-02-17 14:00 UTC)
    2. Severity assigned (the bot, 2026-02-17 14:00 UTC)
    3. Timeline started (the bot, 2026-02-17 14:00 UTC)
    4. Team notified (the bot, 2026-02-17 14:00 UTC)
    5. Two addresses used the key (Bob, 2026-02-17 14:04 UTC)
    6. Root cause identified (the bot, 2026-02-17 14:04 UTC)
    7. Threat removed (Bob, 2026-02-17 14:15 UTC)
    8. System verified clean (Bob, 2026-02-17 14:15 UTC)
    9. Patches applied (Bob, 2026-02-17 14:15 UTC)
    10. Services restored (Bob, 2026-02-17 14:29 UTC)
    11. All credentials rotated (Bob, 2026-02-17 14:29 UTC)
    12. Functionality verified (Bob, 2026-02-17 14:29 UTC)
    13. Monitoring enhanced (Bob, 2026-02-17 14:29 UTC)
    14. Lessons learned documented (the bot, 2026-02-17 14:32 UTC)
    15. Incident report completed (Bob, 2026-02-17 14:43 UTC)
    16. Action items assigned (Bob, 2026-02-17 14:43 UTC)
    17. Stakeholders informed of the outcome (Bob, 2026-02-17 14:43 UTC)

    ## Lessons learned

    ### What went well

    - Found within an hour

    ### What needs improvement

    - not recorded

    ### Preventive measures

    - [ ] Scan commits for keys

    ## Follow-up

    - Watch closely for 24 to 48 hours after the restart. Responsible: Bob. Due date: 2026-02-19. Status: Open
    - Hold the lessons learned meeting. Responsible: nobody. Due date: 2026-02-20. Status: Open
    - Update the security policies. Responsible: nobody. Due date: 2026-03-03. Status: Open
    - Put new controls in place. Responsible: nobody. Due date: 2026-03-03. Status: Open
    - Update the documentation. Responsible: nobody. Due date: 2026-03-03. Status: Open
    - Schedule follow-up training. Responsible: nobody. Due date: 2026-03-17. Status: Open

    ## Evidence

    - None recorded.

    ## Departures from the plan

    - Eradication was begun before everything was there: the logs are gone (Alice)
    - Item 8 “Stakeholders told” was left out: nobody is concerned (Alice)

    ---

    Written 2026-02-17 14:46 UTC from 40 recorded events, under the plan “TARS incident response” 1.0 (revision REVISION).
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a whole report")]
fn a_whole_report_of_jarvis() {
    assert_snapshot!(walked("jarvis", "P1"), @"
    # Security incident report: Signing key found in a public repository

    ## Summary

    - **Incident ID:** SEC-2026-007
    - **Severity:** P1 Critical
    - **Status:** Resolved
    - **Date detected:** 2026-02-17 14:00 UTC
    - **Date resolved:** 2026-02-17 14:46 UTC
    - **Duration:** 46 min

    ## Timeline

    **Milestones**

    | Time (UTC) | Event |
    | --- | --- |
    | 2026-02-17 13:20 | First suspicious activity |
    | not recorded | Alert triggered |
    | not recorded | Incident confirmed |
    | 2026-02-17 14:00 | Containment initiated |
    | 2026-02-17 14:18 | Root cause identified |
    | 2026-02-17 14:32 | Remediation complete |
    | 2026-02-17 14:46 | Recovery confirmed |

    **Everything that was recorded**

    | Time (UTC) | Event | By |
    | --- | --- | --- |
    | 2026-02-17 14:00:00 | Declared as P1 Critical: Signing key found in a public repository | Bob |
    | 2026-02-17 14:00:00 | The team was told: the card stands in the chat | the bot |
    | 2026-02-17 14:00:00 | ✅ 9 The people of this severity are told | the bot |
    | 2026-02-17 14:04:00 | Acknowledged | Alice |
    | 2026-02-17 14:04:00 | Incident Lead is Alice | Alice |
    | 2026-02-17 14:04:00 | First suspicious activity: 2026-02-17 13:20 UTC | Bob |
    | 2026-02-17 14:04:00 | Reported by: a customer | Bob |
    | 2026-02-17 14:04:00 | Systems affected: API | Bob |
    | 2026-02-17 14:04:00 | ✅ 5 What was compromised is on record | the bot |
    | 2026-02-17 14:04:00 | Two addresses used the key | Bob |
    | 2026-02-17 14:04:00 | ▶ Assessment begins, forced: it spreads | Alice |
    | 2026-02-17 14:04:00 | ➖ 8 Evidence preserved, not needed: nobody is concerned | Alice |
    | 2026-02-17 14:04:00 | ▶ Notification begins | Alice |
    | 2026-02-17 14:15:00 | ✅ 10 Decided: users, authorities, partners | Bob |
    | 2026-02-17 14:18:00 | ▶ Remediation begins | Alice |
    | 2026-02-17 14:18:00 | Root cause: a token in the build log | Bob |
    | 2026-02-17 14:18:00 | ✅ 11 Root cause on record | the bot |
    | 2026-02-17 14:29:00 | ✅ 12 API keys, tokens, encryption keys, passwords rotated | Bob |
    | 2026-02-17 14:29:00 | ✅ 13 Dependencies updated, patches applied, deployed | Bob |
    | 2026-02-17 14:29:00 | ✅ 14 Logging, monitoring, firewall, controls strengthened | Bob |
    | 2026-02-17 14:32:00 | ▶ Recovery begins | Alice |
    | 2026-02-17 14:32:00 | Follow-up 1: Watch closely for 24 hours after the restart | Alice |
    | 2026-02-17 14:43:00 | ✅ 15 Vulnerability patched | Bob |
    | 2026-02-17 14:43:00 | ✅ 16 Credentials rotated | Bob |
    | 2026-02-17 14:43:00 | ✅ 17 No sign of the attacker | Bob |
    | 2026-02-17 14:43:00 | ✅ 18 Monitoring enhanced | Bob |
    | 2026-02-17 14:43:00 | ✅ 19 Backups verified | Bob |
    | 2026-02-17 14:43:00 | ✅ 20 Integrity checked, services started in order, healthy | Bob |
    | 2026-02-17 14:46:00 | ▶ Post-incident begins | Alice |
    | 2026-02-17 14:46:00 | Follow-up 2: Hold the post-mortem meeting within 48 hours | Alice |
    | 2026-02-17 14:46:00 | Follow-up 3: Logging, monitoring, firewall rules and controls: decide what stays | Alice |
    | 2026-02-17 14:46:00 | Follow-up 4: Look over how secrets are kept | Alice |
    | 2026-02-17 14:46:00 | What went well: Found within an hour | Bob |
    | 2026-02-17 14:46:00 | ✅ 21 Post-mortem held within 48 hours | the bot |
    | 2026-02-17 14:46:00 | What prevents a repeat: Scan commits for keys | Bob |
    | 2026-02-17 14:46:00 | Follow-up 1 goes to Bob | Alice |
    | 2026-02-17 14:57:00 | ✅ 22 Incident report completed | Bob |
    | 2026-02-17 14:57:00 | ✅ 23 Action items have owner, due date and status | Bob |
    | 2026-02-17 15:00:00 | Closed | Alice |

    ## Impact assessment

    ### Systems affected

    - [x] API
    - [ ] Database
    - [ ] Telegram bot
    - [ ] Twitter bot
    - [ ] Treasury/wallet
    - [ ] User data

    ### Data exposure

    - **Types of data:** not recorded
    - **Number of records:** not recorded
    - **Users affected:** not recorded

    ### Financial impact

    - **Direct losses:** not recorded
    - **Remediation costs:** not recorded
    - **Business impact:** not recorded

    ## Root cause analysis

    ### What happened

    a token in the build log

    ### Why it happened

    not recorded

    ### How it was detected

    not recorded (2026-02-17 14:00 UTC)

    ## Response actions

    ### Containment

    1. Two addresses used the key (Bob, 2026-02-17 14:04 UTC)

    ### Remediation

    1. Root cause on record (the bot, 2026-02-17 14:18 UTC)
    2. API keys, tokens, encryption keys, passwords rotated (Bob, 2026-02-17 14:29 UTC)
    3. Dependencies updated, patches applied, deployed (Bob, 2026-02-17 14:29 UTC)
    4. Logging, monitoring, firewall, controls strengthened (Bob, 2026-02-17 14:29 UTC)

    ### Recovery

    1. Vulnerability patched (Bob, 2026-02-17 14:43 UTC)
    2. Credentials rotated (Bob, 2026-02-17 14:43 UTC)
    3. No sign of the attacker (Bob, 2026-02-17 14:43 UTC)
    4. Monitoring enhanced (Bob, 2026-02-17 14:43 UTC)
    5. Backups verified (Bob, 2026-02-17 14:43 UTC)
    6. Integrity checked, services started in order, healthy (Bob, 2026-02-17 14:43 UTC)

    ## Lessons learned

    ### What went well

    - Found within an hour

    ### What could be improved

    - not recorded

    ## Action items

    | Action | Owner | Due date | Status |
    | --- | --- | --- | --- |
    | Watch closely for 24 hours after the restart | Bob | 2026-02-18 | Open |
    | Hold the post-mortem meeting within 48 hours | nobody | 2026-02-19 | Open |
    | Logging, monitoring, firewall rules and controls: decide what stays | nobody | 2026-03-03 | Open |
    | Look over how secrets are kept | nobody | 2026-03-03 | Open |

    ## Appendix

    ### Evidence collected

    - None recorded.

    ### External communications

    - 2026-02-17 14:00 UTC: the team, by the incident's card in the chat
    - No notice to anybody outside was recorded.

    ## Departures from the plan

    - Assessment was begun before everything was there: it spreads (Alice)
    - Item 8 “Evidence preserved” was left out: nobody is concerned (Alice)

    ---

    Written 2026-02-17 15:00 UTC from 39 recorded events, under the plan “JARVIS incident response” 1.0 (revision REVISION).
    ");
}

/// The report of an incident that was walked to its end, with one gate forced and one item skipped.
fn walked(plan: &str, code: &str) -> String {
    let mut room = Room::with(plan);
    let id = room.declare(
        "Bob",
        &format!("{code} Signing key found in a public repository"),
    );
    room.pass(4);
    room.ok("Alice", Command::Ack);
    room.ok(
        "Alice",
        Command::Role {
            role: "commander".into(),
            whom: Whom::Myself,
        },
    );
    let set = |field: &str, value: &str| Command::Set {
        field: field.into(),
        value: value.into(),
    };
    room.ok("Bob", set("first_suspicious", "2026-02-17 13:20"));
    room.ok("Bob", set("reporter", "a customer"));
    let system = room.chat.incidents[&id].plan.systems[0].id.clone();
    room.ok("Bob", set("affected", &system));
    room.ok(
        "Bob",
        Command::Note {
            text: "Two addresses used the key".into(),
        },
    );
    room.ok(
        "Alice",
        Command::Next {
            force: Some("it spreads".into()),
            from: None,
        },
    );
    let incident = &room.chat.incidents[&id];
    let item = ItemRef::Id(incident.phase().checklist.last().unwrap().id.clone());
    let phases = incident.plan.phases.len();
    room.ok(
        "Alice",
        Command::Skip {
            item,
            why: "nobody is concerned".into(),
        },
    );
    room.ok(
        "Alice",
        Command::Next {
            force: Some("the logs are gone".into()),
            from: None,
        },
    );
    for _ in 3..phases {
        room.finish_phase(id);
    }
    room.ok("Bob", set("went_well", "Found within an hour"));
    room.ok("Bob", set("preventive", "Scan commits for keys"));
    let whom = Whom::Known(person(3, "Bob"));
    room.ok(
        "Alice",
        Command::TodoAssign {
            number: 1,
            owner: whom,
            due: None,
        },
    );
    room.finish_phase(id);
    let incident = &room.chat.incidents[&id];
    let (_, report) = super::markdown(&room.view(), incident);
    report.replace(incident.plan.revision.short(), "REVISION")
}
