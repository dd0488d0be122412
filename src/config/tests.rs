//! What is promised of it.

use super::*;

#[test]
fn evidence_lies_beside_the_database() {
    let folder = |given: &[(&str, &str)]| {
        let mut given = given.to_vec();
        given.push(TOKEN);
        read(&given).expect("settings").evidence
    };
    let database = |url| folder(&[("DATABASE_URL", url)]);
    assert_eq!(folder(&[]), Path::new("evidence"));
    assert_eq!(
        database("sqlite:///srv/b/x.db?mode=rwc"),
        Path::new("/srv/b/evidence")
    );
    assert_eq!(database("sqlite:data/x.db"), Path::new("data/evidence"));
    assert_eq!(database("sqlite::memory:"), Path::new("evidence"));
    assert_eq!(database("postgres://u@h/x"), Path::new("evidence"));
    let given = folder(&[("BREAKGLASS_EVIDENCE_DIR", "/mnt/evidence")]);
    assert_eq!(given, Path::new("/mnt/evidence"));
}

fn read(given: &[(&str, &str)]) -> Result<Settings, String> {
    let given: std::collections::HashMap<_, _> = given.iter().copied().collect();
    Settings::read(|name| given.get(name).map(|value| (*value).to_owned()))
        .map_err(|error| error.to_string())
}

const TOKEN: (&str, &str) = ("TELOXIDE_TOKEN", "42:CANARY_token-1");

#[test]
fn defaults_are_enough() {
    let settings = read(&[TOKEN]).expect("a token is enough");
    assert_eq!(settings.database, DEFAULT_DATABASE);
    assert_eq!(settings.telegram.api_url, "https://api.telegram.org");
    assert!(settings.owners.is_empty() && settings.telegram.webhook.is_none());
    assert!(!format!("{settings:?}").contains("CANARY"));
    let far = ("DATABASE_URL", "postgres://app:CANARY@db.example/app");
    let settings = read(&[TOKEN, far]).expect("an address is enough");
    assert!(!format!("{settings:?}").contains("CANARY"));
}

#[test]
fn the_journal_lies_beside_the_database_and_the_host_needs_no_token() {
    let host = |given: &[(&str, &str)]| {
        let given: std::collections::HashMap<_, _> = given.iter().copied().collect();
        HostSettings::read(|name| given.get(name).map(|value| (*value).to_owned()))
            .expect("settings")
    };
    let journal = |given: &[(&str, &str)]| host(given).journal;
    assert_eq!(journal(&[]), Path::new("breakglass.journal"));
    let database = ("DATABASE_URL", "sqlite:///srv/x/y.db?mode=rwc");
    assert_eq!(journal(&[database]), Path::new("/srv/x/breakglass.journal"));
    let named = ("BREAKGLASS_JOURNAL", "/mnt/z.journal");
    assert_eq!(journal(&[database, named]), Path::new("/mnt/z.journal"));
    let postgres = ("DATABASE_URL", "postgres://db/x");
    assert_eq!(journal(&[postgres]), Path::new("breakglass.journal"));
    let everywhere = host(&[("BREAKGLASS_LISTEN", "0.0.0.0:9000")]);
    assert_eq!(everywhere.reach().to_string(), "127.0.0.1:9000");
    let token = ("BREAKGLASS_ADMIN_TOKEN", "CANARY-0123456789");
    assert!(!format!("{:?}", host(&[token])).contains("CANARY"));
}

#[test]
fn owners_are_numbers() {
    let settings = read(&[TOKEN, ("BREAKGLASS_OWNERS", "7, 8")]).expect("owners");
    assert_eq!(settings.owners, [UserId(7), UserId(8)].into());
    let error = read(&[TOKEN, ("BREAKGLASS_OWNERS", "@alice")]).expect_err("a name");
    assert!(
        error.contains("BREAKGLASS_OWNERS") && error.contains("/whoami"),
        "{error}"
    );
}

#[test]
fn the_key_comes_from_the_environment_or_a_file() {
    let hex = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), format!("{hex}\n")).expect("written");
    let name = file.path().display().to_string();
    let id = |given: (&str, &str)| {
        let key = read(&[TOKEN, given]).expect("a key").secret_key;
        key.map(|it| it.id().to_owned())
    };
    assert_eq!(id((KEY, hex)), id((KEY_FILE, name.as_str())));
    assert!(id((KEY, hex)).is_some());
}

#[test]
fn wrong_settings_say_what_to_change() {
    let wrong = |given: &[(&str, &str)]| read(given).expect_err("wrong");
    assert!(wrong(&[]).contains("BotFather"));
    assert!(!wrong(&[("TELOXIDE_TOKEN", "CANARY token")]).contains("CANARY"));
    assert!(wrong(&[TOKEN, ("BREAKGLASS_LISTEN", "8080")]).contains("BREAKGLASS_LISTEN"));
    assert!(wrong(&[TOKEN, ("TELOXIDE_API_URL", "ftp://x")]).contains("TELOXIDE_API_URL"));
    let key = wrong(&[
        TOKEN,
        ("BREAKGLASS_AGE_RECIPIENTS", "AGE-SECRET-KEY-1CANARY"),
    ]);
    assert!(
        key.contains("BREAKGLASS_AGE_RECIPIENTS") && !key.contains("CANARY"),
        "{key}"
    );
    let short = wrong(&[TOKEN, ("BREAKGLASS_ADMIN_TOKEN", "CANARY")]);
    assert!(short.contains("BREAKGLASS_ADMIN_TOKEN") && !short.contains("CANARY"));
    let half = wrong(&[TOKEN, ("BREAKGLASS_WEBHOOK_URL", "https://x")]);
    assert!(half.contains("BREAKGLASS_WEBHOOK_SECRET"), "{half}");
    let key = wrong(&[TOKEN, (KEY, "CANARY")]);
    assert!(
        key.contains(KEY) && key.contains("openssl") && !key.contains("CANARY"),
        "{key}"
    );
    let both = wrong(&[TOKEN, (KEY, "CANARY"), (KEY_FILE, "x")]);
    assert!(
        both.contains("keep one") && !both.contains("CANARY"),
        "{both}"
    );
    assert!(wrong(&[TOKEN, (KEY_FILE, "no/such/file")]).contains("cannot be read"));
    let half = wrong(&[TOKEN, ("BREAKGLASS_WEBHOOK_SECRET", "CANARY_0123456789")]);
    assert!(
        half.contains("BREAKGLASS_WEBHOOK_URL") && !half.contains("CANARY"),
        "{half}"
    );
}

#[test]
fn the_home_chat_is_a_group() {
    let home = |id| read(&[TOKEN, ("BREAKGLASS_HOME_CHAT", id)]).map(|it| it.home_chat);
    assert_eq!(home("-1001234567890"), Ok(Some(-1_001_234_567_890)));
    for wrong in ["war room", "1000001", "0", "-"] {
        let said = home(wrong).unwrap_err();
        let expected = format!(
            "BREAKGLASS_HOME_CHAT is wrong: {wrong:?} is not a group's numeric Telegram id, such as -1001234567890"
        );
        assert_eq!(said, expected);
    }
}

#[test]
fn a_name_that_is_no_setting_is_noticed() {
    let names = [
        "BREAKGLASS_OWNER",
        "BREAKGLASS_OWNERS",
        "BREAKGLASS_TEST_POSTGRES",
        "HOME",
    ];
    let found = unknown(names.into_iter().map(str::to_owned));
    assert_eq!(found, ["BREAKGLASS_OWNER"]);
}
