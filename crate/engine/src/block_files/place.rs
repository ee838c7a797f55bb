//! Where a block lies, as sled keeps it under the block's key.

/// Bytes of a stored place. No stored block is as short: its checksum and header alone have more.
pub(super) const PLACE_BYTES: usize = 16;

/// Bytes read in vain between two blocks: the head of a record, its key, or a short block.
const GAP_BYTES_MAX: u64 = 4 << 10;

/// Bytes of a block within a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub file: u64,
    pub offset: u32,
    pub bytes: u32,
}

impl Place {
    pub fn encode(self) -> [u8; PLACE_BYTES] {
        let mut out = [0; PLACE_BYTES];
        out[..8].copy_from_slice(&self.file.to_le_bytes());
        out[8..12].copy_from_slice(&self.offset.to_le_bytes());
        out[12..].copy_from_slice(&self.bytes.to_le_bytes());
        out
    }

    /// `None` for what is no place: a block of a store of format 1, or a row of the meta space.
    pub fn decode(stored: &[u8]) -> Option<Self> {
        let stored: &[u8; PLACE_BYTES] = stored.try_into().ok()?;
        let [a, b, c, d, e, f, g, h, rest @ ..] = *stored;
        let [i, j, k, l, m, n, o, p] = rest;
        Some(Self {
            file: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            offset: u32::from_le_bytes([i, j, k, l]),
            bytes: u32::from_le_bytes([m, n, o, p]),
        })
    }

    /// Whether another block lies so close behind that both are best read together.
    pub fn is_followed_by(self, next: Self) -> bool {
        let gap = u64::from(next.offset).checked_sub(self.end());
        next.file == self.file && gap.is_some_and(|gap| gap <= GAP_BYTES_MAX)
    }

    /// First byte behind the block.
    pub fn end(self) -> u64 {
        u64::from(self.offset) + u64::from(self.bytes)
    }
}
