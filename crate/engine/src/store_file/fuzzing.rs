//! `STORE` and `CHECKPOINT` from any bytes: what is accepted is written back as what was read.
//!
//! Input: `flags ‖ text`.

use super::*;
use crate::fuzzing::STAMP;

const CHECKPOINT: u8 = 2;

/// Reads `STORE` or `CHECKPOINT`; panics when it is not written back as it was read.
pub fn small_files(input: &[u8]) {
    let Some((flags, bytes)) = input.split_first() else { return };
    let mut bytes = bytes.to_vec();
    if flags & STAMP != 0 {
        stamp(&mut bytes);
    }
    let fields = |bytes: Vec<u8>| Fields::of("here".into(), bytes);
    if flags & CHECKPOINT == 0 {
        let parse = |bytes| fields(bytes).and_then(|fields| parse_format(&fields));
        if let Ok(format) = parse(bytes) {
            // It is always written at the newest version.
            let written = Format { version: FORMAT_VERSION, ..format };
            assert_eq!(parse(format_text(&format).into()).ok(), Some(written));
        }
    } else {
        let parse = |bytes| fields(bytes).and_then(|fields| parse_checkpoint(&fields));
        if let Ok(file) = parse(bytes) {
            assert_eq!(parse(checkpoint_text(&file).into()).ok(), Some(file));
        }
    }
}

/// Makes the checksum that stands first that of all before it.
fn stamp(bytes: &mut Vec<u8>) {
    const NAME: &[u8] = b"crc32c ";
    let end = bytes.windows(NAME.len()).position(|window| window == NAME).unwrap_or(bytes.len());
    let line = format!("crc32c {:08x}\n", crc32c::crc32c(&bytes[..end]));
    let rest = bytes.split_off(end);
    bytes.extend_from_slice(line.as_bytes());
    bytes.extend(rest.into_iter().skip(line.len()));
}

/// Both files as a store writes them.
pub fn small_file_seeds() -> Vec<Vec<u8>> {
    let format = |compression| format_text(&Format::new(0x0123_4567_89ab_cdef, compression));
    let formats = [Compression::None, Compression::Lz4, Compression::Deflate].map(format);
    let checkpoint = checkpoint_text(&CheckpointFile { applied: 1_234, number: 56, hash: 0xfeed });
    let mut seeds: Vec<_> = formats.iter().map(|text| [&[STAMP], text.as_bytes()].concat()).collect();
    seeds.push([&[STAMP | CHECKPOINT], checkpoint.as_bytes()].concat());
    seeds
}
