//! One test per safety rule, on the minimal plan.

use super::{argv, links, secrets, sql};
use crate::plan::parse::tests::{MINIMAL, mistakes, problems};
use crate::plan::{Action, FileOperation};
use insta::assert_snapshot;

#[test]
fn statements_that_are_fine() {
    for (statement, parameters) in [
        ("SELECT 1", 0),
        ("SELECT 1;", 0),
        ("SELECT ';' -- ; not two\n", 0),
        ("SELECT /* ; */ $1, $2, $1", 2),
        ("DO $body$ BEGIN EXECUTE 'x'; END $body$", 0),
        ("SELECT 'it''s; fine', \"a;b\"", 0),
    ] {
        assert_eq!(
            sql::problems(statement, parameters),
            Vec::new(),
            "{statement}"
        );
    }
    for (statement, parameters) in [
        ("SELECT 1; SELECT 2", 0),
        ("SELECT $1", 2),
        ("SELECT $0", 1),
        ("SELECT $$ open", 0),
        ("SELECT /* open", 0),
        ("SELECT $99999999999999999999", 1),
    ] {
        assert_ne!(
            sql::problems(statement, parameters),
            Vec::new(),
            "{statement}"
        );
    }
}

#[test]
fn command_lines_that_are_fine() {
    for line in [
        &["git", "log", "-1"][..],
        &["find", ".", "(", "-name", "*.php", ")", "-print"],
        &["bash", "scripts/fixed.sh"],
        &["python", "-c", "print(1)"],
    ] {
        assert_eq!(argv::problems(line), Vec::new(), "{line:?}");
    }
    for line in [
        &["sh", "-ec", "x"][..],
        &["cmd", "/C", "x"],
        &["killall", "x"],
        &["${param.x}"],
    ] {
        assert_ne!(argv::problems(line), Vec::new(), "{line:?}");
    }
}

#[test]
fn secrets_are_told_from_words() {
    for harmless in [
        "an_id_of_many_words_that_goes_on_and_on_1",
        "https://csrc.nist.gov/pubs/sp/800/61/r3/final",
        "Bearer ${secret.TARS_VERCEL_TOKEN}",
        "postgres://app:${secret.PW}@db/main",
        "sk-something",
        "2026-02-17 10:00:00",
        "eyJust a word",
    ] {
        assert!(!secrets::found_in(harmless), "{harmless}");
    }
    for secret in [
        "key: AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "-----BEGIN RSA PRIVATE KEY-----",
        "0123456789abcdef0123456789abcdef01234567",
        "https://user:hunter2@example.org/",
    ] {
        assert!(secrets::found_in(secret), "{secret}");
    }
}

#[test]
fn links_that_a_chat_can_open() {
    for link in [
        "https://example.org/a?b#c",
        "http://127.0.0.1:3000/",
        "http://[::1]/",
        "http://grafana.internal:3000",
        "mailto:legal@example.org",
        "runbooks/DEPLOYMENT.md",
    ] {
        assert_eq!(links::check(link), Ok(()), "{link}");
    }
    for link in [
        "http://example.org",
        "http://localhost.example.org",
        "https://",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "/etc/passwd",
        "../x",
        "a b",
    ] {
        assert!(links::check(link).is_err(), "{link}");
    }
}

