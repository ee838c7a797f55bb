//! Calls as `strace` tells of them.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;

/// A string as `strace -xx` writes it.
fn hex(text: &str) -> String {
    let bytes: String = text.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    format!("\"{bytes}\"")
}

fn read_text(text: &str) -> Result<Disk, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut disk = Disk::load(folder.path()).unwrap();
    read(text, Path::new("/s"), &mut disk).map(|()| disk)
}

#[test]
fn writes_are_told_with_offset_bytes_and_place() {
    let text = format!(
        "7 openat(AT_FDCWD, {}, O_RDWR|O_CREAT|O_CLOEXEC, 0666) = 4\n7 write(4, {}, 2) = 2\n7 write(4, {}, 2) = 1\n\
         7 pwrite64(4, {}, 1, 9) = 1\n7 write(1, {}, 7) = 7\n",
        hex("/s/f"),
        hex("ab"),
        hex("cd"),
        hex("e"),
        hex("done 1\n")
    );
    let disk = read_text(&text).unwrap();
    let writes: Vec<_> = (disk.steps.iter())
        .filter_map(|step| match &step.change {
            Change::Write { offset, bytes } => Some((step.begin, *offset, bytes.as_slice())),
            _ => None,
        })
        .collect();
    assert_eq!(writes, [(1, 0, &b"ab"[..]), (2, 2, b"c"), (3, 9, b"e")]);
    assert_eq!(disk.said, [(4, "done 1".to_owned())]);
}

#[test]
fn a_call_in_two_lines_lasts_from_the_one_to_the_other() {
    let text = format!(
        "7 openat(AT_FDCWD, {}, O_RDWR|O_CREAT) = 4\n8 fsync(4 <unfinished ...>\n7 write(4, {}, 1 <unfinished ...>\n\
         8 <... fsync resumed>) = 0\n9 close(4) = -1 EBADF (Bad file descriptor)\n7 <... write resumed>) = 1 (DELAYED)\n",
        hex("/s/f"),
        hex("a")
    );
    let disk = read_text(&text).unwrap();
    let places: Vec<_> = disk.steps.iter().map(|step| (step.begin, step.end)).collect();
    assert_eq!(places, [(0, 0), (1, 3), (2, 5)]);
}

#[test]
fn a_descriptor_is_free_when_its_close_begins() {
    let text = format!(
        "7 openat(AT_FDCWD, {0}, O_RDWR|O_CREAT) = 4\n7 close(4 <unfinished ...>\n\
         8 openat(AT_FDCWD, {1}, O_RDWR|O_CREAT) = 4\n7 <... close resumed>) = 0\n8 write(4, {2}, 1) = 1\n",
        hex("/s/f"),
        hex("/s/g"),
        hex("a")
    );
    let disk = read_text(&text).unwrap();
    assert_eq!(disk.steps.last().map(|step| step.node), disk.find(ROOT, "g"));
}

#[test]
fn what_was_cut_off_never_ended() {
    let text = format!(
        "7 openat(AT_FDCWD, {0}, O_RDWR|O_CREAT) = 4\n7 write(4, {1}, 1 <unfinished ...>\n\
         8 fdatasync(4 <unfinished ...>\n8 <... fdatasync resumed>) = ?\n9 pwrite64(4, {1}, 1, 5 <detached ...>\n\
         7 +++ exited with 0 +++\n",
        hex("/s/f"),
        hex("a")
    );
    let disk = read_text(&text).unwrap();
    let places: Vec<_> = disk.steps.iter().map(|step| (step.begin, step.end)).collect();
    assert_eq!(places, [(0, 0), (1, u32::MAX), (4, u32::MAX)], "and a sync that was cut off was none");
}

#[test]
fn names_are_followed() {
    let text = format!(
        "7 mkdir({0}, 0777) = 0\n7 openat(AT_FDCWD, {1}, O_WRONLY|O_CREAT|O_TRUNC) = 4\n7 rename({1}, {2}) = 0\n\
         7 openat(AT_FDCWD, {0}, O_RDONLY) = 5\n7 fsync(5) = 0\n7 unlink({2}) = 0\n7 unlink({2}) = -1 ENOENT (No such)\n",
        hex("/s/d"),
        hex("/s/d/f.new"),
        hex("/s/d/f")
    );
    let disk = read_text(&text).unwrap();
    assert_eq!(disk.steps.len(), 5);
    let folder = disk.find(ROOT, "d").unwrap();
    assert_eq!((disk.find(folder, "f"), disk.find(folder, "f.new")), (None, None));
    assert!(disk.unsynced(5).iter().all(|&at| disk.steps[at].node == ROOT), "the folder's own name is not synced");
}

#[test]
fn what_the_model_does_not_know_is_refused() {
    let open = format!("7 openat(AT_FDCWD, {}, O_RDWR|O_CREAT) = 4\n", hex("/s/f"));
    for call in ["fallocate(4, 0, 0, 10) = 0", "copy_file_range(3, NULL, 4, NULL, 10, 0) = 10", "dup(4) = 5"] {
        assert!(read_text(&format!("{open}7 {call}\n")).is_err(), "{call}");
    }
    assert!(read_text(&format!("7 link({}, {}) = 0\n", hex("/s/f"), hex("/s/g"))).is_err());
    assert!(read_text("7 dup(4) = 5\n").is_ok(), "a file of somebody else");
    assert!(read_text(&format!("{open}7 fcntl(4, F_GETFD) = 0x1 (flags FD_CLOEXEC)\n")).is_ok());
    assert!(read_text(&format!("{open}7 fcntl(4, F_DUPFD_CLOEXEC, 3) = 5\n")).is_err());
}
