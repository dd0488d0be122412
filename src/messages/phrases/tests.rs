use super::*;

fn with(overrides: &[(&str, &str, &str)]) -> Result<Languages, String> {
    let own = |(language, file, text): &(&str, &str, &str)| {
        (
            (*language).to_owned(),
            (*file).to_owned(),
            (*text).to_owned(),
        )
    };
    Languages::embedded(overrides.iter().map(own).collect()).map_err(|problem| problem.to_string())
}

/// A second language, made of the English files.
fn second(change: impl Fn(&str, &str) -> String) -> Result<Languages, String> {
    let files: Vec<(String, String, String)> = EN
        .iter()
        .map(|(file, text)| ("xx".to_owned(), (*file).to_owned(), change(file, text)))
        .collect();
    Languages::embedded(files).map_err(|problem| problem.to_string())
}

#[test]
fn the_built_in_languages_are_whole() {
    let languages = with(&[]).unwrap();
    assert_eq!(languages.codes(), ["en"]);
    assert_eq!(
        languages.get("xx").code(),
        "en",
        "an unknown language falls back to English"
    );
    assert_eq!(languages.get("en").word("noted").as_str(), "Noted.");
}

#[test]
fn a_second_language_needs_every_phrase_about_the_same_things() {
    let whole = second(|_, text| text.replace("noted = Noted.", "noted = Bekannt.")).unwrap();
    assert_eq!(whole.codes(), ["en", "xx"]);
    assert_eq!(whole.get("xx").word("noted").as_str(), "Bekannt.");
    assert_eq!(whole.get("en").word("noted").as_str(), "Noted.");

    let missing = second(|_, text| text.replace("noted = Noted.\n", "")).unwrap_err();
    assert_eq!(missing, "messages/xx/short.ftl: noted is missing");
    let other =
        second(|_, text| text.replace("ticked = Ticked { $numbers }.", "ticked = Erledigt."))
            .unwrap_err();
    assert_eq!(
        other,
        "messages/xx/short.ftl: line 3: ticked must use the variables $numbers, it uses none"
    );
    let unknown = second(|_, text| text.replace("noted = ", "notted = x\nnoted = ")).unwrap_err();
    assert_eq!(
        unknown,
        "messages/xx/short.ftl: line 10: notted is not a phrase of the program: remove it"
    );
    let fallen = with(&[("xx", "short.ftl", "noted = Bekannt.")]).unwrap_err();
    assert!(fallen.ends_with("is missing"), "{fallen}");
}

#[test]
fn a_built_in_phrase_can_be_changed_alone() {
    let changed = with(&[("en", "short.ftl", "noted = Got it.")]).unwrap();
    assert_eq!(changed.get("en").word("noted").as_str(), "Got it.");
    assert_eq!(
        changed.get("en").word("acknowledged").as_str(),
        "Noted that you have seen it."
    );
}

#[test]
fn a_bad_file_says_where_and_what() {
    let bad = |text: &str| with(&[("en", "short.ftl", text)]).unwrap_err();
    assert_eq!(
        bad("noted = a < b"),
        "messages/en/short.ftl: line 1: noted: a loose < must be written &lt;"
    );
    assert_eq!(
        bad("noted = <script>x</script>"),
        "messages/en/short.ftl: line 1: noted: <script> is not among b, i, u, s, code"
    );
    assert_eq!(
        bad("noted = <b>x"),
        "messages/en/short.ftl: line 1: noted: <b> is not closed"
    );
    assert_eq!(
        bad("noted = R&D"),
        "messages/en/short.ftl: line 1: noted: a loose & must be written &amp;"
    );
    assert!(
        bad("noted = x\n= y").starts_with("messages/en/short.ftl: line 2: "),
        "{}",
        bad("noted = x\n= y")
    );
    assert!(with(&[("not a code", "short.ftl", "")]).is_err());
    assert!(with(&[("en", "report.md.j2", "{% if %}")]).is_err());
}

/// A phrase that nobody says is dead weight for every translator.
#[test]
fn every_phrase_is_said_somewhere() {
    let mut source = String::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src"
    ))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
                source.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    // Keys that are put together: `fact-…` of a field, `command-…` of a verb.
    let families = [
        "fact-",
        "command-",
        "month-",
        "permission-",
        "state-",
        "item-",
        "cadence-",
        "tier-",
        "what-",
        "wants-",
        "kind-",
        "run-over-",
        "run-state-",
        "run-word-",
        "step-choice-",
        "button-step-",
        "step-stands-",
        "step-mark-",
        "step-why-",
    ];
    let shapes = check::shapes("en", EN.iter().map(|(file, text)| (*file, *text))).unwrap();
    let silent: Vec<&String> = shapes
        .keys()
        .filter(|key| !families.iter().any(|family| key.starts_with(family)))
        .filter(|key| !source.contains(&format!("\"{key}\"")))
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}