#[test]
fn a_command_is_a_list() {
    assert_snapshot!(mistakes(&[
        ("argv = [\"ss\", \"-tuln\"]", "argv = \"ss -tuln\""),
    ]), @r#"line 105, column 8: a command is a list of program and arguments, not a line for a shell (hint: such as argv = ["git", "log", "-20"])"#);
}

#[test]
fn a_shell_is_no_program() {
    assert_snapshot!(mistakes(&[
        ("argv = [\"ss\", \"-tuln\"]", "argv = [\"/bin/bash\", \"-c\", \"rm -r /x && true\"]"),
    ]), @r"line 105, column 9: a shell would interpret what is put in (hint: name the program itself with its arguments)");
}

#[test]
fn shell_words_and_blanks() {
    assert_snapshot!(mistakes(&[
        ("argv = [\"ss\", \"-tuln\"]", "argv = [\"ss -tuln\", \"|\", \"wc\", \"$(id)\"]"),
    ]), @r#"
    line 105, column 9: the program's name holds a blank (hint: one list entry per argument: ["git", "log"])
    line 105, column 21: there is no shell that would understand this (hint: split it into several steps; output is captured anyway)
    line 105, column 32: there is no shell that would understand this (hint: split it into several steps; output is captured anyway)
    "#);
}

#[test]
fn stopping_by_name() {
    assert_snapshot!(mistakes(&[
        ("argv = [\"ss\", \"-tuln\"]", "argv = [\"pkill\", \"-f\", \"run_bots.py\"]"),
    ]), @r#"line 105, column 9: stopping by name hits strangers (hint: use a step of kind "service", which stops a unit)"#);
}

#[test]
fn a_hard_reset() {
    assert_snapshot!(mistakes(&[
        ("argv = [\"ss\", \"-tuln\"]", "argv = [\"git\", \"reset\", \"--hard\", \"HEAD~1\"]"),
    ]), @r#"line 105, column 9: a hard reset destroys the state that undo and evidence need (hint: check the commit out beside and swap: ["git", "worktree", "add", …])"#);
}

#[test]
fn a_secret_in_a_command_line() {
    assert_snapshot!(mistakes(&[
        ("address = \"HOST\"", "address = \"HOST\"\nsecrets = [\"PW\"]"),
        ("argv = [\"ss\", \"-tuln\"]", "argv = [\"login\", \"${secret.PW}\"]"),
    ]), @r"line 106, column 18: everybody on the machine can read a secret in a command line (hint: hand it over with stdin)");
}

#[test]
fn values_in_the_environment() {
    assert_snapshot!(mistakes(&[
        ("argv = [\"ss\", \"-tuln\"]", "argv = [\"ss\", \"-tuln\"]\nenv = [\"PATH=/bin\"]"),
    ]), @r#"line 106, column 8: `env` lists names of variables that are handed down (hint: such as env = ["PATH"]; values do not stand in a plan)"#);
}

#[test]
fn statements_are_single_and_fixed() {
    assert_snapshot!(mistakes(&[
        ("statement = \"DELETE FROM sessions\"", "statement = \"DELETE FROM sessions; DROP TABLE users\""),
    ]), @r"line 100, column 13: this is more than one statement (hint: one step per statement, or `then` for a second in the same transaction)");
}

#[test]
fn statements_take_bound_parameters() {
    assert_snapshot!(mistakes(&[
        ("statement = \"DELETE FROM sessions\"", "statement = \"DELETE FROM sessions WHERE id = '${param.id}'\""),
    ]), @r#"line 100, column 13: a placeholder inside a statement could change it (hint: write $1 and put the value into parameters = ["…"])"#);
}

#[test]
fn parameters_are_counted() {
    assert_snapshot!(mistakes(&[
        ("statement = \"DELETE FROM sessions\"", "statement = \"DELETE FROM sessions WHERE id = $2\"\nparameters = [\"a\", \"b\"]"),
    ]), @r"line 100, column 13: $1 is never used (hint: leave its value out)");
}

#[test]
fn parameters_are_missing() {
    assert_snapshot!(mistakes(&[
        ("statement = \"DELETE FROM sessions\"", "statement = \"DELETE FROM sessions WHERE id = $1\""),
    ]), @r"line 100, column 13: the statement asks for 1 parameters, but 0 are given (hint: one entry of `parameters` for each of $1, $2…)");
}

#[test]
fn an_open_quote() {
    assert_snapshot!(mistakes(&[
        ("statement = \"DELETE FROM sessions\"", "statement = \"DELETE FROM sessions WHERE id = 'x\""),
    ]), @r"line 100, column 13: a quote is not closed (hint: close it)");
}

#[test]
fn a_request_stays_with_its_connection() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"https://elsewhere.example/close\""),
    ]), @r#"line 94, column 8: a request goes to its connection, not to an address in the plan (hint: give the path only, such as "/health")"#);
}

#[test]
fn plain_http_to_another_host() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"http://elsewhere.example/close\""),
    ]), @r"line 94, column 8: plain http would show the request to the network (hint: put an https address into the connection's setting, and only the path here)");
}

#[test]
fn a_path_that_climbs() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"/a/../close\""),
    ]), @r"line 94, column 8: the path climbs up (hint: give it from the top)");
}

#[test]
fn a_secret_in_a_path() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"/close?token=${secret.APP_TOKEN}\""),
    ]), @r"line 94, column 8: a secret in a path ends up in logs (hint: put it into a header or the body)");
}

