//! The sums over codes, in the widest instructions the processor has, and the hint that a code is needed soon.
//!
//! All kernels give exactly the same integers; sums over floats differ by the order they are added in. This is the only file of the crate that may be unsafe. Everything outside
//! calls through [`Kernel`], which exists for an instruction set only where the processor has it.

use std::sync::OnceLock;

/// Names the environment variable that forces a kernel, for tests and for the search of faults. It is the variable of
/// the layer above, which refuses names that it does not know; here they are passed over.
pub const KERNEL_VARIABLE: &str = "SLEDSTORE_VECTOR_KERNEL";

/// The bytes that operands of [`Kernel::dot`] come in.
pub(crate) const BLOCK_BYTES: usize = 16;

/// An instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// AVX-512 with VNNI, 64 products an instruction.
    Avx512,
    /// AVX2, 16 products an instruction.
    Avx2,
    /// NEON of 64-bit ARM, 8 products an instruction.
    Neon,
    /// None in particular.
    Scalar,
}

type Dot = unsafe fn(&[u8], &[u8]) -> i32;
type Differing = unsafe fn(&[u8], &[u8]) -> u32;
type Floats = unsafe fn(&[u8], &[f32]) -> f32;
type Restore = unsafe fn(&[u8], &[f32], f32, &mut [u8]);

/// The sums in one instruction set.
// Invariant: made only by `Kernel::of`, so the processor has what the functions need.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    instructions: Instructions,
    dot: Dot,
    differing: Differing,
    squares: Floats,
    products: Floats,
    restore: Restore,
}

impl Instructions {
    /// Every one, the fastest first.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Scalar];

    /// Its name, as the environment variable has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Scalar => "scalar",
        }
    }
}

impl Kernel {
    /// The kernel of an instruction set; `None` where the processor lacks it.
    pub fn of(instructions: Instructions) -> Option<Self> {
        let (dot, differing, squares, products): (Dot, Differing, Floats, Floats) = match instructions {
            Instructions::Scalar => (scalar_dot, scalar_differing, scalar_floats::<false>, scalar_floats::<true>),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512
                if is_x86_feature_detected!("avx512vnni")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("popcnt") =>
            {
                (avx512::dot, popcnt_differing, avx512::floats::<false>, avx512::floats::<true>)
            }
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") => {
                (avx2::dot, popcnt_differing, avx2::floats::<false>, avx2::floats::<true>)
            }
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Instructions::Neon if std::arch::is_aarch64_feature_detected!("neon") => {
                (neon::dot, scalar_differing, neon::floats::<false>, neon::floats::<true>)
            }
            #[allow(unreachable_patterns)] // which patterns are left depends on the target
            _ => return None,
        };
        let restore: Restore = match instructions {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 | Instructions::Avx2 if is_x86_feature_detected!("avx2") => avx2::restore,
            _ => scalar_restore,
        };
        Some(Self { instructions, dot, differing, squares, products, restore })
    }

    /// The kernels this processor can run, the fastest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Instructions::ALL.into_iter().filter_map(Self::of)
    }

    /// The fastest one, or the fastest that is no faster than what [`KERNEL_VARIABLE`] asks for; decided once a process.
    pub fn chosen() -> Self {
        static CHOSEN: OnceLock<Kernel> = OnceLock::new();
        *CHOSEN.get_or_init(|| Self::named(std::env::var(KERNEL_VARIABLE).ok().as_deref()))
    }

    /// The kernel of that name, or the next slower one this processor has; the fastest one for no name or an unknown one.
    pub fn named(name: Option<&str>) -> Self {
        let asked = Instructions::ALL.iter().position(|instructions| Some(instructions.name()) == name);
        let from = &Instructions::ALL[asked.unwrap_or(0)..];
        let scalar = Self {
            instructions: Instructions::Scalar,
            dot: scalar_dot,
            differing: scalar_differing,
            squares: scalar_floats::<false>,
            products: scalar_floats::<true>,
            restore: scalar_restore,
        };
        from.iter().find_map(|&instructions| Self::of(instructions)).unwrap_or(scalar)
    }

    /// Its instruction set.
    pub fn instructions(self) -> Instructions {
        self.instructions
    }

    /// Σ a · (b − 128), for components that are bytes.
    ///
    /// # Panics
    /// If the operands are not of one length that is a multiple of 16.
    #[inline]
    pub fn dot(self, a: &[u8], b: &[u8]) -> i32 {
        assert!(a.len() == b.len() && a.len().is_multiple_of(BLOCK_BYTES));
        // SAFETY: the kernel exists, so the processor has the instructions; the lengths were just checked.
        unsafe { (self.dot)(a, b) }
    }

    /// How many bits differ.
    ///
    /// # Panics
    /// If the operands are not of one length that is a multiple of 8.
    #[inline]
    pub fn differing(self, a: &[u8], b: &[u8]) -> u32 {
        assert!(a.len() == b.len() && a.len().is_multiple_of(8));
        // SAFETY: as above.
        unsafe { (self.differing)(a, b) }
    }

    /// Σ (a − b)², where `a` are little-endian floats.
    ///
    /// # Panics
    /// If `a` has not four bytes for each of `b`.
    #[inline]
    pub fn squares(self, a: &[u8], b: &[f32]) -> f32 {
        assert!(a.len() == b.len() * 4);
        // SAFETY: as above.
        unsafe { (self.squares)(a, b) }
    }

    /// Σ a · b, where `a` are little-endian floats.
    ///
    /// # Panics
    /// As [`Kernel::squares`].
    #[inline]
    pub fn products(self, a: &[u8], b: &[f32]) -> f32 {
        assert!(a.len() == b.len() * 4);
        // SAFETY: as above.
        unsafe { (self.products)(a, b) }
    }

    /// middle + step · (byte − 128) for each byte, as little-endian floats, rounded twice as that is written.
    ///
    /// # Panics
    /// If there is not a byte for each of `middle`, and four for each to write to.
    #[inline]
    pub fn restore(self, bytes: &[u8], middle: &[f32], step: f32, floats: &mut [u8]) {
        assert!(bytes.len() == middle.len() && floats.len() == middle.len() * 4);
        // SAFETY: as above.
        unsafe { (self.restore)(bytes, middle, step, floats) }
    }
}

