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
