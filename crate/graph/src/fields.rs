//! Reading a sequence of MessagePack values that another language wrote.

use rmpv::ValueRef;
use sledstore_engine::Result;

use crate::property::{Properties, invalid, take_value};
use crate::write::PropertyChange;

/// The values that are not read yet.
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub fn is_done(&self) -> bool {
        self.bytes.is_empty()
    }

    fn value(&mut self) -> Result<ValueRef<'a>> {
        take_value(&mut self.bytes)
    }

    /// The bytes of the next value.
    fn raw(&mut self) -> Result<&'a [u8]> {
        let before = self.bytes;
        self.value()?;
        Ok(&before[..before.len() - self.bytes.len()])
    }

    pub fn number(&mut self) -> Result<u64> {
        let (short, behind) = match *self.bytes {
            [byte @ ..=0x7f, ref behind @ ..] | [0xcc, byte, ref behind @ ..] => (u32::from(byte), behind),
            [0xcd, high, low, ref behind @ ..] => (u16::from_be_bytes([high, low]).into(), behind),
            [0xce, a, b, c, d, ref behind @ ..] => (u32::from_be_bytes([a, b, c, d]), behind),
            _ => return number(&self.value()?),
        };
        self.bytes = behind;
        Ok(short.into())
    }

    pub fn optional_number(&mut self) -> Result<Option<u64>> {
        match self.value()? {
            ValueRef::Nil => Ok(None),
            value => number(&value).map(Some),
        }
    }

    pub fn optional_float(&mut self) -> Result<Option<f64>> {
        match self.value()? {
            ValueRef::Nil => Ok(None),
            ValueRef::F64(float) => Ok(Some(float)),
            ValueRef::Integer(number) => Ok(number.as_f64()),
            other => Err(invalid(format!("{other} is not a number"))),
        }
    }

    pub fn text(&mut self) -> Result<&'a str> {
        text(self.value()?)
    }

    pub fn optional_text(&mut self) -> Result<Option<&'a str>> {
        match self.value()? {
            ValueRef::Nil => Ok(None),
            value => text(value).map(Some),
        }
    }

    pub fn texts(&mut self) -> Result<Vec<&'a str>> {
        self.list()?.into_iter().map(text).collect()
    }

    pub fn name<'n>(&mut self, names: &[&'n str]) -> Result<&'n str> {
        let position = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        names.get(position).copied().ok_or_else(|| invalid("the buffer has not introduced a name that it uses"))
    }

    pub fn names<'n>(&mut self, names: &[&'n str]) -> Result<Vec<&'n str>> {
        if let [head @ 0x90..=0x9f, ref items @ ..] = *self.bytes {
            self.bytes = items;
            return (0x90..head).map(|_| self.name(names)).collect();
        }
        self.list()?.iter().map(|item| name_at(names, item)).collect()
    }

    fn list(&mut self) -> Result<Vec<ValueRef<'a>>> {
        match self.value()? {
            ValueRef::Array(items) => Ok(items),
            other => Err(invalid(format!("{other} is not a list"))),
        }
    }

    pub fn properties(&mut self) -> Result<Properties<'a>> {
        Properties::take(&mut self.bytes)
    }

    /// The bytes of a map, or none for null.
    pub fn optional_map(&mut self) -> Result<Option<&'a [u8]>> {
        let bytes = self.raw()?;
        Ok((bytes != [0xC0]).then_some(bytes))
    }

    /// Mode and properties of an update.
    pub fn change(&mut self) -> Result<Option<PropertyChange<'a>>> {
        let mode = self.number()?;
        let properties = self.raw()?;
        match mode {
            0 => Ok(None),
            1 => Ok(Some(PropertyChange::Merge(properties))),
            2 => Ok(Some(PropertyChange::Replace(properties))),
            _ => Err(invalid(format!("{mode} is not a mode of update"))),
        }
    }
}

fn text(value: ValueRef<'_>) -> Result<&str> {
    match value {
        ValueRef::String(text) => text.into_str().ok_or_else(|| invalid("a name is not UTF-8")),
        other => Err(invalid(format!("{other} is not a string"))),
    }
}

/// JavaScript packs whole numbers above 2^32 as floats.
fn number(value: &ValueRef<'_>) -> Result<u64> {
    match value {
        ValueRef::Integer(number) => number.as_u64(),
        ValueRef::F64(float) if float.trunc() == *float && (0.0..=9_007_199_254_740_991.0).contains(float) => {
            Some(*float as u64)
        }
        _ => None,
    }
    .ok_or_else(|| invalid(format!("{value} is not an id")))
}

fn name_at<'n>(names: &[&'n str], position: &ValueRef<'_>) -> Result<&'n str> {
    let position = usize::try_from(number(position)?).unwrap_or(usize::MAX);
    names.get(position).copied().ok_or_else(|| invalid("the buffer has not introduced a name that it uses"))
}
