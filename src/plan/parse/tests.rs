//! One test per rule about the shape of a plan. Safety rules: `src/plan/rules/tests.rs`.

use super::parse;
use crate::plan::shipped;
use insta::assert_snapshot;

/// A plan that is right, and as small as can be.
pub(in crate::plan) const MINIMAL: &str = include_str!("minimal.toml");

/// All problems of a text, one per line.
pub(in crate::plan) fn problems(source: &str) -> String {
    let Err(problems) = parse(source) else {
        return "no problem".to_owned();
    };
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// All problems of the minimal plan after these replacements.
pub(in crate::plan) fn mistakes(replacements: &[(&str, &str)]) -> String {
    let mut source = MINIMAL.to_owned();
    for (old, new) in replacements {
        assert!(source.contains(old), "the minimal plan has no {old:?}");
        source = source.replacen(old, new, 1);
    }
    problems(&source)
}

#[test]
fn shipped_plans_are_without_a_mistake() {
    for (id, source) in shipped() {
        assert_eq!(problems(source), "no problem", "{id}");
        assert_eq!(parse(source).expect("no problem").info.id, id);
    }
    assert_eq!(problems(MINIMAL), "no problem");
}

#[test]
fn a_revision_is_the_hash_of_the_bytes() {
    let plan = parse(MINIMAL).expect("the minimal plan is right");
    let other = parse(&format!("{MINIMAL}\n# a remark\n")).expect("a remark changes nothing");
    assert_eq!(plan.revision.as_str().len(), 64);
    assert_ne!(plan.revision, other.revision);
    assert_eq!(plan.phases, other.phases);
}

#[test]
fn things_are_found_by_what_people_call_them() {
    let plan = parse(shipped()[0].1).expect("the shipped plan is right");
    assert_eq!(
        plan.severity("p0").map(|found| found.name.as_str()),
        Some("Critical")
    );
    assert_eq!(
        plan.severity("high").map(|found| found.code.as_str()),
        Some("P1")
    );
    assert_eq!(
        plan.role("IC").map(|found| found.id.as_str()),
        Some("commander")
    );
    assert_eq!(
        plan.playbook("API key").map(|found| found.id.as_str()),
        Some("leaked_key")
    );
    assert_eq!(
        plan.playbook("denial").map(|found| found.id.as_str()),
        Some("ddos")
    );
    assert_eq!(plan.playbook("a"), None, "several match");
    let numbers: Vec<usize> = plan.items().map(|(number, ..)| number).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    let (number, phase, item) = plan.item("evidence_preserved").expect("it is there");
    assert_eq!((number, phase), (6, 1));
    assert_eq!(plan.item_by_number(6).map(|(.., found)| found), Some(item));
}

#[test]
fn a_syntax_error_and_other_mistakes_are_reported_together() {
    assert_snapshot!(mistakes(&[
        ("title = \"Mini\"", "title = \"Mini"),
        ("kind = \"summary\"", "kind = \"sumary\""),
    ]), @r#"
    line 3, column 14: not TOML: invalid basic string, expected `"` (hint: a text stands between two quotes on one line, or between three and three)
    line 123, column 8: `kind` cannot be `sumary` (hint: did you mean `summary`?)
    "#);
}

#[test]
fn an_unclosed_heading() {
    assert_snapshot!(mistakes(&[
        ("[report]", "[report"),
    ]), @r"line 119, column 8: not TOML: unclosed table, expected `]` (hint: a heading is [name] or [[name]] on a line of its own)");
}

#[test]
fn a_repeated_key() {
    assert_snapshot!(mistakes(&[
        ("version = \"1\"", "version = \"1\"\nversion = \"2\""),
    ]), @r"line 6, column 1: not TOML: duplicate key (hint: a line is key = value; a text stands in quotes)");
}

#[test]
fn an_unknown_key_names_the_closest() {
    assert_snapshot!(mistakes(&[
        ("purpose =", "purpse ="),
    ]), @r#"
    line 1, column 1: plan `mini` lacks `purpose` (hint: add purpose = "…")
    line 4, column 1: plan `mini` has no key `purpse` (hint: did you mean `purpose`?)
    "#);
}

#[test]
fn an_unknown_part() {
    assert_snapshot!(mistakes(&[
        ("[readiness]", "[rediness]"),
        ("[[readiness.item]]", "[[rediness.item]]"),
    ]), @r"
    line 1, column 1: the plan lacks the part `readiness` (hint: add a part headed [readiness])
    line 125, column 2: the plan has no key `rediness` (hint: did you mean `readiness`?)
    ");
}

#[test]
fn a_missing_key_shows_how_to_write_it() {
    assert_snapshot!(mistakes(&[
        ("goal = \"Stop it\"\n", ""),
        ("code = \"P1\"\n", ""),
    ]), @r#"
    line 15, column 1: this severity lacks `code` (hint: add code = "…")
    line 23, column 1: phase `first` lacks `goal` (hint: add goal = "…")
    line 57, column 12: there is no severity `P1` (hint: none is defined)
    "#);
}

#[test]
fn a_wrong_type() {
    assert_snapshot!(mistakes(&[
        ("title = \"Mini\"", "title = 7"),
        ("quick = [\"Stay calm\"]", "quick = \"Stay calm\""),
        ("internal = true", "internal = \"yes\""),
        ("headers = { Authorization = \"Bearer ${secret.APP_TOKEN}\" }", "headers = \"Authorization\""),
    ]), @r#"
    line 3, column 9: `title` is a number, but must be a text in quotes (hint: put it in quotes: "7")
    line 6, column 9: `quick` is a text, but must be a list of texts (hint: put it in brackets: ["…"])
    line 52, column 12: `internal` is a text, but must be true or false
    line 95, column 11: `headers` is a text, but must be a table of texts (hint: such as { name = "value" })
    "#);
}

#[test]
fn one_bracket_where_two_are_needed() {
    assert_snapshot!(mistakes(&[
        ("[[system]]", "[system]"),
    ]), @r"line 11, column 1: `system` is a table, but must be a list of tables (hint: head each with double brackets: [[system]])");
}

#[test]
fn empty_texts_and_lists() {
    assert_snapshot!(mistakes(&[
        ("name = \"API\"", "name = \" \""),
        ("quick = [\"Stay calm\"]", "quick = []"),
        ("indicators = [\"A key in public\"]", "indicators = [\"\"]"),
    ]), @r"
    line 6, column 9: `quick` must not be empty
    line 13, column 8: `name` is empty
    line 61, column 15: `indicators` holds an empty text
    ");
}

#[test]
fn ids_are_unique_within_their_kind() {
    assert_snapshot!(mistakes(&[
        ("id = \"told\"", "id = \"kept\""),
        ("id = \"second\"", "id = \"first\""),
    ]), @r"
    line 37, column 6: the phase `first` is defined twice (hint: the first is on line 25; give this one another id)
    line 42, column 6: the checklist item `kept` is defined twice (hint: the first is on line 32; give this one another id)
    ");
}

#[test]
fn ids_are_small_and_plain() {
    assert_snapshot!(mistakes(&[
        ("id = \"api\"", "id = \"The-API\""),
        ("id = \"kept\"", "id = \"abcdefghijklmnopqrstuvwxyz0123456\""),
    ]), @r"
    line 12, column 6: `The-API` cannot be an id (hint: an id has 1 to 32 small letters a-z, digits and underscores)
    line 30, column 19: there is no checklist item `kept` (hint: there are: abcdefghijklmnopqrstuvwxyz0123456, told)
    line 32, column 6: `abcdefghijklmnopqrstuvwxyz0123456` cannot be an id (hint: an id has 1 to 32 small letters a-z, digits and underscores)
    ");
}

#[test]
fn severity_codes_are_short_words() {
    assert_snapshot!(mistakes(&[
        ("code = \"P1\"", "code = \"very-bad\""),
    ]), @r#"
    line 16, column 8: this cannot be a severity code (hint: a code is a letter and up to 7 letters or digits, such as "P1")
    line 59, column 12: there is no severity `P1` (hint: there are: very-bad)
    "#);
}

#[test]
fn references_that_lead_nowhere() {
    assert_snapshot!(mistakes(&[
        ("notify = [\"lead\"]", "notify = [\"laed\", \"everyone\"]"),
        ("severity = \"P1\"\nphase = \"first\"", "severity = \"P7\"\nphase = \"frist\""),
        ("run = \"lockdown\"", "run = \"lokdown\""),
        ("internal = \"alert\"", "internal = \"alarm\""),
        ("role = \"Lead\"", "role = \"Lead\"\nbackup = \"nobody\""),
        ("items = [\"kept\"]", "items = [\"keept\"]"),
        ("connection = \"db\"", "connection = \"database\""),
    ]), @r"
    line 22, column 11: there is no contact or role `laed` (hint: did you mean `lead`?)
    line 30, column 19: there is no checklist item `keept` (hint: did you mean `kept`?)
    line 54, column 10: there is no contact `nobody` (hint: there are: lead)
    line 60, column 12: there is no severity `P7` (hint: did you mean `P1`?)
    line 61, column 9: there is no phase `frist` (hint: did you mean `first`?)
    line 65, column 7: there is no procedure `lokdown` (hint: did you mean `lockdown`?)
    line 100, column 14: there is no connection `database` (hint: there are: app, db, host)
    line 109, column 12: there is no template `alarm` (hint: there are: alert)
    ");
}

#[test]
fn a_lever_of_another_kind() {
    assert_snapshot!(mistakes(&[
        ("run = \"lockdown\"", "run = \"rotate:api_key\""),
        ("text = \"Revoke\"", "text = \"Revoke\"\nlink = \"ftp://example.org/x\""),
    ]), @r"
    line 64, column 8: `link` is no address that a chat can open (hint: use https, mailto or a relative path)
    line 65, column 7: there is no credential `api_key` (hint: none is defined)
    ");
}

#[test]
fn a_gate_asks_only_for_what_can_be_done_by_then() {
    assert_snapshot!(mistakes(&[
        ("items = [\"kept\"]", "items = [\"kept\", \"told\"]"),
    ]), @r"line 30, column 27: the checklist item `told` belongs to a later phase (hint: a gate can only ask for what can be done by then)");
}

#[test]
fn words_outside_of_the_vocabulary() {
    assert_snapshot!(mistakes(&[
        ("stage = \"containment\"", "stage = \"contain\""),
        ("auto = \"evidence_preserved\"", "auto = \"evidence_saved\""),
        ("facts = [\"root_cause\"]", "facts = [\"rootcause\"]"),
        ("cadence = \"yearly\"", "cadence = \"sometimes\""),
    ]), @r"
    line 8, column 11: `cadence` cannot be `sometimes` (hint: there are: monthly, quarterly, half_yearly, yearly)
    line 27, column 9: `stage` cannot be `contain` (hint: there are: identification, containment, eradication, recovery, post_incident)
    line 30, column 37: there is no fact `rootcause` (hint: did you mean `root_cause`?)
    line 34, column 8: `auto` cannot be `evidence_saved` (hint: there are: incident_logged, severity_assigned, team_notified, timeline_started, acknowledged, commander_assigned, systems_recorded, exposure_recorded, evidence_preserved, root_cause_recorded, credentials_rotated, probes_green, backups_verified, stakeholders_told, external_decided, report_completed, lessons_recorded, action_items_assigned)
    ");
}

#[test]
fn spans_of_time() {
    assert_snapshot!(mistakes(&[
        ("respond_within = \"15m\"", "respond_within = \"soon\""),
        ("from = \"0m\", to = \"1h\"", "from = \"2h\", to = \"1h\""),
    ]), @r#"
    line 20, column 18: `respond_within` is `soon`, which is no span of time (hint: such as "15m", "4h", "2d" or "1w")
    line 29, column 19: the window ends (1h) before it begins (2h) (hint: `from` and `to` both count from the declaration)
    "#);
}

#[test]
fn a_span_that_is_a_number() {
    assert_snapshot!(mistakes(&[
        ("respond_within = \"15m\"", "respond_within = 15"),
    ]), @r#"line 20, column 18: `respond_within` is a number, but must be a span of time (hint: such as "15m", "4h", "2d" or "1w")"#);
}

#[test]
fn containment_is_not_before_the_response() {
    assert_snapshot!(mistakes(&[
        ("escalation", "contain_within = \"5m\"\nescalation"),
    ]), @r"line 21, column 18: `contain_within` is before `respond_within`");
}

#[test]
fn dates() {
    assert_snapshot!(mistakes(&[
        ("next = 2027-01-01", "next = \"tomorrow\""),
    ]), @r"line 9, column 8: `next` is a text, but must be a date (hint: write it bare: 2026-05-17)");
}

#[test]
fn a_moment_is_no_date() {
    assert_snapshot!(mistakes(&[
        ("next = 2027-01-01", "next = 2027-01-01T10:00:00Z"),
    ]), @r"line 9, column 8: `next` is a date or time, but must be a date (hint: write it bare: 2026-05-17)");
}

#[test]
fn button_texts_are_short() {
    assert_snapshot!(mistakes(&[
        ("text = \"Evidence kept\"", "text = \"Evidence kept, Evidence kept, Evidence kept, Evidence kept, Evidence kept, Evidence kept, Evidence kept, Evidence kept, \""),
    ]), @r"line 33, column 8: `text` has 119 characters, more than 100 (hint: it is read on a telephone: say it shorter)");
}

#[test]
fn a_contact_is_not_its_own_backup() {
    assert_snapshot!(mistakes(&[
        ("role = \"Lead\"", "role = \"Lead\"\nbackup = \"lead\""),
    ]), @r"line 54, column 10: a contact cannot stand in for itself");
}

#[test]
fn guidance_says_something() {
    assert_snapshot!(mistakes(&[
        ("[[phase.item]]\nid = \"kept\"", "[[phase.guidance]]\ntitle = \"Think\"\n[[phase.item]]\nid = \"kept\""),
    ]), @r"line 31, column 1: this guidance says nothing but its title (hint: add text, steps, questions or run)");
}

#[test]
fn report_sections_hold_what_their_kind_shows() {
    assert_snapshot!(mistakes(&[
        ("kind = \"summary\"", "kind = \"fields\""),
        ("title = \"Report\"", "title = \"Report\"\n[[report.section]]\ntitle = \"Times\"\nkind = \"summary\"\nrow = [{ label = \"Begin\", mark = \"begin\" }]\nfield = [{ label = \"Id\", value = \"incident_nr\" }]"),
    ]), @r#"
    line 124, column 7: a section of kind `summary` has no rows
    line 124, column 34: `mark` cannot be `begin` (hint: there are: first_suspicious, alert_triggered, detected, confirmed, team_assembled, containment_started, contained, root_cause_found, remediation_complete, recovery_confirmed)
    line 125, column 9: a section of kind `summary` has no fields
    line 125, column 34: the report knows no such value (hint: did you mean `incident_id`?)
    line 126, column 1: a section of kind `fields` needs fields (hint: add field = [{ label = "Severity", value = "severity" }])
    "#);
}

#[test]
fn metrics_have_one_target() {
    assert_snapshot!(mistakes(&[
        ("[report]", "[[metric]]\nmetric = \"mttd\"\nname = \"Detect\"\nbelow = \"15m\"\nat_most = 3\n[[metric]]\nmetric = \"mttx\"\nname = \"X\"\n\n[report]"),
    ]), @r#"
    line 119, column 1: a metric needs exactly one target (hint: below = "15m", below_percent = 5 or at_most = 0)
    line 124, column 1: a metric needs exactly one target (hint: below = "15m", below_percent = 5 or at_most = 0)
    line 125, column 10: `metric` cannot be `mttx` (hint: did you mean `mttd`?)
    "#);
}

#[test]
fn drills_refer_to_scenarios() {
    assert_snapshot!(mistakes(&[
        ("[report]", "[[drill]]\nid = \"one\"\nname = \"One\"\nquarter = 5\nscenario = \"leek\"\nsummary = \"S\"\npractises = [\"P\"]\n[[drill.score]]\ntext = \"T\"\nitem = \"keptt\"\n\n[report]"),
    ]), @r"
    line 122, column 11: `quarter` must be a whole number from 1 to 4
    line 123, column 12: there is no playbook `leek` (hint: did you mean `leak`?)
    line 128, column 8: there is no checklist item `keptt` (hint: did you mean `kept`?)
    ");
}

#[test]
fn follow_ups_have_a_due_time() {
    assert_snapshot!(mistakes(&[
        ("[report]", "[[follow_up]]\nid = \"one\"\ntext = \"Do\"\nopens = \"later\"\ndue = \"0m\"\n[[follow_up]]\nid = \"two\"\ntext = \"Do\"\nopens = \"declared\"\ndue = \"business_hours\"\n\n[report]"),
    ]), @r"
    line 122, column 9: `opens` cannot be `later` (hint: there are: declared, recovery, resolved)
    line 123, column 7: `due` must be longer than nothing
    ");
}

#[test]
fn rules_have_the_keys_of_their_kind() {
    assert_snapshot!(mistakes(&[
        ("[report]", "[[detect]]\nid = \"one\"\nname = \"One\"\ncategory = \"C\"\nkind = \"count\"\nevent = \"e\"\nmore_than = -1\nfield = \"x\"\n[[route]]\nid = \"r\"\nseverity = \"P1\"\n\n[report]"),
    ]), @r#"
    line 119, column 1: detect `one` lacks `within` (hint: add within = "15m")
    line 125, column 13: `more_than` is a number, but must be a number of at least 0
    line 126, column 1: detect `one` has no key `field` (hint: there are: by, category, event, id, kind, more_than, name, playbook, severity, within)
    line 127, column 1: a route needs labels, or it would catch every alert (hint: such as labels = { alertname = "DatabaseDown" })
    "#);
}

#[test]
fn a_template_part_for_a_person_needs_a_hint() {
    assert_snapshot!(mistakes(&[
        ("fill = \"severity\"", "fill = \"person\""),
    ]), @r"line 115, column 1: a part that a person writes needs a `hint` (hint: say what to write there)");
}

#[test]
fn a_plan_with_nothing_in_it() {
    assert_snapshot!(problems(""), @r"
    line 1, column 1: the plan has no contact (hint: add at least one, headed [[contact]])
    line 1, column 1: the plan has no phase (hint: add at least one, headed [[phase]])
    line 1, column 1: the plan has no playbook (hint: add at least one, headed [[playbook]])
    line 1, column 1: the plan has no role (hint: add at least one, headed [[role]])
    line 1, column 1: the plan has no severity (hint: add at least one, headed [[severity]])
    line 1, column 1: the plan has no system (hint: add at least one, headed [[system]])
    line 1, column 1: the plan lacks the part `comms` (hint: add a part headed [comms])
    line 1, column 1: the plan lacks the part `plan` (hint: add a part headed [plan])
    line 1, column 1: the plan lacks the part `readiness` (hint: add a part headed [readiness])
    line 1, column 1: the plan lacks the part `report` (hint: add a part headed [report])
    ");
}
