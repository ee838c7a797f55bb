//! A disk under a file system's cache: what a power cut may leave of what was written.
//!
//! A change that a sync has answered for is on the disk: it had ended before the sync began, and the sync ended before
//! the cut. Of every other change that had begun, any part may be there, in any order: a file's content goes to the
//! disk in units of 512 or 4,096 bytes, each as the cache held it after one of the writes to it, and its length before
//! or after the content. A sync of a file says nothing of its name: names are made durable by a sync of their folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// The folder that holds the store's.
pub const ROOT: usize = 0;

/// Something a process asked for, and when: positions of one order.
#[derive(Debug)]
pub struct Step {
    pub begin: u32,
    pub end: u32,
    pub node: usize,
    pub change: Change,
}

/// What happens to a file or folder.
#[derive(Debug)]
pub enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    Size { length: u64 },
    Enter { name: String, node: usize },
    Rename { from: String, to: String, node: usize },
    Leave { name: String, node: usize },
    Sync,
}

impl Change {
    /// Whether it changes a folder.
    pub fn is_of_names(&self) -> bool {
        matches!(self, Self::Enter { .. } | Self::Rename { .. } | Self::Leave { .. })
    }
}

/// How much of a change is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    Nothing,
    All,
    /// The first units of what it wrote.
    First(usize),
    /// All units but the first ones.
    Behind(usize),
    /// Units by a hash of their place.
    Mixed(u64),
}

type Names = BTreeMap<String, usize>;

enum Content {
    File(Vec<u8>),
    Folder(Names),
}

struct Node {
    /// What was durable when the recording began.
    base: Content,
    /// Of a folder, as the process sees it.
    names: Names,
    /// Changes in order of their begin.
    changes: Vec<usize>,
    /// Begin and end of each sync.
    syncs: Vec<(u32, u32)>,
}

/// Files, folders, and all that happened to them.
pub struct Disk {
    nodes: Vec<Node>,
    pub steps: Vec<Step>,
    /// By step: the end of the first sync that answers for it.
    synced: Vec<u32>,
    /// Lines that were written to standard output, with their places in the order.
    pub said: Vec<(u32, String)>,
}

/// What decides about a crash image.
pub trait Choice {
    /// Bytes that reach the disk as one.
    fn unit(&self) -> usize;
    /// Whether a file's length reaches the disk before its content.
    fn is_length_first(&self) -> bool;
    /// How much of a step is there that was not synced.
    fn kept(&self, step: usize) -> Kept;
}

impl Disk {
    /// A disk with the files in `folder`, all of them durable.
    pub fn load(folder: &Path) -> io::Result<Self> {
        let mut disk = Self { nodes: Vec::new(), steps: Vec::new(), synced: Vec::new(), said: Vec::new() };
        disk.load_folder(folder)?;
        Ok(disk)
    }