/// Tells the processor that these numbers are read soon.
#[inline]
pub(crate) fn prefetch<T>(numbers: &[T]) {
    for line in numbers.chunks(64 / size_of::<T>()) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a hint, which reads nothing that the program could see.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
        }
        #[cfg(target_arch = "aarch64")]
        // SAFETY: a hint, which changes no memory and no flag.
        unsafe {
            std::arch::asm!("prfm pldl1keep, [{0}]", in(reg) line.as_ptr(), options(nostack, preserves_flags, readonly));
        }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let _ = line;
    }
}

fn scalar_dot(a: &[u8], b: &[u8]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from((b ^ 0x80) as i8)).sum()
}

#[inline]
fn scalar_differing(a: &[u8], b: &[u8]) -> u32 {
    let (a, b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    a.iter().zip(b).map(|(a, b)| (u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b)).count_ones()).sum()
}

/// Σ a · b, or else Σ (a − b)².
fn scalar_floats<const IS_DOT: bool>(a: &[u8], b: &[f32]) -> f32 {
    let term = |(a, b): (&[u8; 4], &f32)| {
        let a = f32::from_le_bytes(*a);
        if IS_DOT { a * b } else { (a - b) * (a - b) }
    };
    a.as_chunks().0.iter().zip(b).map(term).sum()
}

fn scalar_restore(bytes: &[u8], middle: &[f32], step: f32, floats: &mut [u8]) {
    for ((place, &byte), middle) in floats.as_chunks_mut().0.iter_mut().zip(bytes).zip(middle) {
        *place = (middle + step * (f32::from(byte) - 128.0)).to_le_bytes();
    }
}

