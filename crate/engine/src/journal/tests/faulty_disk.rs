//! A disk in memory that logs every operation, fails the one it is told to, and shows what a crash may leave.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock, RwLockWriteGuard};
use rand::Rng;
use rand::rngs::SmallRng;

use crate::disk::{Disk, DiskFile, ReadAt};

/// Handles of one disk share its state.
#[derive(Clone, Default)]
pub(crate) struct FaultyDisk {
    model: Arc<Mutex<Model>>,
    /// Every sync passes through it.
    gate: Arc<RwLock<()>>,
}

#[derive(Default)]
struct Model {
    files: Vec<FileModel>,
    names: BTreeMap<PathBuf, usize>,
    /// Names as the last sync of the folder left them, and what was done since.
    synced_names: BTreeMap<PathBuf, usize>,
    name_changes: Vec<NameChange>,
    folders: BTreeSet<PathBuf>,
    log: Vec<String>,
    fault: Option<Fault>,
    sync_takes: Duration,
}

#[derive(Clone, Default)]
struct FileModel {
    bytes: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Clone)]
enum NameChange {
    Set(PathBuf, usize),
    Remove(PathBuf),
}

#[derive(Clone, Copy)]
struct Fault {
    /// Index in the log of the operation that fails.
    at: usize,
    /// Whether all later ones fail, too, as after a crash.
    for_good: bool,
    kind: ErrorKind,
}

fn apply(names: &mut BTreeMap<PathBuf, usize>, change: NameChange) {
    match change {
        NameChange::Set(path, file) => drop(names.insert(path, file)),
        NameChange::Remove(path) => drop(names.remove(&path)),
    }
}

