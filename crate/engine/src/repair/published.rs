//! A damaged snapshot file: the blocks that it still has.

use std::fs::File;
use std::path::Path;

use sledstore_sys::FileMap;

use super::blocks::Source;
use super::folder::Damaged;
use super::{Effect, Lost, not_a_store};
use crate::error::{Error, Result};
use crate::snapshot_file::salvage;

pub(super) fn read(path: &Path) -> Result<Damaged> {
    let fail = |error| Error::io(format!("reading {}", path.display()), error);
    let file = File::open(path).map_err(fail)?;
    let metadata = file.metadata().map_err(fail)?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Err(not_a_store(path));
    }
    let map = FileMap::open(&file).map_err(fail)?;
    let Some(found) = salvage(path, &map) else { return Err(not_a_store(path)) };
    let what = "it holds no rows, and the blocks were looked for without it";
    let lost = found.bad.iter().map(|bytes| Lost::anywhere("", Effect::None, what).at(bytes)).collect();
    Ok(Damaged {
        compression: found.compression,
        epoch: found.epoch.and_then(|epoch| u32::try_from(epoch).ok()),
        completed: found.completed,
        source: Source { file: Some(map), entries: found.entries, ..Source::default() },
        runs: Vec::new(),
        journal: None,
        lost,
        lock: None,
    })
}