/// # Safety
/// The processor must have the instruction that counts bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
unsafe fn popcnt_differing(a: &[u8], b: &[u8]) -> u32 {
    scalar_differing(a, b)
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::*;

    /// Σ a · (b − 128).
    ///
    /// # Safety
    /// The processor must have the instructions, and the operands be of one length.
    #[target_feature(enable = "avx512vnni,avx512bw")]
    pub(super) unsafe fn dot(a: &[u8], b: &[u8]) -> i32 {
        let (count, a, b) = (a.len(), a.as_ptr(), b.as_ptr());
        let sign = _mm512_set1_epi8(-128);
        let step = |sum, a, b| _mm512_dpbusd_epi32(sum, a, _mm512_xor_si512(b, sign));
        // SAFETY: called with a place 64 bytes before the end or earlier; both operands hold `count` bytes.
        let load = |at: usize| unsafe { (_mm512_loadu_si512(a.add(at).cast()), _mm512_loadu_si512(b.add(at).cast())) };
        let (mut even, mut odd) = (_mm512_setzero_si512(), _mm512_setzero_si512());
        let mut at = 0;
        while at + 128 <= count {
            let (first, second) = (load(at), load(at + 64));
            even = step(even, first.0, first.1);
            odd = step(odd, second.0, second.1);
            at += 128;
        }
        while at < count {
            // Lanes beyond the end are zero in the first operand, and so add nothing.
            let mask = u64::MAX >> (64 - (count - at).min(64));
            // SAFETY: a masked load touches only the lanes of its mask.
            let (a, b) = unsafe {
                (_mm512_maskz_loadu_epi8(mask, a.add(at).cast()), _mm512_maskz_loadu_epi8(mask, b.add(at).cast()))
            };
            even = step(even, a, b);
            at += 64;
        }
        _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd))
    }

    /// Σ a · b, or else Σ (a − b)².
    ///
    /// # Safety
    /// The processor must have the instructions, and `a` four bytes for each of `b`.
    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn floats<const IS_DOT: bool>(a: &[u8], b: &[f32]) -> f32 {
        let (count, a, b) = (b.len(), a.as_ptr().cast::<f32>(), b.as_ptr());
        let mut sums = [_mm512_setzero_ps(); 2];
        let mut at = 0;
        while at < count {
            // Lanes beyond the end are zero in both operands, and so add nothing.
            let mask = u16::MAX >> (16 - (count - at).min(16));
            // SAFETY: a masked load touches only the lanes of its mask, and needs no alignment.
            let (a, b) = unsafe { (_mm512_maskz_loadu_ps(mask, a.add(at)), _mm512_maskz_loadu_ps(mask, b.add(at))) };
            let difference = _mm512_sub_ps(a, b);
            let (a, b) = if IS_DOT { (a, b) } else { (difference, difference) };
            sums.swap(0, 1);
            sums[0] = _mm512_fmadd_ps(a, b, sums[0]);
            at += 16;
        }
        _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]))
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    /// Σ a · (b − 128).
    ///
    /// # Safety
    /// The processor must have the instructions, and the operands be of one length that is a multiple of 16.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn dot(a: &[u8], b: &[u8]) -> i32 {
        let (count, a, b) = (a.len(), a.as_ptr(), b.as_ptr());
        let sign = _mm_set1_epi8(-128);
        let mut sums = [_mm256_setzero_si256(); 2];
        let mut at = 0;
        while at < count {
            // SAFETY: both operands hold `count` bytes, a multiple of 16, as `at` is.
            let (a, b) = unsafe { (_mm_loadu_si128(a.add(at).cast()), _mm_loadu_si128(b.add(at).cast())) };
            // In 16 bits, since the sum of two products of bytes saturates where it is made of bytes.
            let products = _mm256_madd_epi16(_mm256_cvtepu8_epi16(a), _mm256_cvtepi8_epi16(_mm_xor_si128(b, sign)));
            sums.swap(0, 1);
            sums[0] = _mm256_add_epi32(sums[0], products);
            at += 16;
        }
        let sum = _mm256_add_epi32(sums[0], sums[1]);
        let sum = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let sum = _mm_add_epi32(sum, _mm_shuffle_epi32::<0b01_00_11_10>(sum));
        _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32::<0b10_11_00_01>(sum)))
    }

    /// Σ a · b, or else Σ (a − b)².
    ///
    /// # Safety
    /// The processor must have the instructions, and `a` four bytes for each of `b`.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn floats<const IS_DOT: bool>(a: &[u8], b: &[f32]) -> f32 {
        let whole = b.len() - b.len() % 8;
        let mut sums = [_mm256_setzero_ps(); 2];
        let mut at = 0;
        while at < whole {
            // SAFETY: eight floats lie behind `at`, in both operands; the loads need no alignment.
            let (a, b) =
                unsafe { (_mm256_loadu_ps(a.as_ptr().cast::<f32>().add(at)), _mm256_loadu_ps(b.as_ptr().add(at))) };
            let difference = _mm256_sub_ps(a, b);
            let term = if IS_DOT { _mm256_mul_ps(a, b) } else { _mm256_mul_ps(difference, difference) };
            sums.swap(0, 1);
            sums[0] = _mm256_add_ps(sums[0], term);
            at += 8;
        }
        let sum = _mm256_add_ps(sums[0], sums[1]);
        let sum = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps::<1>(sum));
        let sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
        let sum = _mm_cvtss_f32(_mm_add_ss(sum, _mm_shuffle_ps::<1>(sum, sum)));
        sum + super::scalar_floats::<IS_DOT>(&a[whole * 4..], &b[whole..])
    }

    /// middle + step · (byte − 128).
    ///
    /// # Safety
    /// The processor must have the instructions, and there be a byte and four to write to for each of `middle`.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn restore(bytes: &[u8], middle: &[f32], step: f32, floats: &mut [u8]) {
        let whole = middle.len() - middle.len() % 8;
        let (steps, zero) = (_mm256_set1_ps(step), _mm256_set1_epi32(128));
        for at in (0..whole).step_by(8) {
            // SAFETY: eight bytes and eight floats lie behind `at`, also where is written; nothing of it needs to be aligned.
            unsafe {
                let numbers = _mm256_cvtepu8_epi32(_mm_loadl_epi64(bytes.as_ptr().add(at).cast()));
                let scaled = _mm256_mul_ps(steps, _mm256_cvtepi32_ps(_mm256_sub_epi32(numbers, zero)));
                let restored = _mm256_add_ps(_mm256_loadu_ps(middle.as_ptr().add(at)), scaled);
                _mm256_storeu_ps(floats.as_mut_ptr().add(at * 4).cast(), restored);
            }
        }
        super::scalar_restore(&bytes[whole..], &middle[whole..], step, &mut floats[whole * 4..]);
    }
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon {
    use std::arch::aarch64::*;

    /// Σ a · (b − 128).
    ///
    /// # Safety
    /// The processor must have the instructions, and the operands be of one length that is a multiple of 16.
    #[target_feature(enable = "neon")]
    pub(super) unsafe fn dot(a: &[u8], b: &[u8]) -> i32 {
        let (count, a, b) = (a.len(), a.as_ptr(), b.as_ptr());
        let sign = vdupq_n_u8(0x80);
        let mut sums = [vdupq_n_s32(0); 4];
        let mut at = 0;
        while at < count {
            // SAFETY: both operands hold `count` bytes, a multiple of 16, as `at` is.
            let (a, b) = unsafe { (vld1q_u8(a.add(at)), vld1q_u8(b.add(at))) };
            let b = vreinterpretq_s8_u8(veorq_u8(b, sign));
            let low = (vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(a))), vmovl_s8(vget_low_s8(b)));
            let high = (vreinterpretq_s16_u16(vmovl_high_u8(a)), vmovl_high_s8(b));
            sums[0] = vmlal_s16(sums[0], vget_low_s16(low.0), vget_low_s16(low.1));
            sums[1] = vmlal_high_s16(sums[1], low.0, low.1);
            sums[2] = vmlal_s16(sums[2], vget_low_s16(high.0), vget_low_s16(high.1));
            sums[3] = vmlal_high_s16(sums[3], high.0, high.1);
            at += 16;
        }
        vaddvq_s32(vaddq_s32(vaddq_s32(sums[0], sums[1]), vaddq_s32(sums[2], sums[3])))
    }

    /// Σ a · b, or else Σ (a − b)².
    ///
    /// # Safety
    /// The processor must have the instructions, and `a` four bytes for each of `b`.
    #[target_feature(enable = "neon")]
    pub(super) unsafe fn floats<const IS_DOT: bool>(a: &[u8], b: &[f32]) -> f32 {
        let whole = b.len() - b.len() % 4;
        let mut sums = [vdupq_n_f32(0.0); 2];
        let mut at = 0;
        while at < whole {
            // SAFETY: four floats lie behind `at`, in both operands; a load of bytes needs no alignment.
            let (a, b) =
                unsafe { (vreinterpretq_f32_u8(vld1q_u8(a.as_ptr().add(at * 4))), vld1q_f32(b.as_ptr().add(at))) };
            let difference = vsubq_f32(a, b);
            let (a, b) = if IS_DOT { (a, b) } else { (difference, difference) };
            sums.swap(0, 1);
            sums[0] = vfmaq_f32(sums[0], a, b);
            at += 4;
        }
        let sum = vaddvq_f32(vaddq_f32(sums[0], sums[1]));
        sum + super::scalar_floats::<IS_DOT>(&a[whole * 4..], &b[whole..])
    }
}