fn short(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

impl Model {
    /// Logs an operation that changes the disk; says whether it fails.
    fn step(&mut self, operation: String) -> io::Result<()> {
        let at = self.log.len();
        self.log.push(operation);
        match self.fault {
            Some(fault) if at == fault.at || (fault.for_good && at > fault.at) => Err(fault.kind.into()),
            _ => Ok(()),
        }
    }

    fn change(&mut self, change: NameChange) {
        self.name_changes.push(change.clone());
        apply(&mut self.names, change);
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn name_of(&self, file: usize) -> String {
        self.names.iter().find(|(_, id)| **id == file).map_or_else(String::new, |(path, _)| short(path))
    }
}

impl FaultyDisk {
    /// Fails the operation `after` operations from now, and only that one.
    pub(crate) fn fail_once(&self, after: usize, kind: ErrorKind) {
        let mut model = self.model.lock();
        model.fault = Some(Fault { at: model.log.len() + after, for_good: false, kind });
    }

    /// From the `at`th operation on, nothing works any more.
    pub(crate) fn crash_at(&self, at: usize) {
        self.model.lock().fault = Some(Fault { at, for_good: true, kind: ErrorKind::Other });
    }

    /// Every sync takes this long.
    pub(crate) fn slow_syncs(&self, sync_takes: Duration) {
        self.model.lock().sync_takes = sync_takes;
    }

    /// Syncs are logged, and then last until the guard goes.
    pub(crate) fn hold_syncs(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write()
    }

    /// The operations so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.model.lock().log.clone()
    }

    pub(crate) fn clear_log(&self) {
        self.model.lock().log.clear();
    }

    /// How many operations so far start with `prefix`.
    pub(crate) fn count(&self, prefix: &str) -> usize {
        self.model.lock().log.iter().filter(|operation| operation.starts_with(prefix)).count()
    }

    /// A file's bytes.
    pub(crate) fn bytes(&self, path: &Path) -> Vec<u8> {
        let model = self.model.lock();
        let file = model.find(path).unwrap();
        model.files[file].bytes.clone()
    }

    /// Replaces (or creates) a file, durably.
    pub(crate) fn set_bytes(&self, path: &Path, bytes: Vec<u8>) {
        let mut model = self.model.lock();
        let file = model.files.len();
        model.files.push(FileModel { synced: bytes.clone(), bytes });
        model.names.insert(path.to_path_buf(), file);
        model.synced_names.insert(path.to_path_buf(), file);
    }

    /// An independent copy without faults: what a killed process leaves.
    pub(crate) fn kill_image(&self) -> Self {
        let model = self.model.lock();
        let copy = Model {
            files: model.files.clone(),
            names: model.names.clone(),
            synced_names: model.synced_names.clone(),
            name_changes: model.name_changes.clone(),
            folders: model.folders.clone(),
            ..Model::default()
        };
        Self { model: Arc::new(Mutex::new(copy)), ..Self::default() }
    }

    /// What a power cut may leave: of names, the synced ones and a prefix of the later changes; of each file, the
    /// synced bytes and a prefix of the later ones, torn anywhere, sometimes with a hole of zeros.
    pub(crate) fn crash_image(&self, random: &mut SmallRng) -> Self {
        let model = self.model.lock();
        let mut names = model.synced_names.clone();
        let survived = random.random_range(0..=model.name_changes.len());
        model.name_changes[..survived].iter().cloned().for_each(|change| apply(&mut names, change));
        let files = model.files.iter().map(|file| file.crashed(random)).collect();
        let copy =
            Model { files, synced_names: names.clone(), names, folders: model.folders.clone(), ..Model::default() };
        Self { model: Arc::new(Mutex::new(copy)), ..Self::default() }
    }
}

impl FileModel {
    fn crashed(&self, random: &mut SmallRng) -> Self {
        let is_appended = self.bytes.starts_with(&self.synced);
        let mut bytes = if is_appended {
            let length = random.random_range(self.synced.len()..=self.bytes.len());
            self.bytes[..length].to_vec()
        } else if random.random() {
            self.bytes.clone()
        } else {
            self.synced.clone()
        };
        if is_appended && bytes.len() > self.synced.len() && random.random_ratio(1, 4) {
            let start = random.random_range(self.synced.len()..bytes.len());
            let end = random.random_range(start..=bytes.len());
            bytes[start..end].fill(0);
        }
        Self { synced: bytes.clone(), bytes }
    }
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut model = self.model.lock();
        model.step(format!("create {}", short(path)))?;
        let file = model.files.len();
        model.files.push(FileModel::default());
        model.change(NameChange::Set(path.to_path_buf(), file));
        Ok(Arc::new(FaultyFile { disk: self.clone(), file }))
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = self.model.lock().find(path)?;
        Ok(Arc::new(FaultyFile { disk: self.clone(), file }))
    }

    fn open_read(&self, path: &Path) -> io::Result<(Box<dyn Read + Send>, u64)> {
        let bytes = {
            let model = self.model.lock();
            model.files[model.find(path)?].bytes.clone()
        };
        let length = bytes.len() as u64;
        Ok((Box::new(Cursor::new(bytes)), length))
    }

    fn open_at(&self, path: &Path) -> io::Result<Arc<dyn ReadAt>> {
        let file = self.model.lock().find(path)?;
        Ok(Arc::new(FaultyFile { disk: self.clone(), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut model = self.model.lock();
        model.step(format!("rename {} {}", short(from), short(to)))?;
        let file = model.find(from)?;
        // One change: a rename is atomic. The old name's leftover is removed by the next.
        model.change(NameChange::Set(to.to_path_buf(), file));
        model.change(NameChange::Remove(from.to_path_buf()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut model = self.model.lock();
        model.step(format!("remove {}", short(path)))?;
        model.find(path)?;
        model.change(NameChange::Remove(path.to_path_buf()));
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let model = self.model.lock();
        Ok(model.names.keys().filter(|path| path.parent() == Some(folder)).map(|path| short(path)).collect())
    }

    fn create_folder(&self, folder: &Path) -> io::Result<bool> {
        let mut model = self.model.lock();
        if model.folders.contains(folder) {
            return Ok(false);
        }
        model.step(format!("create_folder {}", short(folder)))?;
        model.folders.insert(folder.to_path_buf());
        Ok(true)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut model = self.model.lock();
        model.step(format!("sync_folder {}", short(folder)))?;
        model.synced_names = model.names.clone();
        model.name_changes.clear();
        Ok(())
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    file: usize,
}

impl FaultyFile {
    fn sync(&self, operation: &str) -> io::Result<()> {
        let (bytes, sync_takes) = {
            let mut model = self.disk.model.lock();
            let name = model.name_of(self.file);
            model.step(format!("{operation} {name}"))?;
            (model.files[self.file].bytes.clone(), model.sync_takes)
        };
        if !sync_takes.is_zero() {
            std::thread::sleep(sync_takes);
        }
        drop(self.disk.gate.read());
        self.disk.model.lock().files[self.file].synced = bytes;
        Ok(())
    }
}

impl DiskFile for FaultyFile {
    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        let mut model = self.disk.model.lock();
        let name = model.name_of(self.file);
        let outcome = model.step(format!("write {name}"));
        let written = if outcome.is_ok() { bytes.len() } else { bytes.len() / 2 };
        model.files[self.file].bytes.extend_from_slice(&bytes[..written]);
        outcome
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync("sync_data")
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync("sync_all")
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        let mut model = self.disk.model.lock();
        let name = model.name_of(self.file);
        model.step(format!("truncate {name}"))?;
        model.files[self.file].bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }
}

impl ReadAt for FaultyFile {
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let model = self.disk.model.lock();
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let found = model.files[self.file].bytes.get(from..).and_then(|rest| rest.get(..bytes.len()));
        bytes.copy_from_slice(found.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.model.lock().files[self.file].bytes.len() as u64)
    }
}
