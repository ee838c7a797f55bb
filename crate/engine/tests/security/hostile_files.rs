//! Files whose checksums fit, made by somebody who knows the format.

use std::fs::{self, File};

use sledstore_engine::{ErrorCode, Store};

use crate::store::{options, refusal, sample};

const TERABYTE: u64 = 1 << 40;

/// A file with a hole takes no space and would take all memory to read.
#[test]
fn of_a_terabyte_are_not_read() {
    for name in ["STORE", "CHECKPOINT", "LOCK", "sled/conf", "sled/snap.7"] {
        let (_above, folder) = sample();
        let path = folder.join(name);
        File::options().write(true).create(true).truncate(false).open(path).unwrap().set_len(TERABYTE).unwrap();
        // What `LOCK` holds counts for nothing, and sled's settings are known: they are written anew.
        let expected = (!["LOCK", "sled/conf"].contains(&name)).then_some(ErrorCode::Corruption);
        assert_eq!(refusal(&folder, &options()), expected, "{name}");
    }
}

#[test]
fn that_are_pipes_hold_nothing_up() {
    for name in ["LOCK", "STORE", "CHECKPOINT", "journal/00000009-0000000000000009.journal", "sled/snap.7"] {
        let (above, folder) = sample();
        let path = folder.join(name);
        if path.exists() {
            fs::remove_file(&path).unwrap();
        }
        make_pipe(&path);
        assert_eq!(refusal(&folder, &options()), Some(ErrorCode::InsecureFolder), "{name}");
        let pipe = above.path().join("pipe");
        make_pipe(&pipe);
        let opened = Store::open_snapshot(&pipe, &options());
        assert_eq!(opened.err().map(|error| error.code()), Some(ErrorCode::NotAStore));
    }
}

fn make_pipe(path: &std::path::Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Writes `CHECKPOINT` with a checksum that fits.
fn checkpoint_file(applied: u64, number: u64) -> String {
    let text = format!("applied {applied}\nnumber {number}\nhash {:016x}\n", 7);
    format!("{text}crc32c {:08x}\n", crc32c::crc32c(text.as_bytes()))
}

#[test]
fn that_count_beyond_all_stores_are_corruption() {
    for (applied, number) in [(u64::MAX, 1), (1, u64::MAX), (1 << 53, 1)] {
        let (_above, folder) = sample();
        fs::write(folder.join("CHECKPOINT"), checkpoint_file(applied, number)).unwrap();
        assert_eq!(refusal(&folder, &options()), Some(ErrorCode::Corruption), "{applied} {number}");
    }
}

#[test]
fn that_are_published_and_count_beyond_all_stores_are_corruption() {
    let (above, folder) = sample();
    let file = above.path().join("published");
    let store = Store::open(&folder, &options()).unwrap();
    store.publish(&file, &mut |_| true).unwrap();
    store.close().unwrap();
    let whole = fs::read(&file).unwrap();
    for (at, number) in [(28, u64::MAX), (28, u64::from(u32::MAX)), (36, u64::MAX), (36, 1 << 53)] {
        let mut bytes = whole.clone();
        bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..60]);
        bytes[60..64].copy_from_slice(&crc.to_le_bytes());
        fs::write(&file, bytes).unwrap();
        let opened = Store::open_snapshot(&file, &options());
        assert_eq!(opened.err().map(|error| error.code()), Some(ErrorCode::Corruption), "{at} {number}");
        let restored = Store::restore(&file, &above.path().join("restored"), &options(), &mut |_| true);
        assert_eq!(restored.map_err(|error| error.code()), Err(ErrorCode::Corruption), "{at} {number}");
        assert!(!above.path().join("restored").exists());
    }
}

/// The names of segments come from the folder: none leads out of it, and none counts beyond all stores.
#[test]
fn that_are_segments_of_impossible_names_are_corruption_or_ignored() {
    let (_above, folder) = sample();
    for name in ["ffffffff-0000000000000009.journal", "00000009-ffffffffffffffff.journal"] {
        let path = folder.join("journal").join(name);
        let mut header = [0_u8; 64];
        header[..8].copy_from_slice(b"SLEDJRNL");
        header[8..12].copy_from_slice(&1_u32.to_le_bytes());
        let id = fs::read_to_string(folder.join("STORE")).unwrap();
        let id = id.lines().find_map(|line| line.strip_prefix("id ")).unwrap();
        header[12..28].copy_from_slice(&u128::from_str_radix(id, 16).unwrap().to_le_bytes());
        header[28..32].copy_from_slice(&u32::from_str_radix(&name[..8], 16).unwrap().to_le_bytes());
        header[32..40].copy_from_slice(&u64::from_str_radix(&name[9..25], 16).unwrap().to_le_bytes());
        let crc = crc32c::crc32c(&header[..60]);
        header[60..].copy_from_slice(&crc.to_le_bytes());
        fs::write(&path, header).unwrap();
        assert_eq!(refusal(&folder, &options()), Some(ErrorCode::Corruption), "{name}");
        fs::remove_file(&path).unwrap();
    }
    fs::write(folder.join("journal").join("..journal"), b"").unwrap();
    assert_eq!(refusal(&folder, &options()), None);
}
