use super::*;
use crate::incident::By;

fn vault() -> (tempfile::TempDir, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(&folder.path().join("evidence")).unwrap();
    (folder, vault)
}

const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if fs::symlink_metadata(&path).unwrap().is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

/// An endless source that says how much was taken from it.
struct Flood(u64);

impl Read for Flood {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        into.fill(b'x');
        self.0 += into.len() as u64;
        Ok(into.len())
    }
}

#[test]
fn a_content_lies_under_its_hash_and_only_its_owner_may_read_it() {
    let (_folder, vault) = vault();
    let stored = vault.put(&b"hello"[..], 5).unwrap();
    assert_eq!((stored.sha256.as_str(), stored.size), (HELLO, 5));
    assert_eq!(vault.verify(HELLO).unwrap(), stored);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(vault.root()), 0o700);
        assert_eq!(mode(&vault.blobs()), 0o700);
        assert_eq!(mode(&vault.blob(HELLO)), 0o400);
    }
}

#[test]
fn the_same_content_twice_is_one_file() {
    let (_folder, vault) = vault();
    let first = vault.put(&b"hello"[..], 9).unwrap();
    let second = vault.put(&b"hello"[..], 9).unwrap();
    assert_eq!(first, second);
    assert_eq!(files(vault.root()), [HELLO]);
}

#[test]
fn a_flood_is_stopped_at_the_limit_and_leaves_nothing() {
    let (_folder, vault) = vault();
    let mut flood = Flood(0);
    let error = vault.put(&mut flood, 20_000_000).unwrap_err();
    assert_eq!(error.to_string(), "it is larger than 20 MB");
    assert!(!error.is_temporary() && flood.0 < 20_200_000, "{}", flood.0);
    assert!(files(vault.root()).is_empty());
}

#[test]
fn a_source_that_breaks_off_leaves_nothing() {
    struct Broken(bool);
    impl Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::other("the cable"));
            }
            into[0] = 1;
            Ok(1)
        }
    }
    let (_folder, vault) = vault();
    let error = vault.put(Broken(false), 9).unwrap_err();
    assert_eq!(error.to_string(), "it could not be read: the cable");
    assert!(files(vault.root()).is_empty());
}

#[test]
fn reading_gives_the_content_and_a_fact_for_the_chain_of_custody() {
    let (_folder, vault) = vault();
    vault.put(&b"hello"[..], 9).unwrap();
    let mut opened = vault.read(HELLO, By::Bot, "export").unwrap();
    let mut text = String::new();
    opened.file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
    assert_eq!(
        opened.access.event(),
        IncidentEvent::EvidenceRead {
            what: HELLO.to_owned(),
            why: "export".to_owned(),
            export: None,
        }
    );
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_in_the_way_is_not_followed() {
    use std::os::unix::fs::symlink;
    let (folder, vault) = vault();
    let outside = folder.path().join("outside");
    fs::write(&outside, "hello").unwrap();
    fs::create_dir(vault.blobs().join("2c")).unwrap();
    symlink(&outside, vault.blob(HELLO)).unwrap();
    for error in [
        vault.put(&b"hello"[..], 9).unwrap_err(),
        vault.verify(HELLO).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.contains("a symbolic link is in the way"), "{text}");
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "hello");

    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let link = folder.path().join("link");
    symlink(&elsewhere, &link).unwrap();
    let text = Vault::open(&link).unwrap_err().to_string();
    assert!(text.contains("a symbolic link is in the way"), "{text}");

    symlink(&elsewhere, vault.root().join("SEC-2026-007")).unwrap();
    let stored = vault.put(&b"other"[..], 9).unwrap();
    let id = IncidentId::security(2026, 7);
    assert!(vault.name(id, "E1", &stored).is_err());
    assert!(files(&elsewhere).is_empty());
}

#[test]
fn what_was_changed_is_told_and_set_aside_when_the_content_comes_again() {
    let (_folder, vault) = vault();
    vault.put(&b"hello"[..], 9).unwrap();
    let blob = vault.blob(HELLO);
    fs::remove_file(&blob).unwrap();
    fs::write(&blob, "hellp").unwrap();
    let error = vault.read(HELLO, By::Bot, "look").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("was changed since it was stored")
    );
    vault.put(&b"hello"[..], 9).unwrap();
    vault.verify(HELLO).unwrap();
    let all = files(vault.root());
    assert!(all.len() == 2 && all[1].contains(".changed-"), "{all:?}");
}

#[test]
fn what_cannot_be_read_or_is_not_there_is_told() {
    let (_folder, vault) = vault();
    fs::create_dir_all(vault.blob(HELLO)).unwrap();
    let text = vault.verify(HELLO).unwrap_err().to_string();
    assert!(text.contains("a folder is in the way"), "{text}");
    for hash in ["", "../../x", &"0".repeat(64), &HELLO.to_uppercase()] {
        let error = vault.verify(hash).unwrap_err();
        assert!(matches!(error, VaultError::Missing { .. }), "{error}");
    }
}

#[test]
fn the_workspace_shows_contents_by_name() {
    let (_folder, vault) = vault();
    let id = IncidentId::security(2026, 7);
    let one = vault.put(&b"one"[..], 9).unwrap();
    let two = vault.put(&b"two"[..], 9).unwrap();
    let first = vault.name(id, "E1-log.txt", &one).unwrap();
    assert_eq!(vault.name(id, "E1-log.txt", &one).unwrap(), first);
    let other = vault.name(id, "E1-log.txt", &two).unwrap();
    assert!(other.ends_with("SEC-2026-007/E1-log-2.txt"), "{other:?}");
    assert_eq!(fs::read(first).unwrap(), b"one");
    assert_eq!(fs::read(other).unwrap(), b"two");
}

#[test]
fn many_at_once_do_not_disturb_each_other() {
    let (_folder, vault) = vault();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..20 {
                    let text = format!("content {number}");
                    let stored = vault.put(text.as_bytes(), 99).unwrap();
                    assert_eq!(stored.sha256, sha256(text.as_bytes()));
                }
            });
        }
    });
    assert_eq!(files(vault.root()).len(), 20);
}

#[test]
fn what_a_kill_left_is_swept_and_nothing_else() {
    let (folder, vault) = vault();
    let stored = vault.put(&b"evidence"[..], 100).unwrap();
    let blobs = folder.path().join("evidence/blobs");
    // A process that was killed never drops what it was taking in.
    let mut intake = vault.intake(100).unwrap();
    intake.take(b"half of").unwrap();
    std::mem::forget(intake);
    let others = [".coming-x", ".coming-0123456789abcdef.txt", "notes"];
    for name in others {
        std::fs::write(blobs.join(name), "not ours").unwrap();
    }
    let left = || {
        let names = std::fs::read_dir(&blobs).unwrap();
        names.map(|it| it.unwrap().file_name()).collect::<Vec<_>>()
    };
    let before = left().len();
    let now = DateTime::<Utc>::from(std::fs::metadata(&blobs).unwrap().modified().unwrap());
    let (day, hour) = (chrono::Duration::days(1), chrono::Duration::hours(1));
    assert_eq!(vault.sweep(now - day).unwrap(), 0, "it may still be coming");
    assert_eq!(left().len(), before);
    assert_eq!(vault.sweep(now + hour).unwrap(), 1);
    assert_eq!(left().len(), before - 1);
    assert!(others.iter().all(|it| blobs.join(it).exists()));
    assert_eq!(vault.verify(&stored.sha256).unwrap(), stored);
}
