//! What the components of an index's vectors are.

/// What a component of a stored vector is; fixed when the index is created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Element {
    /// A number of 32 bits, as it was put.
    #[default]
    F32 = 1,
    /// A number of 16 bits (IEEE 754 binary16): the nearest to what was put, up to ±65,504.
    F16 = 2,
    /// A whole number from −128 to 127.
    I8 = 3,
    /// A bit.
    Binary = 4,
}

impl Element {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::F32, Self::F16, Self::I8, Self::Binary];

    /// Its name: `f32`, `f16`, `i8` or `binary`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::I8 => "i8",
            Self::Binary => "binary",
        }
    }

    /// The one of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.name() == name)
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&element| element as u8 == byte)
    }

    /// Bytes of so many components.
    pub(crate) const fn bytes(self, dimensions: usize) -> usize {
        match self {
            Self::F32 => 4 * dimensions,
            Self::F16 => 2 * dimensions,
            Self::I8 => dimensions,
            Self::Binary => dimensions.div_ceil(8),
        }
    }
}

/// The exponent of an infinite half.
const INFINITE: u32 = 0x7c00;

/// The half nearest to a finite number, of two equally near ones the even; infinite for what is too large.
pub(crate) fn to_half(number: f32) -> u16 {
    let sign = number.to_bits() >> 16 & 0x8000;
    let magnitude = number.abs();
    let half = if magnitude < 6.103_515_6e-5 {
        // Below the normal halves: the last bit of ½ is theirs, and adding rounds to it.
        (magnitude + 0.5).to_bits() - 0.5_f32.to_bits()
    } else {
        let bits = magnitude.to_bits();
        ((bits + 0xfff + (bits >> 13 & 1)) >> 13).saturating_sub(112 << 10).min(INFINITE)
    };
    (sign | half) as u16
}

/// The number that a half is.
#[inline]
pub(crate) fn from_half(half: u16) -> f32 {
    let (sign, magnitude) = (u32::from(half & 0x8000) << 16, u32::from(half & 0x7fff));
    let bits = if magnitude >= INFINITE {
        0x7f80_0000 | magnitude << 13
    } else {
        // As an f32 its exponent is too small by 112, also where it is below the normal ones.
        (f32::from_bits(magnitude << 13) * f32::from_bits((112 + 127) << 23)).to_bits()
    };
    f32::from_bits(sign | bits)
}