#[test]
fn placeholders_name_what_there_is() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"/close/${param.user}/${generated}/${nonsense}\""),
        ("${secret.APP_TOKEN}", "${secret.OTHER}"),
    ]), @r#"
    line 94, column 8: `${generated}` is the new secret of a credential; there is none here (hint: use it in the steps of a [[credential]])
    line 94, column 8: nothing is called `${nonsense}` (hint: there are: secret.NAME, setting.NAME, param.NAME, generated, incident.id, now, since)
    line 94, column 8: there is no parameter `user` here (hint: declare it with [[procedure.parameter]])
    line 95, column 29: the connection `app` has no `OTHER` among its secrets (hint: add it there: secrets = ["OTHER"])
    "#);
}

#[test]
fn an_open_placeholder() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"/close/${param.user\""),
    ]), @r"line 94, column 8: a placeholder is not closed (hint: close it: ${param.name})");
}

#[test]
fn a_connection_of_the_wrong_kind() {
    assert_snapshot!(mistakes(&[
        ("kind = \"sql\"\nconnection = \"db\"", "kind = \"sql\"\nconnection = \"app\""),
    ]), @r"line 99, column 14: the connection `app` is of kind http, but must be database");
}

#[test]
fn addresses_stay_out_of_the_plan() {
    assert_snapshot!(mistakes(&[
        ("address = \"APP_URL\"", "address = \"https://app.example\""),
    ]), @r#"line 70, column 11: this is not the name of an environment variable (hint: a plan can be shared: name the variable, such as "TARS_APP_URL", and set it on the machine)"#);
}

#[test]
fn literal_secrets() {
    assert_snapshot!(mistakes(&[
        ("purpose = \"The smallest plan.\"", "purpose = \"Use sk-ant-REDACTED99887766 here\""),
        ("summary = \"Closes the doors.\"", "summary = \"postgres://app:hunter2@db/main\""),
        ("Bearer ${secret.APP_TOKEN}", "Bearer 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw8"),
    ]), @r"
    line 4, column 11: this looks like a secret, and a plan can be shared (hint: name it among a connection's secrets and write ${secret.NAME}; if it is real, rotate it)
    line 86, column 11: this looks like a secret, and a plan can be shared (hint: name it among a connection's secrets and write ${secret.NAME}; if it is real, rotate it)
    line 95, column 29: this looks like a secret, and a plan can be shared (hint: name it among a connection's secrets and write ${secret.NAME}; if it is real, rotate it)
    ");
}

#[test]
fn invisible_characters() {
    assert_snapshot!(mistakes(&[
        ("title = \"Mini\"", "title = \"Mi\u{202e}ni\""),
    ]), @r"line 3, column 9: the text holds an invisible or control character (hint: it could make a text look like another: type it anew)");
}

#[test]
fn a_destructive_procedure_needs_two() {
    assert_snapshot!(mistakes(&[
        ("tier = \"t2\"", "tier = \"t3\"\napprovals = 1"),
    ]), @r#"line 88, column 13: a destructive procedure needs at least 2 approvals (hint: set approvals = 2, or tier = "t2" if it can be taken back)"#);
}

#[test]
fn a_fail_safe_procedure_asks_for_nothing() {
    assert_snapshot!(mistakes(&[
        ("tier = \"t2\"", "tier = \"t2\"\nfail_safe = true"),
        ("[[procedure.step]]\nname = \"Close\"", "[[procedure.parameter]]\nname = \"user\"\nlabel = \"User\"\nkind = \"name\"\nrequired = true\n[[procedure.step]]\nname = \"Close\""),
    ]), @r"line 88, column 13: a fail-safe procedure cannot ask for parameters (hint: it must run from the host with nothing but its name)");
}

#[test]
fn a_fail_safe_procedure_never_rests() {
    assert_snapshot!(mistakes(&[
        ("tier = \"t2\"", "tier = \"t2\"\nfail_safe = true\ncooldown = \"5m\""),
    ]), @"line 89, column 12: a fail-safe procedure never rests (hint: leave `cooldown` out: stopping things waits for nothing)");
}

#[test]
fn a_step_needs_one_that_stands_before_it() {
    assert_snapshot!(mistakes(&[
        ("name = \"Close\"\n", "name = \"Close\"\nneeds = \"List\"\n"),
        ("name = \"Sign everybody out\"\n", "name = \"Sign everybody out\"\nneeds = 2\n"),
        ("name = \"List\"\n", "name = \"List\"\nneeds = true\n"),
    ]), @"
    line 91, column 9: no step before this one is called `List` (hint: name a step that stands before this one, or give its number)
    line 99, column 9: step 2 does not stand before this one (hint: name a step that stands before this one, or give its number)
    line 105, column 9: `needs` is true or false, but must be a whole number from 1 to 40
    ");
    assert_snapshot!(mistakes(&[
        ("name = \"Close\"\n", "name = \"Close\"\ngroup = \"g\"\n"),
        ("name = \"Sign everybody out\"\n", "name = \"Sign everybody out\"\ngroup = \"g\"\nneeds = 1\n"),
    ]), @"line 100, column 9: steps of a group begin together, so one cannot need another (hint: take one of them out of the group)");
    let source = MINIMAL;
    let source = source.replace("name = \"List\"\n", "name = \"List\"\nneeds = \"Close\"\n");
    let plan = crate::plan::parse(&source).unwrap();
    let steps = &plan.procedures[0].steps;
    assert_eq!((steps[1].needs, steps[2].needs), (None, Some(1)));
    assert!(crate::plan::describe(&plan).contains("; only once step 1 is done"));
}

#[test]
fn a_way_back_needs_a_step_of_the_list() {
    let undo = |needs: &str| {
        format!(
            "name = \"Close\"\nundo = {{ name = \"Open\", kind = \"wait\", time = \"0s\", idempotent = true, needs = {needs} }}\n"
        )
    };
    let close = "name = \"Close\"\n";
    assert_snapshot!(mistakes(&[(close, &undo("\"Lst\""))]), @"line 91, column 80: no step is called `Lst` (hint: name a step of the same list, or give its number)");
    assert_snapshot!(mistakes(&[(close, &undo("40"))]), @"line 91, column 80: there is no step 40 (hint: name a step of the same list, or give its number)");
    let timed = undo("2") + "revert_after = \"5m\"\n";
    assert_snapshot!(mistakes(&[(close, &timed)]), @"line 91, column 80: what takes itself back after a time does so whatever else happened (hint: leave `needs` out here, or `revert_after`)");
    let plan = crate::plan::parse(&MINIMAL.replace(close, &undo("\"List\""))).unwrap();
    let back = plan.procedures[0].steps[0].undo.as_ref().unwrap();
    assert_eq!(
        back.needs,
        Some(3),
        "also where it stands after the step itself"
    );
}

#[test]
fn nothing_undoes_itself() {
    assert_snapshot!(mistakes(&[
        ("tier = \"t2\"", "tier = \"t2\"\nundo = \"lockdown\""),
    ]), @r"line 88, column 8: a procedure cannot undo itself");
}

#[test]
fn taking_back_needs_a_way_back() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"/close\"\nrevert_after = \"10m\""),
    ]), @r#"line 95, column 16: nothing says how this step is taken back (hint: add undo = { name = "…", kind = "…" })"#);
}

#[test]
fn a_file_has_a_way_back_without_being_told() {
    let step = |change: &str| {
        let file = format!(
            "[[connection]]\nid = \"disk\"\nname = \"Disk\"\nkind = \"folder\"\naddress = \"DISK\"\n\n[[procedure]]\nid = \"files\"\nname = \"Files\"\nsummary = \"Files.\"\ntier = \"t2\"\ntouches = [\"Files\"]\n\n[[procedure.step]]\nname = \"Flag\"\nkind = \"file\"\nconnection = \"disk\"\npath = \"a\"\n{change}\n"
        );
        let plan = crate::plan::parse(&format!("{MINIMAL}\n{file}"));
        let plan = plan.unwrap_or_else(|problems| panic!("{problems:?}"));
        plan.procedures.into_iter().last().unwrap().steps.remove(0)
    };
    for change in ["write\"\nwith = \"x", "remove", "swap\"\nwith = \"b"] {
        let step = step(&format!("change = \"{change}\""));
        let undo = step.undo.unwrap();
        let Action::File(back) = undo.action else {
            panic!("no file step");
        };
        assert_eq!(
            (back.change, back.path.as_str(), back.with, undo.idempotent),
            (FileOperation::Restore, "a", None, true)
        );
    }
    for change in ["read", "exists", "absent", "copy\"\nwith = \"b", "restore"] {
        assert_eq!(
            step(&format!("change = \"{change}\"")).undo,
            None,
            "{change}"
        );
    }
    let own =
        step("change = \"remove\"\nundo = { name = \"Own\", kind = \"manual\", text = \"Own\" }");
    assert_eq!(own.undo.unwrap().name, "Own");
}

#[test]
fn a_file_that_takes_itself_back_says_what_is_usual() {
    let flag = "kind = \"file\"\nconnection = \"disk\"\npath = \"a\"\nchange = \"write\"\nwith = \"x\"\nrevert_after = \"10m\"";
    let old = "kind = \"http\"\nconnection = \"app\"\nmethod = \"POST\"\npath = \"/close\"\nheaders = { Authorization = \"Bearer ${secret.APP_TOKEN}\" }";
    let disk = "[comms]\ninternal";
    let with_disk = "[[connection]]\nid = \"disk\"\nname = \"Disk\"\nkind = \"folder\"\naddress = \"DISK\"\n\n[comms]\ninternal";
    assert_snapshot!(mistakes(&[(old, flag), (disk, with_disk)]), @r#"line 96, column 16: what takes itself back needs a way back that is the same whoever ran it before (hint: add undo = { name = "…", kind = "file", … } with change = "remove" or "write")"#);
    let own = format!(
        "{flag}\nundo = {{ name = \"Own\", kind = \"file\", connection = \"disk\", path = \"a\", change = \"remove\" }}"
    );
    assert_snapshot!(mistakes(&[(old, &own), (disk, with_disk)]), @"no problem");
}

#[test]
fn an_example_is_what_its_kind_allows() {
    let with = |kind: &str, example: &str| {
        let parameter = format!(
            "touches = [\"App\"]\n[[procedure.parameter]]\nname = \"it\"\nlabel = \"It\"\nkind = \"{kind}\"\nexample = \"{example}\"\n[[procedure.step]]\nname = \"Close\""
        );
        mistakes(&[(
            "touches = [\"App\"]\n[[procedure.step]]\nname = \"Close\"",
            &parameter,
        )])
    };
    for (kind, example) in [
        ("name", "yuki@tars.example"),
        ("address", "203.0.113.0/24"),
        ("commit", "1a2b3c4"),
        ("backup", "2026-02-17.db"),
        ("time", "2026-02-17T14:05"),
    ] {
        assert_eq!(with(kind, example), "no problem", "{kind}");
    }
    assert_snapshot!(with("address", "somewhere"), @"line 93, column 11: the parameter's kind does not allow this example (hint: help shows it as something to type: give a value that would be taken)");
}

#[test]
fn a_check_is_a_probe_of_the_plan_and_settles_a_change() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"/close\"\ncheck = \"nothing\""),
    ]), @"line 95, column 9: there is no probe `nothing` (hint: none is defined)");
    assert_snapshot!(mistakes(&[
        ("[comms]", "[[probe]]\nid = \"up\"\nname = \"Up\"\nkind = \"tcp\"\nconnection = \"host\"\nport = 1\n[comms]"),
        ("method = \"POST\"\npath = \"/close\"", "method = \"GET\"\npath = \"/close\"\ncheck = \"up\""),
    ]), @"line 95, column 9: this step changes nothing, so there is nothing to settle (hint: `check` names the probe that is green once a change is done; leave it out here)");
}

