//! The codes of all slots, in chunks that may be filled later.

use std::sync::{Arc, OnceLock};

use crate::error::{Error, Result};

/// Chunks are about this large, so that a small graph takes little.
const CHUNK_BYTES: usize = 256 << 10;
/// Codes begin at multiples of this where they are long, so that none touches a line of memory more than it must.
const LINE_BYTES: usize = 64;

/// Where a code is read that is not in memory yet.
pub trait CodeSource: Send + Sync {
    /// Reads the code of a slot into a buffer of its length.
    ///
    /// # Errors
    /// Any, which comes out of the search as [`Error::Source`].
    fn read(&self, slot: u32, code: &mut [u8]) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

#[derive(Debug)]
struct Chunk {
    bytes: Box<[u8]>,
    /// Where the first code begins, on a line.
    start: usize,
}

pub(crate) struct Codes {
    code_bytes: usize,
    stride: usize,
    /// Codes of a chunk, as a power of two.
    shift: u32,
    chunks: Vec<OnceLock<Chunk>>,
    source: Option<Arc<dyn CodeSource>>,
}

/// From one code to the next: as little as keeps every code on as few lines as it can be on.
pub(crate) fn stride(code_bytes: usize) -> usize {
    let lines = code_bytes.div_ceil(LINE_BYTES);
    let is_good = |&part: &usize| (LINE_BYTES - part + code_bytes.next_multiple_of(part)).div_ceil(LINE_BYTES) == lines;
    let short = code_bytes <= 4 * LINE_BYTES;
    let part = if short { 16 } else { [16, 32].into_iter().find(is_good).unwrap_or(LINE_BYTES) };
    code_bytes.next_multiple_of(part)
}

impl Codes {
    pub fn new(code_bytes: usize, source: Option<Arc<dyn CodeSource>>) -> Self {
        let stride = stride(code_bytes);
        let shift = (CHUNK_BYTES / stride).max(4).ilog2();
        Self { code_bytes, stride, shift, chunks: Vec::new(), source }
    }

    pub fn code_bytes(&self) -> usize {
        self.code_bytes
    }

    /// How many codes a chunk has.
    pub fn chunk_slots(&self) -> usize {
        1 << self.shift
    }

    /// Makes room for slots up to `count`, without codes.
    pub fn reserve(&mut self, count: usize) {
        let chunks = count.div_ceil(self.chunk_slots());
        if chunks > self.chunks.len() {
            self.chunks.resize_with(chunks, OnceLock::new);
        }
    }

    fn place(&self, slot: u32) -> (usize, usize) {
        let slot = slot as usize;
        (slot >> self.shift, (slot & (self.chunk_slots() - 1)) * self.stride)
    }

    /// The code, when its chunk is in memory.
    #[inline]
    pub fn get(&self, slot: u32) -> Option<&[u8]> {
        let (chunk, at) = self.place(slot);
        let chunk = self.chunks.get(chunk)?.get()?;
        chunk.bytes.get(chunk.start + at..)?.get(..self.code_bytes)
    }

    /// The code, read into `cold` where its chunk is not in memory.
    #[inline]
    pub fn read<'a>(&'a self, slot: u32, cold: &'a mut Vec<u8>) -> Result<&'a [u8]> {
        match self.get(slot) {
            Some(code) => Ok(code),
            None => self.read_cold(slot, cold),
        }
    }

    #[cold]
    fn read_cold<'a>(&self, slot: u32, cold: &'a mut Vec<u8>) -> Result<&'a [u8]> {
        cold.resize(self.code_bytes, 0);
        self.source.as_ref().ok_or(Error::MissingCode { slot })?.read(slot, cold).map_err(Error::Source)?;
        Ok(cold)
    }

    fn empty_chunk(&self) -> Chunk {
        let bytes = vec![0; (self.stride << self.shift) + LINE_BYTES].into_boxed_slice();
        let start = bytes.as_ptr().align_offset(LINE_BYTES).min(LINE_BYTES);
        Chunk { bytes, start }
    }

    /// Whether the chunk is in memory.
    pub fn has(&self, chunk: usize) -> bool {
        self.chunks.get(chunk).is_some_and(|chunk| chunk.get().is_some())
    }

    pub fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Puts the codes of a chunk into memory, one after the other without gaps; less than the chunk has are its first
    /// ones. Nothing happens when the chunk is in memory.
    pub fn fill(&self, chunk: usize, codes: &[u8]) -> Result<()> {
        let place = self.chunks.get(chunk).ok_or(Error::Argument { name: "chunk", needs: "one the graph has" })?;
        let count = codes.len() / self.code_bytes;
        if !codes.len().is_multiple_of(self.code_bytes) || count > self.chunk_slots() {
            return Err(Error::Argument { name: "codes", needs: "whole codes, at most as many as a chunk has" });
        }
        if place.get().is_none() {
            let mut made = self.empty_chunk();
            let to = made.bytes[made.start..].chunks_exact_mut(self.stride);
            to.zip(codes.chunks_exact(self.code_bytes))
                .for_each(|(to, code)| to[..self.code_bytes].copy_from_slice(code));
            let _ = place.set(made); // another thread's is the same
        }
        Ok(())
    }

    /// Writes a code. Where its chunk is not in memory, the codes of `is_used` slots are read first.
    pub fn write(&mut self, slot: u32, code: &[u8], is_used: &dyn Fn(u32) -> bool) -> Result<()> {
        let (chunk, at) = self.place(slot);
        if !self.has(chunk) {
            let first = chunk << self.shift;
            let mut codes = Vec::new();
            let mut cold = Vec::new();
            for slot in first..first + self.chunk_slots() {
                if is_used(slot as u32) {
                    codes.extend_from_slice(self.read_cold(slot as u32, &mut cold)?);
                } else {
                    codes.resize(codes.len() + self.code_bytes, 0);
                }
            }
            self.fill(chunk, &codes)?;
        }
        if let Some(chunk) = self.chunks.get_mut(chunk).and_then(OnceLock::get_mut) {
            let at = chunk.start + at;
            chunk.bytes[at..at + self.code_bytes].copy_from_slice(code);
        }
        Ok(())
    }

    pub fn memory_bytes(&self) -> usize {
        let filled = self.chunks.iter().filter(|chunk| chunk.get().is_some()).count();
        filled * ((self.stride << self.shift) + LINE_BYTES) + self.chunks.capacity() * size_of::<OnceLock<Chunk>>()
    }
}
