//! Every kernel gives the integers of the plain sum, for drawn and for extreme bytes.

use proptest::prelude::*;
use sledstore_neighbor::Kernel;

fn check(a: &[u8], b: &[u8]) {
    let dot: i64 = a.iter().zip(b).map(|(&a, &b)| i64::from(a) * (i64::from(b) - 128)).sum();
    let differing: u32 = a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum();
    for kernel in Kernel::available() {
        assert_eq!(i64::from(kernel.dot(a, b)), dot, "{:?} of {}", kernel.instructions(), a.len());
        assert_eq!(kernel.differing(a, b), differing, "{:?} of {}", kernel.instructions(), a.len());
    }
}

proptest! {
    #[test]
    fn on_drawn_bytes(blocks in 0_usize..20, seed in any::<[(u8, u8); 32]>()) {
        let bytes = |at: usize| seed[(at * 7 + at / 32) % 32];
        let a: Vec<u8> = (0..blocks * 16).map(|at| bytes(at).0).collect();
        let b: Vec<u8> = (0..blocks * 16).map(|at| bytes(at).1).collect();
        check(&a, &b);
    }
}

#[test]
fn on_extreme_bytes() {
    for length in [0, 16, 48, 64, 80, 128, 144, 784, 16_000, 32_768] {
        for a in [0, 1, 127, 128, 255] {
            for b in [0, 1, 127, 128, 255] {
                check(&vec![a; length], &vec![b; length]);
            }
        }
    }
}

#[test]
fn on_floats() {
    for length in [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 100, 784] {
        let of = |seed: usize| (0..length).map(move |at| ((at * 37 + seed * 101) % 211) as f32 / 16.0 - 6.0);
        let a: Vec<u8> = of(1).flat_map(f32::to_le_bytes).collect();
        let b: Vec<f32> = of(2).collect();
        // Sixteenths, of which these sums have no rounding.
        let squares: f32 = of(1).zip(of(2)).map(|(a, b)| (a - b) * (a - b)).sum();
        let products: f32 = of(1).zip(of(2)).map(|(a, b)| a * b).sum();
        for kernel in Kernel::available() {
            assert_eq!(kernel.squares(&a, &b), squares, "{:?} of {length}", kernel.instructions());
            assert_eq!(kernel.products(&a, &b), products, "{:?} of {length}", kernel.instructions());
        }
    }
}

#[test]
fn names_choose_kernels() {
    assert_eq!(Kernel::named(Some("scalar")).instructions().name(), "scalar");
    let fastest = Kernel::available().next().unwrap().instructions();
    assert_eq!(Kernel::named(None).instructions(), fastest);
    assert_eq!(Kernel::named(Some("none such")).instructions(), fastest);
}

#[test]
fn on_the_way_back() {
    // One processor reads what another one has called exact.
    for length in [9, 15, 16, 17, 100, 784] {
        let bytes: Vec<u8> = (0..length).map(|at| (at * 37 % 256) as u8).collect();
        let middle: Vec<f32> = (0..length).map(|at| at as f32 / 7.0 - 3.0).collect();
        let restored = |kernel: Kernel| {
            let mut floats = vec![0; length * 4];
            kernel.restore(&bytes, &middle, 0.3, &mut floats);
            floats
        };
        let all: Vec<Vec<u8>> = Kernel::available().map(restored).collect();
        let wanted = bytes.iter().zip(&middle).map(|(&byte, middle)| middle + 0.3 * (f32::from(byte) - 128.0));
        let wanted: Vec<u8> = wanted.flat_map(f32::to_le_bytes).collect();
        assert!(all.iter().all(|restored| *restored == wanted), "{length}");
    }
}
