//! The two sums every metric is made of, in the widest instructions the processor has.
//!
//! The first operand is a slice of `f32`, the second the bytes of a stored row: little-endian `f32` or halves, at any alignment.
//! All kernels give the same result up to rounding: with `n` dimensions, each differs from the exact sum by at most
//! `(n / 16 + 12) · 2⁻²³ · Σ|term|`, unless a term overflows `f32`.
//!
//! This is the only file of the crate that may be unsafe. Everything outside calls through [`Kernel`], which exists for
//! an instruction set only where the processor has it.

use std::sync::OnceLock;

use sledstore_engine::{Error, ErrorCode, Result};
pub use sledstore_neighbor::{Instructions, KERNEL_VARIABLE};

use crate::element::from_half;

/// Bytes of one stored `f32`.
pub(crate) const COMPONENT_BYTES: usize = 4;
const HALF_BYTES: usize = 2;

/// Whether this processor has what the sums over floats need.
fn is_available(instructions: Instructions) -> bool {
    match instructions {
        Instructions::Scalar => true,
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => is_x86_feature_detected!("avx512f"),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => {
            is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")
        }
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        Instructions::Neon => std::arch::is_aarch64_feature_detected!("neon"),
        #[allow(unreachable_patterns)] // which patterns are left depends on the target
        _ => false,
    }
}

/// Calls the function of the kernel's instruction set, or the scalar one.
macro_rules! dispatch {
    ($kernel:expr, $name:ident, $query:expr, $row:expr, $scalar:expr) => {
        match $kernel.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the kernel exists, so the processor has the instructions; the lengths were just compared.
            Instructions::Avx512 => unsafe { avx512::$name($query, $row) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx2 => unsafe { avx2::$name($query, $row) },
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            // SAFETY: as above.
            Instructions::Neon => unsafe { neon::$name($query, $row) },
            _ => $scalar(),
        }
    };
}

/// The sums in one instruction set.
// Invariant: made only by `Kernel::of`, so the processor has the instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel(Instructions);

impl Kernel {
    /// The kernel of an instruction set; `None` where the processor lacks it.
    pub fn of(instructions: Instructions) -> Option<Self> {
        is_available(instructions).then_some(Self(instructions))
    }

    /// The kernels this processor can run, the fastest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Instructions::ALL.into_iter().filter_map(Self::of)
    }

    /// The fastest one, or what [`KERNEL_VARIABLE`] asks for; decided once a process.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` when the variable names none, or one this processor cannot run.
    pub fn chosen() -> Result<Self> {
        static CHOSEN: OnceLock<Result<Kernel>> = OnceLock::new();
        CHOSEN.get_or_init(|| Self::named(std::env::var(KERNEL_VARIABLE).ok().as_deref())).clone()
    }

    /// The kernel of that name; the fastest one for no name, or an empty one.
    ///
    /// # Errors
    /// As [`Kernel::chosen`].
    pub fn named(name: Option<&str>) -> Result<Self> {
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Ok(Self::available().next().unwrap_or(Self(Instructions::Scalar)));
        };
        Self::available().find(|kernel| kernel.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Self::available().map(Self::name).collect();
            let names = names.join(", ");
            Error::new(
                ErrorCode::InvalidArgument,
                format!("{KERNEL_VARIABLE} is \"{name}\"; this processor can run {names}"),
            )
        })
    }

    /// The name of its instruction set.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Σ query·row.
    ///
    /// # Panics
    /// If `row` has not four bytes for each component of `query`; the callers have checked the row.
    pub fn dot(self, query: &[f32], row: &[u8]) -> f32 {
        assert_eq!(row.len(), query.len() * COMPONENT_BYTES);
        dispatch!(self, dot, query, row, || scalar(query, row, component, |sum, a, b| sum + a * b))
    }

    /// Σ (query − row)².
    ///
    /// # Panics
    /// As [`Kernel::dot`].
    pub fn squared_l2(self, query: &[f32], row: &[u8]) -> f32 {
        assert_eq!(row.len(), query.len() * COMPONENT_BYTES);
        dispatch!(self, squared_l2, query, row, || scalar(query, row, component, |sum, a, b| sum + (a - b) * (a - b)))
    }

    /// Σ query·row, for a row of halves.
    ///
    /// # Panics
    /// If `row` has not two bytes for each component of `query`.
    pub fn dot_halves(self, query: &[f32], row: &[u8]) -> f32 {
        assert_eq!(row.len(), query.len() * HALF_BYTES);
        dispatch!(self, dot_halves, query, row, || scalar(query, row, half, |sum, a, b| sum + a * b))
    }

    /// Σ (query − row)², for a row of halves.
    ///
    /// # Panics
    /// As [`Kernel::dot_halves`].
    pub fn squared_l2_halves(self, query: &[f32], row: &[u8]) -> f32 {
        assert_eq!(row.len(), query.len() * HALF_BYTES);
        dispatch!(self, squared_l2_halves, query, row, || scalar(query, row, half, |sum, a, b| {
            sum + (a - b) * (a - b)
        }))
    }
}