#[test]
fn only_what_may_happen_twice_is_tried_again() {
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"/close\"\nretries = 2\nretry_wait = \"10s\""),
    ]), @r"line 95, column 11: a step that is tried again could happen twice (hint: add idempotent = true if that does no harm, or leave `retries` out)");
    assert_snapshot!(mistakes(&[
        ("path = \"/close\"", "path = \"/close\"\nidempotent = true\nretries = 99"),
    ]), @r"line 96, column 11: `retries` must be a whole number from 0 to 10");
}

#[test]
fn steps_of_a_group_stand_together() {
    let manual = |name: &str, group: &str| {
        format!(
            "[[procedure.step]]\nname = \"{name}\"\nkind = \"manual\"\ntext = \"{name}\"\n{group}\n"
        )
    };
    let with =
        |steps: &str| mistakes(&[("[[procedure.step]]", &format!("{steps}[[procedure.step]]"))]);
    let (a, b, c) = (
        manual("A", "group = \"stop\""),
        manual("B", ""),
        manual("C", "group = \"stop\""),
    );
    assert_snapshot!(with(&format!("{a}{b}{c}")), @r"line 103, column 9: steps of a group must stand next to each other (hint: move them together, or give the groups different names)");
    assert_eq!(with(&format!("{a}{c}{b}")), "no problem");
    let strange = manual("A", "group = \"Stop all\"");
    assert_snapshot!(with(&strange), @r"line 93, column 9: this cannot be the name of a group (hint: 1 to 32 small letters a-z, digits and underscores)");
}

