//! Attributes of vectors: reading MessagePack maps where they lie, without making values of them.

use sledstore_engine::Result;

use crate::row::invalid;

/// What stands at one place of a MessagePack text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    Null,
    Bool(bool),
    /// Every integer of MessagePack, signed or not.
    Int(i128),
    Float(f64),
    Text(&'a [u8]),
    /// Bytes and extensions (dates among them), header included.
    Opaque(&'a [u8]),
    List(u32),
    Map(u32),
}

/// Reads tokens one after the other; `None` is the end, or damage.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn next(&mut self) -> Option<Token<'a>> {
        let whole = self.rest;
        let marker = self.take::<1>()?[0];
        Some(match marker {
            0x00..=0x7f => Token::Int(i128::from(marker)),
            0x80..=0x8f => Token::Map(u32::from(marker & 0x0f)),
            0x90..=0x9f => Token::List(u32::from(marker & 0x0f)),
            0xa0..=0xbf => Token::Text(self.bytes(u32::from(marker & 0x1f))?),
            0xe0..=0xff => Token::Int(i128::from(marker as i8)),
            0xc0 => Token::Null,
            0xc2 | 0xc3 => Token::Bool(marker == 0xc3),
            0xca => Token::Float(f64::from(f32::from_be_bytes(self.take()?))),
            0xcb => Token::Float(f64::from_be_bytes(self.take()?)),
            0xcc..=0xcf => Token::Int(self.unsigned(marker - 0xcc)?.into()),
            0xd0 => Token::Int(i8::from_be_bytes(self.take()?).into()),
            0xd1 => Token::Int(i16::from_be_bytes(self.take()?).into()),
            0xd2 => Token::Int(i32::from_be_bytes(self.take()?).into()),
            0xd3 => Token::Int(i64::from_be_bytes(self.take()?).into()),
            0xd9..=0xdb => {
                let length = self.length(marker - 0xd9)?;
                Token::Text(self.bytes(length)?)
            }
            0xdc | 0xdd => Token::List(self.length(marker - 0xdc + 1)?),
            0xde | 0xdf => Token::Map(self.length(marker - 0xde + 1)?),
            0xc4..=0xc6 => {
                let length = self.length(marker - 0xc4)?;
                self.opaque(whole, length)?
            }
            // Extensions have a byte for their type before the content.
            0xc7..=0xc9 => {
                let length = self.length(marker - 0xc7)?;
                self.opaque(whole, length.checked_add(1)?)?
            }
            0xd4..=0xd8 => self.opaque(whole, (1 << (marker - 0xd4)) + 1)?,
            _ => return None,
        })
    }

    /// Passes over one value, with everything inside it.
    pub fn skip(&mut self) -> Option<()> {
        let mut pending = 1_u64;
        while pending > 0 {
            // Every value counted takes at least a byte, so that a false count ends at the end of the text.
            pending = pending - 1
                + match self.next()? {
                    Token::List(count) => u64::from(count),
                    Token::Map(count) => 2 * u64::from(count),
                    _ => 0,
                };
        }
        Some(())
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    fn bytes(&mut self, length: u32) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(head)
    }

    fn opaque(&mut self, whole: &'a [u8], length: u32) -> Option<Token<'a>> {
        self.bytes(length)?;
        whole.get(..whole.len() - self.rest.len()).map(Token::Opaque)
    }

    /// A big-endian number of `2^width` bytes.
    fn unsigned(&mut self, width: u8) -> Option<u64> {
        Some(match width {
            0 => u8::from_be_bytes(self.take()?).into(),
            1 => u16::from_be_bytes(self.take()?).into(),
            2 => u32::from_be_bytes(self.take()?).into(),
            _ => u64::from_be_bytes(self.take()?),
        })
    }

    fn length(&mut self, width: u8) -> Option<u32> {
        u32::try_from(self.unsigned(width)?).ok()
    }
}

/// Finds the attribute `name` and leaves the reader before its value. `None` for damage.
pub(crate) fn find<'a>(attributes: &'a [u8], name: &[u8]) -> Option<Option<Reader<'a>>> {
    let mut reader = Reader::new(attributes);
    let Some(Token::Map(count)) = reader.next() else { return None };
    for _ in 0..count {
        let Some(Token::Text(found)) = reader.next() else { return None };
        if found == name {
            return Some(Some(reader));
        }
        reader.skip()?;
    }
    Some(None)
}

/// Refuses what is not one MessagePack map with texts as names, and what `admit` refuses, which is given each name and where
/// its value begins.
pub(crate) fn check(attributes: &[u8], admit: &dyn Fn(&[u8], Token<'_>) -> Result<()>) -> Result<()> {
    let mut reader = Reader::new(attributes);
    let mut walk = || -> Option<Result<bool>> {
        let Token::Map(count) = reader.next()? else { return None };
        for _ in 0..count {
            let Token::Text(name) = reader.next()? else { return None };
            let value = Reader::new(reader.rest).next()?;
            if let Err(error) = admit(name, value) {
                return Some(Err(error));
            }
            reader.skip()?;
        }
        Some(Ok(reader.is_at_end()))
    };
    match walk().transpose()? {
        Some(true) => Ok(()),
        _ => Err(invalid("the attributes of a vector are one MessagePack map with texts as names")),
    }
}
