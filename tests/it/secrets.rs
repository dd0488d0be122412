//! How often ordinary chat is taken for a leak, and how fast it is read.

use breakglass::detect::secrets::{redact, rules, scan};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::harness::figure;

/// Lines as teams write them, none with a secret in it.
const CHATTER: &str = include_str!("secrets/chatter.txt");

const LINES: usize = 4_000;

/// A line of a kind that is common while something is on fire, with random parts.
fn made(random: &mut StdRng) -> String {
    let hex = |random: &mut StdRng, length: usize| -> String {
        (0..length)
            .map(|_| char::from(b"0123456789abcdef"[random.random_range(0..16)]))
            .collect()
    };
    let dense = |random: &mut StdRng, length: usize| -> String {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..length)
            .map(|_| char::from(letters[random.random_range(0..letters.len())]))
            .collect()
    };
    let plain = |random: &mut StdRng, length: usize| dense(random, length).replace(['+', '/'], "x");
    let uuid = |random: &mut StdRng| [8, 4, 4, 4, 12].map(|length| hex(random, length)).join("-");
    let number = random.random_range(1..100_000_u32);
    let small = random.random_range(1..60_u32);
    match random.random_range(0..30_u32) {
        0 => format!("commit {}", hex(random, 40)),
        1 => format!(
            "reverted {} and deployed {}",
            hex(random, 7),
            hex(random, 12)
        ),
        2 => format!("sha256:{}", hex(random, 64)),
        3 => format!("md5 {}  backup-{number}.tar.gz", hex(random, 32)),
        4 => format!("request {} took {number} ms", uuid(random)),
        5 => format!("trace_id={} span_id={}", hex(random, 32), hex(random, 16)),
        6 => format!("data:image/png;base64,{}==", dense(random, 300)),
        7 => format!(
            "https://cdn.example.org/{}/{}.js?v={number}",
            hex(random, 8),
            plain(random, 20)
        ),
        8 => format!(
            "https://docs.google.com/document/d/{}/edit",
            plain(random, 44)
        ),
        9 => format!("the funds went to 0x{} in block {number}", hex(random, 40)),
        10 => format!("tx 0x{} failed", hex(random, 64)),
        11 => format!("\tat com.acme.Api{number}.handle(Api{number}.java:{small})"),
        12 => format!("  File \"/srv/app/job_{number}.py\", line {small}, in run"),
        13 => format!(
            "pod api-{}-{} restarted {small} times",
            hex(random, 10),
            plain(random, 5).to_lowercase()
        ),
        14 => format!(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} bob@laptop",
            dense(random, 43)
        ),
        15 => format!("integrity sha512-{}==", dense(random, 86)),
        16 => format!(
            "{{\"id\":\"{}\",\"amount\":{number},\"currency\":\"EUR\"}}",
            plain(random, 24)
        ),
        17 => format!("Заказ {number} завис, трасса {}", hex(random, 16)),
        18 => format!(
            "Auftrag {number} hängt seit {small} Minuten, Spur {}",
            hex(random, 16)
        ),
        19 => format!(
            "etag \"{}\" changed, cursor {}=",
            hex(random, 32),
            dense(random, 31)
        ),
        20 => format!(
            "i-0{} in subnet-0{} is gone",
            hex(random, 16),
            hex(random, 16)
        ),
        21 => format!("password check took {small} ms for user {number}"),
        22 => format!(
            "token refresh failed {small} times, request {}",
            uuid(random)
        ),
        23 => format!("cache key: orders:{number}:{}", hex(random, 20)),
        24 => format!("job {} done, key=orders-{number}", hex(random, 32)),
        25 => format!("SHA256:{} is the new host key", dense(random, 43)),
        26 => format!("cookie theme=dark; visitor={}", uuid(random)),
        27 => format!("checksum = \"{}\"", hex(random, 64)),
        28 => format!(
            "GET /v1/orders/{number}?cursor={}&limit={small} 200",
            plain(random, 28)
        ),
        _ => format!(
            "0x{} in handle_{number} (req=0x{})",
            hex(random, 16),
            hex(random, 12)
        ),
    }
}