#[test]
fn a_step_of_an_unknown_kind() {
    assert_snapshot!(mistakes(&[
        ("kind = \"sql\"", "kind = \"sqll\""),
    ]), @r"line 98, column 8: `kind` cannot be `sqll` (hint: did you mean `sql`?)");
}

#[test]
fn a_service_unit_is_a_name() {
    assert_snapshot!(mistakes(&[
        ("kind = \"command\"\nconnection = \"host\"\nargv = [\"ss\", \"-tuln\"]", "kind = \"service\"\nconnection = \"host\"\nunit = \"--all x\"\nchange = \"kill\""),
    ]), @r#"
    line 105, column 8: this is not the name of a unit (hint: such as "jarvis-api")
    line 106, column 10: `change` cannot be `kill` (hint: there are: start, stop, restart, status)
    "#);
}

#[test]
fn files_stay_in_their_folder() {
    assert_snapshot!(mistakes(&[
        ("kind = \"command\"\nconnection = \"host\"\nargv = [\"ss\", \"-tuln\"]", "kind = \"file\"\nconnection = \"files\"\npath = \"../../etc/passwd\"\nchange = \"write\""),
        ("[[procedure]]", "[[connection]]\nid = \"files\"\nname = \"Files\"\nkind = \"folder\"\naddress = \"FILES\"\n\n[[procedure]]"),
    ]), @r#"
    line 107, column 1: `write` lacks `with` (hint: the content to write, or the other path)
    line 111, column 8: the path leaves the folder (hint: give it from the connection's folder, without "..")
    "#);
}

#[test]
fn collectors_and_probes_have_their_own_kinds() {
    assert_snapshot!(mistakes(&[
        ("[comms]", "[[collector]]\nid = \"c\"\nname = \"C\"\nkind = \"wait\"\ntime = \"5s\"\n[[probe]]\nid = \"p\"\nname = \"P\"\nkind = \"tcp\"\nconnection = \"app\"\nport = 0\n[[probe]]\nid = \"q\"\nname = \"Q\"\nkind = \"notify\"\ntemplate = \"alert\"\n\n[comms]"),
    ]), @r"
    line 110, column 8: a collector gathers evidence; this kind does not (hint: http, command, file, sql, service or manual)
    line 116, column 14: the connection `app` is of kind http, but must be host
    line 117, column 8: `port` must be a whole number from 1 to 65535
    line 121, column 8: a probe looks at something; this kind does not (hint: http, command, file, sql, service, tcp, certificate or manual)
    ");
}

#[test]
fn plain_http_links() {
    assert_snapshot!(mistakes(&[
        ("[report]", "[[resource]]\nid = \"a\"\nname = \"A\"\nkind = \"dashboard\"\nlink = \"http://grafana.internal:3000\"\n[[resource]]\nid = \"b\"\nname = \"B\"\nkind = \"dashboard\"\nlink = \"http://grafana.example.org\"\n\n[report]"),
    ]), @r"line 128, column 8: `link` is plain http to a host outside (hint: use https)");
}

const PASSWORD_STEP: &str = r#"
[[connection]]
id = "main"
name = "Database"
kind = "database"
address = "T_DB"

[[credential]]
id = "pw"
name = "Password"
secret = "T_PW"
opens = "The database"
max_age = "13w"

[[credential.step]]
name = "It opens"
kind = "sql"
connection = "main"
statement = "SELECT 1"
"#;

#[test]
fn who_signs_in_has_a_role_and_a_secret() {
    let with = |more: &str| {
        let found = problems(&format!("{MINIMAL}{PASSWORD_STEP}{more}"));
        found.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        with("role = \"app\"\npassword = \"${generated}\"\n"),
        "no problem"
    );
    let alone = with("role = \"app\"\n");
    assert!(alone.contains("takes `role` and `password`"), "{alone}");
    let literal = with("role = \"app\"\npassword = \"hunter2\"\n");
    assert!(
        literal.contains("a password does not stand in a plan"),
        "{literal}"
    );
    let role = with("role = \"app; DROP\"\npassword = \"${generated}\"\n");
    assert!(role.contains("cannot be a role"), "{role}");
}

#[test]
fn a_collector_takes_what_comes() {
    let collector = r#"
[[connection]]
id = "box"
name = "Box"
kind = "host"
address = "T_BOX"

[[collector]]
id = "ports"
name = "Ports"
kind = "command"
connection = "box"
argv = ["ss"]
expect_output = "ok"
"#;
    let found = problems(&format!("{MINIMAL}{collector}"));
    assert!(found.contains("a collector takes what comes"), "{found}");
}
