use std::os::unix::fs::PermissionsExt as _;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::{Entry, Journal, JournalError, read, read_file, set_aside, write};
use crate::incident::{Door, HostOutcome, HostRecord, Lever, StepKey, Tally};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_771_336_800 + seconds, 0).unwrap()
}

fn key(index: u32) -> StepKey {
    StepKey {
        part: "emergency_shutdown".into(),
        index,
        undo: false,
        check: false,
    }
}

fn records() -> Vec<HostRecord> {
    let intent = HostRecord::Intent {
        door: Door::Host,
        plan: "tars".into(),
        revision: "abc".into(),
        chat: Some(-100),
        lever: Lever::Procedure {
            id: "emergency_shutdown".into(),
            parameters: std::collections::BTreeMap::new(),
        },
        fingerprint: "def".into(),
        why: "keys are public\nand \"used\" \u{1f525}".into(),
        account: Some("root".into()),
        steps: 1,
    };
    let began = HostRecord::Began {
        step: key(0),
        name: "Stop n8n".into(),
    };
    let ended = HostRecord::Ended {
        step: key(0),
        name: "Stop n8n".into(),
        outcome: HostOutcome::Succeeded,
        fact: None,
        summary: "inactive".into(),
    };
    let mut tally = Tally::default();
    tally.add(HostOutcome::Succeeded);
    vec![intent, began, ended, tally.over()]
}

/// A journal on a full disk. There is one for all tests.
pub(crate) fn full_disk() -> Journal {
    loop {
        match Journal::open("/dev/full".as_ref(), "one".into()) {
            Err(JournalError::InUse { .. }) => std::thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

pub(super) fn filled(path: &std::path::Path, run: &str) {
    let mut journal = Journal::open(path, run.to_owned()).unwrap();
    for (index, record) in records().into_iter().enumerate() {
        journal
            .append(at(index.try_into().unwrap()), record)
            .unwrap();
    }
}

#[test]
fn what_is_written_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("breakglass.journal");
    assert_eq!(read_file(&path).unwrap(), None);
    filled(&path, "one");
    filled(&path, "two");
    let reading = read_file(&path).unwrap().unwrap();
    assert!(!reading.torn && reading.damage.is_empty());
    let runs = reading.runs();
    assert_eq!(runs.len(), 2);
    for (run, id) in runs.iter().zip(["one", "two"]) {
        assert_eq!(run.id, id);
        assert!(run.is_over());
        assert_eq!(run.tally().succeeded, 1);
        let told: Vec<_> = run.entries.iter().map(|it| it.record.clone()).collect();
        assert_eq!(told, records());
        assert_eq!(run.telling().count(), 3, "a step that ended is told once");
    }
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_torn_write_costs_its_own_line_only_at_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("breakglass.journal");
    filled(&path, "one");
    let whole = std::fs::read(&path).unwrap();
    let ends: Vec<usize> = whole
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(index, _)| index)
        .collect();
    for cut in 0..=whole.len() {
        let reading = read(&whole[..cut]);
        // A record is there as soon as all but its line feed is.
        let kept = ends.iter().filter(|end| cut >= **end).count();
        assert_eq!(reading.entries.len(), kept, "cut at {cut}");
        assert!(reading.damage.is_empty(), "cut at {cut}");
        let inside = cut > 0 && !ends.iter().any(|end| cut == *end || cut == end + 1);
        assert_eq!(reading.torn, inside, "cut at {cut}");
        // Whoever comes next writes on, and nothing that was whole is lost.
        if cut % 7 == 0 || cut + 3 > whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            filled(&path, "two");
            let reading = read_file(&path).unwrap().unwrap();
            assert_eq!(reading.entries.len(), kept + 4, "cut at {cut}");
            let runs = reading.runs();
            assert_eq!(runs.last().unwrap().id, "two");
            assert_eq!(runs.len(), 1 + usize::from(kept > 0));
            assert_eq!(reading.damage.len(), usize::from(inside), "cut at {cut}");
        }
    }
    println!("journal: torn at every one of {} bytes", whole.len());
}

#[test]
fn a_step_that_began_and_has_no_end_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("breakglass.journal");
    let mut journal = Journal::open(&path, "one".into()).unwrap();
    for record in records().into_iter().take(2) {
        journal.append(at(0), record).unwrap();
    }
    drop(journal);
    let run = read_file(&path).unwrap().unwrap().runs().remove(0);
    assert!(!run.is_over());
    assert_eq!((run.tally().unknown, run.telling().count()), (1, 2));
}

#[test]
fn nobody_reads_or_writes_while_a_run_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("breakglass.journal");
    let journal = Journal::open(&path, "one".into()).unwrap();
    let in_use = |it: &JournalError| matches!(it, JournalError::InUse { .. });
    assert!(in_use(&Journal::open(&path, "two".into()).unwrap_err()));
    assert!(in_use(&read_file(&path).unwrap_err()));
    assert!(in_use(&set_aside(&path, "", at(0)).unwrap_err()));
    drop(journal);
    filled(&path, "two");
    let last = read_file(&path).unwrap().unwrap().last;
    filled(&path, "three");
    assert_eq!(
        set_aside(&path, &last, at(0)).unwrap(),
        None,
        "it has grown"
    );
    let last = read_file(&path).unwrap().unwrap().last;
    let kept = set_aside(&path, &last, at(0)).unwrap().unwrap();
    assert!(kept.exists() && !path.exists());
}

#[test]
fn a_journal_that_cannot_be_written_says_what_to_do() {
    let error = Journal::open("/proc/nowhere/breakglass.journal".as_ref(), "one".into());
    let text = error.unwrap_err().to_string();
    assert!(text.contains("BREAKGLASS_JOURNAL"), "{text}");
    // A full disk.
    let mut full = full_disk();
    let text = full.append(at(0), records().remove(0)).unwrap_err();
    assert!(text.to_string().contains("/dev/full"), "{text}");
}

#[test]
fn whatever_is_altered_or_taken_out_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("breakglass.journal");
    filled(&path, "one");
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        let reading = read(&altered);
        let same = reading.entries == read(&whole).entries;
        assert!(
            !reading.damage.is_empty()
                || reading.torn
                || (same && whole[at] == b'\n' && at + 1 == whole.len()),
            "byte {at} altered, unseen"
        );
    }
    let text = String::from_utf8(whole).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = format!("{}\n{}\n{}\n", lines[0], lines[1], lines[3]);
    let reading = read(without.as_bytes());
    assert_eq!(
        reading.damage[0].to_string(),
        "line 3: records before it are missing"
    );
    let headless = read(format!("{}\n", lines[1]).as_bytes());
    assert_eq!((headless.runs().len(), headless.headless()), (0, 1));
}

proptest! {
    #[test]
    fn any_text_survives_and_any_bytes_are_read(why in ".{0,200}", junk in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut record = records().remove(0);
        if let HostRecord::Intent { why: kept, .. } = &mut record {
            kept.clone_from(&why);
        }
        let entry = Entry { run: "one".into(), seq: 1, at: at(0), prev: String::new(), record };
        let (line, _) = write(&entry).unwrap();
        prop_assert_eq!(line.matches('\n').count(), 1);
        prop_assert_eq!(read(line.as_bytes()).entries, vec![entry.clone()]);
        let mut bytes = line.into_bytes();
        bytes.extend(junk);
        prop_assert_eq!(&read(&bytes).entries[0], &entry);
    }
}
