//! The small files `STORE` and `CHECKPOINT`: text lines with a checksum, replaced by tmp, fsync, rename, folder fsync.

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use crate::error::{Error, ErrorCode, Result};
use crate::options::Compression;
use crate::store::{COUNT_MAX, Seq};

/// Version of everything on disk; raised by a change an older SledStore could not read.
/// Format 1 had the blocks in sled itself, format 2 compressed each as a whole.
pub(crate) const FORMAT_VERSION: u32 = 3;
/// Names the store's folder as one.
pub(crate) const STORE_FILE: &str = "STORE";
/// Names the last completed checkpoint.
pub(crate) const CHECKPOINT_FILE: &str = "CHECKPOINT";

/// More than any of these files has.
const FILE_BYTES_MAX: u64 = 4 << 10;

/// What is fixed for a store's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// Of what lies in the folder, until it is opened: then it is raised to [`FORMAT_VERSION`].
    pub version: u32,
    pub store_id: u128,
    pub compression: Compression,
}

/// What the last completed checkpoint left (E15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CheckpointFile {
    pub applied: Seq,
    pub number: u64,
    pub hash: u64,
}

impl Format {
    /// That of a store to come.
    pub fn new(store_id: u128, compression: Compression) -> Self {
        Self { version: FORMAT_VERSION, store_id, compression }
    }
}

/// Writes `STORE`, at the version of this SledStore.
pub(crate) fn write_format(folder: &Path, format: &Format) -> Result<()> {
    write(folder, STORE_FILE, &format_text(format))
}

fn format_text(format: &Format) -> String {
    let id = format!("{:032x}", format.store_id);
    text(&[("format", FORMAT_VERSION.to_string()), ("id", id), ("compression", format.compression.name().into())])
}

/// `None` when the folder holds no `STORE`.
pub(crate) fn read_format(folder: &Path) -> Result<Option<Format>> {
    Fields::read(folder, STORE_FILE)?.map(|fields| parse_format(&fields)).transpose()
}

fn parse_format(fields: &Fields) -> Result<Format> {
    // First, for a damaged number is no newer one: the line with the checksum is the last in every format.
    fields.check()?;
    let version: u32 = fields.parse("format")?;
    if version > FORMAT_VERSION {
        return Err(Error::new(
            ErrorCode::FormatTooNew,
            format!(
                "{} has format {version}, this SledStore reads up to {FORMAT_VERSION}; update the package",
                fields.place
            ),
        ));
    }
    let compression =
        Compression::from_name(fields.text("compression")?).ok_or_else(|| fields.damaged("compression"))?;
    let store_id = u128::from_str_radix(fields.text("id")?, 16).map_err(|_| fields.damaged("id"))?;
    Ok(Format { version, store_id, compression })
}

pub(crate) fn write_checkpoint(folder: &Path, file: &CheckpointFile) -> Result<()> {
    write(folder, CHECKPOINT_FILE, &checkpoint_text(file))
}

fn checkpoint_text(file: &CheckpointFile) -> String {
    let hash = format!("{:016x}", file.hash);
    text(&[("applied", file.applied.to_string()), ("number", file.number.to_string()), ("hash", hash)])
}

/// `None` before the first checkpoint.
pub(crate) fn read_checkpoint(folder: &Path) -> Result<Option<CheckpointFile>> {
    Fields::read(folder, CHECKPOINT_FILE)?.map(|fields| parse_checkpoint(&fields)).transpose()
}

fn parse_checkpoint(fields: &Fields) -> Result<CheckpointFile> {
    fields.check()?;
    let hash = u64::from_str_radix(fields.text("hash")?, 16).map_err(|_| fields.damaged("hash"))?;
    let count =
        |key| fields.parse(key).and_then(|count| if count > COUNT_MAX { Err(fields.damaged(key)) } else { Ok(count) });
    Ok(CheckpointFile { applied: count("applied")?, number: count("number")?, hash })
}

/// The fields, and the checksum of their text behind them.
fn text(fields: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (key, value) in fields {
        text.push_str(&format!("{key} {value}\n"));
    }
    let checksum = crc32c::crc32c(text.as_bytes());
    text.push_str(&format!("crc32c {checksum:08x}\n"));
    text
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    let temporary = folder.join(format!("{name}.tmp"));
    let fail = |error| Error::io(format!("writing {}", path.display()), error);
    let open = sledstore_sys::private_file().write(true).create(true).truncate(true).open(&temporary);
    let mut file = open.map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    sledstore_sys::full_sync(&file).map_err(fail)?;
    fs::rename(&temporary, &path).map_err(fail)?;
    sync_folder(folder)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(windows) {
        // A folder cannot be opened for syncing there; NTFS journals its names.
        return Ok(());
    }
    let fail = |error| Error::io(format!("syncing {}", folder.display()), error);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(fail)
}

struct Fields {
    place: String,
    text: String,
}

impl Fields {
    fn read(folder: &Path, name: &str) -> Result<Option<Self>> {
        let path = folder.join(name);
        let mut bytes = Vec::new();
        let file = sledstore_sys::private_file().read(true).open(&path);
        match file.and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)) {
            Ok(_) if bytes.len() as u64 > FILE_BYTES_MAX => Err(Error::corruption(path.display(), "it is too long")),
            Ok(_) => Self::of(path.display().to_string(), bytes).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(format!("reading {}", path.display()), error)),
        }
    }

    fn of(place: String, bytes: Vec<u8>) -> Result<Self> {
        let text = String::from_utf8(bytes).map_err(|_| Error::corruption(&place, "it is not text"))?;
        Ok(Self { place, text })
    }

    fn check(&self) -> Result<()> {
        let stated = u32::from_str_radix(self.text("crc32c")?, 16).map_err(|_| self.damaged("crc32c"))?;
        let end = self.text.find("crc32c ").ok_or_else(|| self.damaged("crc32c"))?;
        if crc32c::crc32c(&self.text.as_bytes()[..end]) == stated {
            Ok(())
        } else {
            Err(Error::corruption(&self.place, "its checksum does not fit"))
        }
    }

    fn text(&self, key: &str) -> Result<&str> {
        let line = self.text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        line.ok_or_else(|| self.damaged(key))
    }

    fn parse<T: std::str::FromStr>(&self, key: &str) -> Result<T> {
        self.text(key)?.parse().map_err(|_| self.damaged(key))
    }

    fn damaged(&self, key: &str) -> Error {
        Error::corruption(&self.place, format!("its field {key} is missing or damaged"))
    }
}
