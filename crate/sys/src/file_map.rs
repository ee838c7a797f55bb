//! A file's bytes in the address space.

use std::fs::File;
use std::io;
use std::ops::Deref;

/// A whole file, mapped for reading: its pages come from the system's cache and may go back to it at any time.
#[derive(Debug)]
pub struct FileMap(memmap2::Mmap);

impl FileMap {
    /// Maps a file that nobody changes any more. One that is cut short while it is mapped ends the process at the next
    /// read behind its end: the system has no other answer to that.
    pub fn open(file: &File) -> io::Result<Self> {
        // SAFETY: the bytes are only read, through slices that live as long as the map. What is mapped are published
        // files, which get their name when they are complete; replacing one gives the name to another file. Whoever
        // reads them checks what they say, so bytes that somebody changes nevertheless lead to errors.
        unsafe { memmap2::Mmap::map(file) }.map(Self)
    }
}

impl Deref for FileMap {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// A whole file, mapped so that what is written to it stays in this map: neither the file nor another map sees it. Rust
/// never reads it, so whoever has the pointer may write at any time.
#[derive(Debug)]
pub struct PrivateFileMap(memmap2::MmapRaw);

impl PrivateFileMap {
    /// Maps a file as [`FileMap::open`] does.
    pub fn open(file: &File) -> io::Result<Self> {
        let mut options = memmap2::MmapOptions::new();
        // Pages are copied when they are written to, which nobody is expected to do with many of them; with room reserved
        // for all, no file larger than the memory could be mapped.
        options.no_reserve_swap();
        // SAFETY: as for `FileMap::open`; no reference to the bytes is made here.
        unsafe { options.map_copy(file) }.map(|map| Self(map.into()))
    }

    /// Where it begins; valid for as long as this lives.
    pub fn start(&self) -> *mut u8 {
        self.0.as_mut_ptr()
    }

    /// Its bytes.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}