#[test]
fn ordinary_chat_is_hardly_ever_taken_for_a_leak() {
    let mut random = StdRng::seed_from_u64(7);
    let written: Vec<String> = CHATTER.lines().map(str::to_owned).collect();
    assert!(written.len() >= 300, "{} lines", written.len());
    let more = LINES - written.len();
    let lines: Vec<String> = written
        .into_iter()
        .chain((0..more).map(|_| made(&mut random)))
        .collect();
    let mut taken = Vec::new();
    for line in &lines {
        for found in scan(line) {
            taken.push(format!(
                "{}: {:?} in {line}",
                found.rule.id,
                &line[found.range.clone()]
            ));
        }
    }
    let of = |part: usize| f64::from(u32::try_from(part).expect("a few thousand"));
    let share = of(taken.len()) * 100.0 / of(lines.len());
    figure(&format!(
        "secrets: {} of {} ordinary lines taken for a leak ({share:.2} %), {} rules",
        taken.len(),
        lines.len(),
        rules().count()
    ));
    assert!(share < 0.5, "{}", taken.join("\n"));
}

const WORD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";

/// The other way round: a random token of each provider's form, in an ordinary line, is always found.
#[test]
fn random_tokens_of_every_form_are_found() {
    let letters = |random: &mut StdRng, of: &str, length: usize| -> String {
        let of = of.as_bytes();
        (0..length)
            .map(|_| char::from(of[random.random_range(0..of.len())]))
            .collect()
    };
    let forms: &[(&str, &str, usize, &str)] = &[
        ("ghp_", WORD, 36, "github"),
        ("github_pat_", WORD, 82, "github"),
        ("AKIA", UPPER, 16, "aws-id"),
        ("sk-ant-api03-", WORD, 95, "anthropic"),
        ("sk-proj-", WORD, 120, "openai"),
        ("sk_live_", WORD, 24, "stripe"),
        ("xoxb-", WORD, 40, "slack"),
        ("glpat-", WORD, 20, "gitlab"),
        ("npm_", WORD, 36, "package-registry"),
        ("AIza", WORD, 35, "google"),
        ("dop_v1_", HEX, 64, "hosting"),
        ("SK", HEX, 32, "saas"),
        ("7123456789:AA", WORD, 33, "telegram-bot"),
        ("hf_", WORD, 34, "saas"),
    ];
    let mut random = StdRng::seed_from_u64(11);
    let (mut tried, mut missed) = (0, Vec::new());
    for (head, of, length, rule) in forms {
        for _ in 0..100 {
            let secret = format!("{head}{}", letters(&mut random, of, *length));
            let line = format!("I think {secret} is the one, can you check?");
            let found = scan(&line);
            tried += 1;
            let right = found.len() == 1 && found[0].rule.id == *rule;
            if !right || redact(&line, &found).contains(&secret) {
                missed.push(format!("{rule}: {secret}"));
            }
        }
    }
    figure(&format!(
        "secrets: {} of {tried} random tokens found",
        tried - missed.len()
    ));
    assert!(missed.len() * 100 <= tried, "{}", missed.join("\n"));
}

/// A long message costs a few milliseconds at most, also in a debug build.
#[test]
fn the_longest_message_is_read_in_no_time() {
    let line = CHATTER.replace('\n', " ");
    let mut text = String::new();
    while text.len() < 64 * 1024 {
        text.push_str(&line);
    }
    let begun = std::time::Instant::now();
    let found = scan(&text).len();
    let long = begun.elapsed();
    let begun = std::time::Instant::now();
    let lines = CHATTER.lines().filter(|line| scan(line).is_empty()).count();
    let each = begun.elapsed() / u32::try_from(CHATTER.lines().count()).expect("a few hundred");
    figure(&format!(
        "secrets: {} KiB scanned in {long:?} ({found} found), a line in {each:?} ({lines} lines without any)",
        text.len() / 1024
    ));
    assert!(long < std::time::Duration::from_secs(5), "{long:?}");
}