    fn load_folder(&mut self, path: &Path) -> io::Result<usize> {
        let folder = self.new_folder();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let node = if entry.file_type()?.is_dir() {
                self.load_folder(&entry.path())?
            } else {
                let node = self.new_file();
                self.nodes[node].base = Content::File(fs::read(entry.path())?);
                node
            };
            self.nodes[folder].names.insert(entry.file_name().to_string_lossy().into_owned(), node);
        }
        self.nodes[folder].base = Content::Folder(self.nodes[folder].names.clone());
        Ok(folder)
    }

    pub fn new_file(&mut self) -> usize {
        self.new_node(Content::File(Vec::new()))
    }

    pub fn new_folder(&mut self) -> usize {
        self.new_node(Content::Folder(Names::new()))
    }

    fn new_node(&mut self, base: Content) -> usize {
        self.nodes.push(Node { base, names: Names::new(), changes: Vec::new(), syncs: Vec::new() });
        self.nodes.len() - 1
    }

    /// What a name means to the process.
    pub fn find(&self, folder: usize, name: &str) -> Option<usize> {
        self.nodes[folder].names.get(name).copied()
    }

    pub fn say(&mut self, at: u32, text: &str) {
        self.said.extend(text.lines().map(|line| (at, line.to_owned())));
    }

    pub fn add(&mut self, step: Step) {
        change_names(&mut self.nodes[step.node].names, &step.change);
        self.steps.push(step);
    }

    /// To be called when all steps are known.
    pub fn settle(&mut self) {
        self.steps.sort_by_key(|step| step.begin);
        self.nodes.iter_mut().for_each(|node| (node.changes, node.syncs) = (Vec::new(), Vec::new()));
        for (at, step) in self.steps.iter().enumerate() {
            let node = &mut self.nodes[step.node];
            match step.change {
                Change::Sync => node.syncs.push((step.begin, step.end)),
                _ => node.changes.push(at),
            }
        }
        self.find_synced();
    }

    fn find_synced(&mut self) {
        let synced = |step: &Step| {
            let syncs = self.nodes[step.node].syncs.iter().filter(|(begin, _)| step.end < *begin);
            syncs.map(|(_, end)| *end).min().unwrap_or(u32::MAX)
        };
        self.synced = self.steps.iter().map(synced).collect();
    }

    /// Plants a fault: the file or the files of the folder at this path were never synced.
    pub fn forget_syncs(&mut self, path: &str) {
        let wanted = path.split('/').fold(vec![ROOT], |folders, name| self.ever_in(&folders, Some(name)));
        let files = self.ever_in(&wanted, None).into_iter().chain(wanted);
        for node in files.filter(|&node| matches!(self.nodes[node].base, Content::File(_))).collect::<Vec<_>>() {
            self.nodes[node].syncs.clear();
        }
        self.find_synced();
    }

    /// What was in some folders at any time, under one name or under all.
    fn ever_in(&self, folders: &[usize], wanted: Option<&str>) -> Vec<usize> {
        let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted == name);
        let entered = self.steps.iter().filter(|step| folders.contains(&step.node));
        let entered = entered.filter_map(|step| match &step.change {
            Change::Enter { name, node } if is_wanted(name) => Some(*node),
            Change::Rename { to, node, .. } if is_wanted(to) => Some(*node),
            _ => None,
        });
        let base = folders.iter().filter_map(|&folder| match &self.nodes[folder].base {
            Content::Folder(names) => Some(names.iter().filter(|(name, _)| is_wanted(name)).map(|(_, node)| *node)),
            Content::File(_) => None,
        });
        entered.chain(base.flatten()).collect()
    }

    /// Whether a sync that ended before `point` answers for the change.
    fn is_durable(&self, step: usize, point: u32) -> bool {
        self.synced[step] < point
    }

    /// Changes that had begun before `point` and that no sync answers for.
    pub fn unsynced(&self, point: u32) -> Vec<usize> {
        let begun = self.steps.iter().take_while(|step| step.begin < point).enumerate();
        let changes = begun.filter(|(_, step)| !matches!(step.change, Change::Sync));
        changes.map(|(at, _)| at).filter(|&at| !self.is_durable(at, point)).collect()
    }

    /// What was said before `point`.
    pub fn said_before(&self, point: u32) -> impl Iterator<Item = &str> {
        self.said.iter().take_while(move |(at, _)| *at < point).map(|(_, line)| line.as_str())
    }
}

fn change_names(names: &mut Names, change: &Change) {
    match change {
        Change::Enter { name, node } => {
            names.insert(name.clone(), *node);
        }
        Change::Rename { from, to, node } => {
            if names.get(from) == Some(node) {
                names.remove(from);
            }
            names.insert(to.clone(), *node);
        }
        Change::Leave { name, node } => {
            if names.get(name) == Some(node) {
                names.remove(name);
            }
        }
        Change::Write { .. } | Change::Size { .. } | Change::Sync => {}
    }
}

/// Builds images of one recording. Those of later points are cheaper when they come later: what is durable is kept.
pub struct Builder<'a> {
    disk: &'a Disk,
    /// By file: how many of its changes are in the content, all of them durable.
    durable: Vec<(usize, Vec<u8>)>,
    point: u32,
}

impl<'a> Builder<'a> {
    pub fn new(disk: &'a Disk) -> Self {
        Self { disk, durable: Vec::new(), point: 0 }
    }

    /// Writes what a power cut at `point` leaves to the empty folder `to`.
    pub fn build(&mut self, point: u32, choice: &dyn Choice, to: &Path) -> io::Result<()> {
        if point < self.point || self.durable.is_empty() {
            let base = |node: &Node| match &node.base {
                Content::File(bytes) => (0, bytes.clone()),
                Content::Folder(_) => (0, Vec::new()),
            };
            self.durable = self.disk.nodes.iter().map(base).collect();
        }
        self.point = point;
        self.build_folder(ROOT, choice, to)
    }

