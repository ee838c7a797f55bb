//! The rows of a full-text index.

use sledstore_engine::Result;

use crate::keys::{damaged, parse_number, push_id, take_id};

/// What a posting holds: the number of the document's words, and the places of this one, each but the first as its
/// distance to the one before.
pub(crate) fn posting_value(length: u32, places: &[u32]) -> Vec<u8> {
    let mut value = Vec::with_capacity(3 + 2 * places.len());
    push_id(&mut value, u64::from(length));
    let mut before = 0;
    for &place in places {
        push_id(&mut value, u64::from(place.saturating_sub(before)));
        before = place;
    }
    value
}

/// A posting as it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting<'a> {
    pub length: u32,
    places: &'a [u8],
}

impl<'a> Posting<'a> {
    pub fn parse(mut value: &'a [u8]) -> Result<Self> {
        let length = take_id(&mut value).and_then(|length| u32::try_from(length).ok());
        Ok(Self { length: length.ok_or_else(|| damaged("a posting"))?, places: value })
    }

    /// How often the word stands in the document.
    pub fn frequency(self) -> Result<u32> {
        let mut count: u32 = 0;
        self.each_place(|_| count = count.saturating_add(1))?;
        Ok(count)
    }

    /// Calls `visit` with each place, ascending.
    pub fn each_place(self, mut visit: impl FnMut(u32)) -> Result<()> {
        let (mut rest, mut place) = (self.places, 0_u64);
        while !rest.is_empty() {
            let distance = take_id(&mut rest).ok_or_else(|| damaged("a posting"))?;
            place = place.saturating_add(distance);
            visit(u32::try_from(place).map_err(|_| damaged("a posting"))?);
        }
        Ok(())
    }
}

/// How many words a document has, as its row says.
pub(crate) fn document_words(value: &[u8]) -> Result<u32> {
    let words = parse_number(value, "a document of a full-text index")?;
    u32::try_from(words).map_err(|_| damaged("a document of a full-text index"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postings_round_trip() -> Result<()> {
        let places = [1, 2, 300, 70_000, u32::MAX];
        let value = posting_value(7, &places);
        let posting = Posting::parse(&value)?;
        let mut read = Vec::new();
        posting.each_place(|place| read.push(place))?;
        assert_eq!((posting.length, posting.frequency()?, read), (7, 5, places.to_vec()));
        assert!(Posting::parse(&[]).is_err());
        assert!(Posting::parse(&[1, 7, 2, 0]).and_then(Posting::frequency).is_err());
        Ok(())
    }
}
