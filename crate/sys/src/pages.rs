//! Memory in pages of its own.

use std::io;
use std::ops::Deref;

use memmap2::{MmapMut, MmapOptions};

/// Bytes that grow up to a fixed capacity and go back to the system when they are dropped. An allocator would keep their
/// pages, for small allocations settle between large ones that were freed.
pub struct Pages {
    map: MmapMut,
    len: usize,
}

impl Pages {
    /// Room for `capacity` bytes.
    ///
    /// # Errors
    /// The system has none left.
    pub fn with_capacity(capacity: usize) -> io::Result<Self> {
        // All at once: each page that is first touched alone would cost a fault.
        let map = MmapOptions::new().len(capacity).populate().map_anon()?;
        Ok(Self { map, len: 0 })
    }

    /// Bytes there is room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.map.len()
    }

    /// Appends bytes; panics where there is no room for them.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        self.map[self.len..end].copy_from_slice(bytes);
        self.len = end;
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::Pages;

    #[test]
    fn holds_what_was_appended() {
        let mut pages = Pages::with_capacity(10).unwrap();
        pages.extend_from_slice(b"01234");
        pages.extend_from_slice(b"56789");
        assert_eq!((&pages[..], pages.capacity()), (&b"0123456789"[..], 10));
    }

    #[test]
    #[should_panic(expected = "range end index 11")]
    fn does_not_grow() {
        let mut pages = Pages::with_capacity(10).unwrap();
        pages.extend_from_slice(b"0123456789 ");
    }
}