    fn build_folder(&mut self, folder: usize, choice: &dyn Choice, to: &Path) -> io::Result<()> {
        let disk = self.disk;
        let Content::Folder(base) = &disk.nodes[folder].base else { return Err(io::ErrorKind::NotADirectory.into()) };
        let mut names = base.clone();
        for &at in &disk.nodes[folder].changes {
            let step = &disk.steps[at];
            if step.begin >= self.point {
                break;
            }
            if disk.is_durable(at, self.point) || choice.kept(at) != Kept::Nothing {
                change_names(&mut names, &step.change);
            }
        }
        for (name, node) in names {
            let path = to.join(name);
            match disk.nodes[node].base {
                Content::Folder(_) => {
                    fs::create_dir(&path)?;
                    self.build_folder(node, choice, &path)?;
                }
                Content::File(_) => fs::write(&path, self.content(node, choice))?,
            }
        }
        Ok(())
    }

    fn content(&mut self, node: usize, choice: &dyn Choice) -> Vec<u8> {
        let (disk, point) = (self.disk, self.point);
        let changes = &disk.nodes[node].changes;
        let (count, durable) = &mut self.durable[node];
        while let Some(&at) = changes.get(*count).filter(|&&at| disk.is_durable(at, point)) {
            match &disk.steps[at].change {
                Change::Write { offset, bytes } => write(durable, *offset as usize, bytes),
                Change::Size { length } => durable.resize(*length as usize, 0),
                _ => {}
            }
            *count += 1;
        }
        let mut cached = Cached { disk: durable.clone(), units: BTreeMap::new(), length: durable.len() };
        for &at in changes[*count..].iter().take_while(|&&at| disk.steps[at].begin < point) {
            let kept = if disk.is_durable(at, point) { Kept::All } else { choice.kept(at) };
            cached.change(&disk.steps[at].change, kept, choice);
        }
        cached.disk
    }
}

fn write(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if content.len() < offset + bytes.len() {
        content.resize(offset + bytes.len(), 0);
    }
    content[offset..offset + bytes.len()].copy_from_slice(bytes);
}

/// A file on the disk, and units of it that the cache holds otherwise.
struct Cached {
    disk: Vec<u8>,
    units: BTreeMap<usize, Vec<u8>>,
    /// As the process sees it.
    length: usize,
}

impl Cached {
    fn change(&mut self, change: &Change, kept: Kept, choice: &dyn Choice) {
        let unit = choice.unit();
        match change {
            Change::Write { offset, bytes } if !bytes.is_empty() => {
                self.write(*offset as usize, bytes, kept, unit);
                if choice.is_length_first() && self.disk.len() < self.length {
                    self.disk.resize(self.length, 0);
                }
            }
            Change::Size { length } => {
                let length = *length as usize;
                // What lies behind the new end is gone from the cache, whatever the disk does.
                for at in length / unit..self.length.div_ceil(unit) {
                    let mut held = self.unit(at, unit);
                    held[length.saturating_sub(at * unit).min(unit)..].fill(0);
                    self.units.insert(at, held);
                }
                self.length = length;
                if kept != Kept::Nothing {
                    self.disk.resize(length, 0);
                }
            }
            _ => {}
        }
    }

    fn unit(&self, at: usize, unit: usize) -> Vec<u8> {
        self.units.get(&at).cloned().unwrap_or_else(|| {
            let mut held = vec![0; unit];
            let from = (at * unit).min(self.disk.len());
            let bytes = &self.disk[from..(from + unit).min(self.disk.len())];
            held[..bytes.len()].copy_from_slice(bytes);
            held
        })
    }

    fn write(&mut self, offset: usize, bytes: &[u8], kept: Kept, unit: usize) {
        let end = offset + bytes.len();
        self.length = self.length.max(end);
        let first = offset / unit;
        for at in first..end.div_ceil(unit) {
            let mut held = self.unit(at, unit);
            let (from, to) = (offset.max(at * unit), end.min((at + 1) * unit));
            held[from - at * unit..to - at * unit].copy_from_slice(&bytes[from - offset..to - offset]);
            let is_kept = match kept {
                Kept::Nothing => false,
                Kept::All => true,
                Kept::First(count) => at - first < count,
                Kept::Behind(count) => at - first >= count,
                Kept::Mixed(seed) => hash(seed ^ at as u64) & 1 == 1,
            };
            if is_kept {
                // Behind the end a unit holds zeros, which show where the disk knows a later one.
                let length = self.length.max(self.disk.len()).min((at + 1) * unit);
                write(&mut self.disk, at * unit, &held[..length - at * unit]);
            }
            self.units.insert(at, held);
        }
    }
}

/// A number without a pattern for each number (the finalizer of MurmurHash3).
pub fn hash(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests;
