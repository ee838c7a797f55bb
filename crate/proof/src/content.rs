//! Values that are told by two numbers.

/// A value: its bytes follow from a tag, and no other tag has the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// Says which one.
    pub tag: u64,
    /// Its length.
    pub bytes: usize,
}

impl Content {
    /// The bytes: the tag, then a mixture that compresses to about half.
    pub fn to_vec(self) -> Vec<u8> {
        let mut word = self.tag;
        let mut value = Vec::with_capacity(self.bytes + 16);
        value.extend(self.tag.to_be_bytes());
        while value.len() < self.bytes {
            word = word.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
            value.extend((word ^ (word >> 29)).to_be_bytes());
            value.extend([self.tag as u8; 8]);
        }
        value.truncate(self.bytes);
        value
    }

    /// Whether these are the bytes.
    pub fn is(self, value: &[u8]) -> bool {
        value.len() == self.bytes && value == self.to_vec()
    }
}