/// One component out of its bytes.
pub(crate) fn component(bytes: &[u8; COMPONENT_BYTES]) -> f32 {
    f32::from_le_bytes(*bytes)
}

fn half(bytes: &[u8; HALF_BYTES]) -> f32 {
    from_half(u16::from_le_bytes(*bytes))
}

/// Sums in 16 lanes, so that no addition waits for the one before it.
#[inline]
fn scalar<const BYTES: usize>(
    query: &[f32],
    row: &[u8],
    read: impl Fn(&[u8; BYTES]) -> f32,
    step: impl Fn(f32, f32, f32) -> f32,
) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (queries, query_tail) = query.as_chunks::<LANES>();
    let (components, _) = row.as_chunks::<BYTES>();
    let (rows, row_tail) = components.as_chunks::<LANES>();
    for (query, row) in queries.iter().zip(rows) {
        for lane in 0..LANES {
            sums[lane] = step(sums[lane], query[lane], read(&row[lane]));
        }
    }
    for (lane, (&query, row)) in query_tail.iter().zip(row_tail).enumerate() {
        sums[lane] = step(sums[lane], query, read(row));
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// The loop of an x86 kernel: four sums at a time, then one, then what is left, zeros behind it.
#[cfg(target_arch = "x86_64")]
macro_rules! x86_kernel {
    ($feature:literal, $lanes:literal, $add:ident, $zero:ident, $load:ident, $tail:ident, $reduce:ident,
     $(#[$doc:meta] $name:ident: $component:ty, $load_row:ident, $tail_row:ident,
       ($sum:ident, $a:ident, $b:ident) $step:block)*) => { $(
        #[$doc]
        ///
        /// # Safety
        /// The processor must have the instructions, and `row` as many components as `query`.
        #[target_feature(enable = $feature)]
        pub(super) unsafe fn $name(query: &[f32], row: &[u8]) -> f32 {
            let step = |$sum, $a, $b| $step;
            let count = query.len();
            let query = query.as_ptr();
            // Never read through but by unaligned loads.
            let row = row.as_ptr().cast::<$component>();
            let mut sums = [$zero(); 4];
            let mut at = 0;
            while at + 4 * $lanes <= count {
                for lane in 0..4 {
                    let place = at + lane * $lanes;
                    // SAFETY: `place + lanes ≤ count`, and both operands hold `count` components.
                    let (a, b) = unsafe { ($load(query.add(place)), $load_row(row.add(place))) };
                    sums[lane] = step(sums[lane], a, b);
                }
                at += 4 * $lanes;
            }
            let mut lane = 0;
            while at + $lanes <= count {
                // SAFETY: `at + lanes ≤ count`.
                let (a, b) = unsafe { ($load(query.add(at)), $load_row(row.add(at))) };
                sums[lane] = step(sums[lane], a, b);
                (at, lane) = (at + $lanes, lane + 1);
            }
            if at < count {
                // SAFETY: `count − at < lanes` components are left behind both places, and no more are read. The lanes
                // beyond are zero in both operands, and so add nothing.
                let (a, b) = unsafe { ($tail(query.add(at), count - at), $tail_row(row.add(at), count - at)) };
                sums[3] = step(sums[3], a, b);
            }
            $reduce($add($add(sums[0], sums[1]), $add(sums[2], sums[3])))
        }
    )* };
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::*;

    /// Reads `count` < 16 components, and zeros for the rest.
    ///
    /// # Safety
    /// `count` components lie behind `place`.
    #[target_feature(enable = "avx512f")]
    unsafe fn tail(place: *const f32, count: usize) -> __m512 {
        // SAFETY: a masked load touches only the lanes of its mask.
        unsafe { _mm512_maskz_loadu_ps((1_u16 << count) - 1, place) }
    }

    /// # Safety
    /// 16 halves lie behind `place`.
    #[target_feature(enable = "avx512f")]
    unsafe fn load_halves(place: *const u16) -> __m512 {
        // SAFETY: the load needs no alignment.
        _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(place.cast()) })
    }

    /// # Safety
    /// `count` < 16 halves lie behind `place`.
    #[target_feature(enable = "avx512f")]
    unsafe fn tail_of_halves(place: *const u16, count: usize) -> __m512 {
        let mut halves = [0_u16; 16];
        // SAFETY: `count` halves are there to be read, at any alignment, and fit what they are copied to.
        unsafe {
            std::ptr::copy_nonoverlapping(place.cast::<u8>(), halves.as_mut_ptr().cast::<u8>(), count * 2);
            load_halves(halves.as_ptr())
        }
    }

    x86_kernel!("avx512f", 16, _mm512_add_ps, _mm512_setzero_ps, _mm512_loadu_ps, tail, _mm512_reduce_add_ps,
        /// Σ query·row.
        dot: f32, _mm512_loadu_ps, tail, (sum, a, b) { _mm512_fmadd_ps(a, b, sum) }
        /// Σ (query − row)².
        squared_l2: f32, _mm512_loadu_ps, tail, (sum, a, b) {
            let difference = _mm512_sub_ps(a, b);
            _mm512_fmadd_ps(difference, difference, sum)
        }
        /// Σ query·row, of halves.
        dot_halves: u16, load_halves, tail_of_halves, (sum, a, b) { _mm512_fmadd_ps(a, b, sum) }
        /// Σ (query − row)², of halves.
        squared_l2_halves: u16, load_halves, tail_of_halves, (sum, a, b) {
            let difference = _mm512_sub_ps(a, b);
            _mm512_fmadd_ps(difference, difference, sum)
        }
    );
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    /// Its eight integers from `8 − count` on are a mask of `count` lanes.
    const MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

    /// Reads `count` < 8 components, and zeros for the rest.
    ///
    /// # Safety
    /// `count` < 8 components lie behind `place`.
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn tail(place: *const f32, count: usize) -> __m256 {
        // SAFETY: eight integers lie behind `8 − count`; a masked load touches only the lanes of its mask.
        unsafe {
            let mask = _mm256_loadu_si256(MASKS.as_ptr().add(8 - count).cast());
            _mm256_maskload_ps(place, mask)
        }
    }

    /// # Safety
    /// Eight halves lie behind `place`.
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn load_halves(place: *const u16) -> __m256 {
        // SAFETY: the load needs no alignment.
        _mm256_cvtph_ps(unsafe { _mm_loadu_si128(place.cast()) })
    }

    /// # Safety
    /// `count` < 8 halves lie behind `place`.
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn tail_of_halves(place: *const u16, count: usize) -> __m256 {
        let mut halves = [0_u16; 8];
        // SAFETY: `count` halves are there to be read, at any alignment, and fit what they are copied to.
        unsafe {
            std::ptr::copy_nonoverlapping(place.cast::<u8>(), halves.as_mut_ptr().cast::<u8>(), count * 2);
            load_halves(halves.as_ptr())
        }
    }

    #[target_feature(enable = "avx2,fma,f16c")]
    fn reduce(sums: __m256) -> f32 {
        let quarter = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps::<1>(sums));
        let pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
        _mm_cvtss_f32(_mm_add_ss(pair, _mm_shuffle_ps::<1>(pair, pair)))
    }

    x86_kernel!("avx2,fma,f16c", 8, _mm256_add_ps, _mm256_setzero_ps, _mm256_loadu_ps, tail, reduce,
        /// Σ query·row.
        dot: f32, _mm256_loadu_ps, tail, (sum, a, b) { _mm256_fmadd_ps(a, b, sum) }
        /// Σ (query − row)².
        squared_l2: f32, _mm256_loadu_ps, tail, (sum, a, b) {
            let difference = _mm256_sub_ps(a, b);
            _mm256_fmadd_ps(difference, difference, sum)
        }
        /// Σ query·row, of halves.
        dot_halves: u16, load_halves, tail_of_halves, (sum, a, b) { _mm256_fmadd_ps(a, b, sum) }
        /// Σ (query − row)², of halves.
        squared_l2_halves: u16, load_halves, tail_of_halves, (sum, a, b) {
            let difference = _mm256_sub_ps(a, b);
            _mm256_fmadd_ps(difference, difference, sum)
        }
    );
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon {
    use std::arch::aarch64::*;

    use super::{COMPONENT_BYTES, HALF_BYTES, component, half, scalar};

    /// # Safety
    /// Four components lie behind `place`.
    #[target_feature(enable = "neon")]
    unsafe fn load(place: *const u8) -> float32x4_t {
        // SAFETY: a load of bytes needs no alignment.
        vreinterpretq_f32_u8(unsafe { vld1q_u8(place) })
    }

    /// # Safety
    /// Four halves lie behind `place`.
    #[target_feature(enable = "neon")]
    unsafe fn load_halves(place: *const u8) -> float32x4_t {
        let wide: float32x4_t;
        // SAFETY: a load of bytes needs no alignment; the conversion, which has no stable function, is between registers.
        unsafe {
            let narrow = vld1_u8(place);
            std::arch::asm!("fcvtl {0:v}.4s, {1:v}.4h", out(vreg) wide, in(vreg) narrow,
                options(pure, nomem, nostack, preserves_flags));
        }
        wide
    }

    macro_rules! neon_kernel {
        ($(#[$doc:meta] $name:ident: $bytes:ident, $load_row:ident, $rest:ident,
           ($sum:ident, $a:ident, $b:ident) $step:block, $scalar:expr;)*) => { $(
            #[$doc]
            ///
            /// # Safety
            /// The processor must have NEON, and `row` as many components as `query`.
            #[target_feature(enable = "neon")]
            pub(super) unsafe fn $name(query: &[f32], row: &[u8]) -> f32 {
                let step = |$sum, $a, $b| $step;
                let count = query.len();
                let whole = count - count % 4;
                // SAFETY: every load reads four components at a place `≤ count − 4`.
                let load = |place: usize| unsafe {
                    (vld1q_f32(query.as_ptr().add(place)), $load_row(row.as_ptr().add(place * $bytes)))
                };
                let mut sums = [vdupq_n_f32(0.0); 4];
                let mut at = 0;
                while at + 16 <= count {
                    for lane in 0..4 {
                        let (a, b) = load(at + lane * 4);
                        sums[lane] = step(sums[lane], a, b);
                    }
                    at += 16;
                }
                let mut lane = 0;
                while at < whole {
                    let (a, b) = load(at);
                    sums[lane] = step(sums[lane], a, b);
                    (at, lane) = (at + 4, lane + 1);
                }
                let sum = vaddvq_f32(vaddq_f32(vaddq_f32(sums[0], sums[1]), vaddq_f32(sums[2], sums[3])));
                sum + scalar(&query[whole..], &row[whole * $bytes..], $rest, $scalar)
            }
        )* };
    }

    neon_kernel!(
        /// Σ query·row.
        dot: COMPONENT_BYTES, load, component, (sum, a, b) { vfmaq_f32(sum, a, b) }, |sum, a, b| sum + a * b;
        /// Σ (query − row)².
        squared_l2: COMPONENT_BYTES, load, component, (sum, a, b) {
            let difference = vsubq_f32(a, b);
            vfmaq_f32(sum, difference, difference)
        }, |sum, a, b| sum + (a - b) * (a - b);
        /// Σ query·row, of halves.
        dot_halves: HALF_BYTES, load_halves, half, (sum, a, b) { vfmaq_f32(sum, a, b) }, |sum, a, b| sum + a * b;
        /// Σ (query − row)², of halves.
        squared_l2_halves: HALF_BYTES, load_halves, half, (sum, a, b) {
            let difference = vsubq_f32(a, b);
            vfmaq_f32(sum, difference, difference)
        }, |sum, a, b| sum + (a - b) * (a - b);
    );
}
