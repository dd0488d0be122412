use super::*;

#[test]
fn the_built_in_languages_are_whole() {
    let languages = Languages::embedded(Vec::new()).unwrap();
    assert_eq!(languages.codes(), ["en"]);
    assert_eq!(
        languages.get("xx").code(),
        "en",
        "an unknown language falls back to English"
    );
    assert_eq!(languages.get("en").word("noted").as_str(), "Noted.");
}
