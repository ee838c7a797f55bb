//! Every fuzz target takes its seeds, and what is made of them by chance; no coverage guides here, that is the harness's.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use sledstore_proof::fuzz::{PLANTED, TARGETS};

const CHANGED: usize = 300;

fn change(random: &mut SmallRng, input: &mut Vec<u8>) {
    for _ in 0..random.random_range(1..4) {
        if input.is_empty() {
            return;
        }
        let at = random.random_range(0..input.len());
        match random.random_range(0..4) {
            0 => input[at] ^= 1 << random.random_range(0..8),
            1 => input[at] = [0, 1, 0x7f, 0x80, 0xff][random.random_range(0..5)],
            2 => drop(input.drain(at..(at + random.random_range(1..9)).min(input.len()))),
            _ => {
                let end = (at + 8).min(input.len());
                input[at..end].fill(0xff);
            }
        }
    }
}

#[test]
fn and_what_becomes_of_them() {
    let seed = std::env::var("SLEDSTORE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(rand::random);
    eprintln!("SLEDSTORE_SEED={seed}");
    let mut random = SmallRng::seed_from_u64(seed);
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(seeds.iter().all(|seed| !seed.is_empty()), "{}", target.name);
        seeds.iter().for_each(|seed| (target.run)(seed));
        for _ in 0..CHANGED {
            let mut input = seeds[random.random_range(0..seeds.len())].clone();
            change(&mut random, &mut input);
            (target.run)(&input);
        }
    }
    (PLANTED.seeds)().iter().for_each(|seed| (PLANTED.run)(seed));
}
