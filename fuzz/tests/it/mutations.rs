//! A small fuzzer without feedback: seeded mutations of the corpus, and noise.

use crate::corpus::{corpus, run};
use antfarm_fuzz::{Met, TARGETS};

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).expect("below a length")
    }

    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.next().to_le_bytes();
        // Noise is seldom small, and what counts things is.
        if byte.is_multiple_of(4) { byte / 4 % 8 } else { byte }
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| self.byte()).collect()
    }
}

fn mutate(input: &mut Vec<u8>, other: &[u8], noise: &mut Noise) {
    let at = noise.below(input.len() + 1);
    let end = (at + 1 + noise.below(8)).min(input.len());
    match noise.below(6) {
        0 if at < end => input[at] ^= 1 << noise.below(8),
        // A digit for a digit: of a text little else keeps its meaning.
        1 if at < end && input[at].is_ascii_digit() => input[at] = b'0' + noise.byte() % 10,
        1 if at < end => input[at] = noise.byte(),
        2 => input.insert(at, noise.byte()),
        3 => drop(input.drain(at..end)),
        4 => {
            let from = noise.below(other.len() + 1);
            let run = &other[from..other.len().min(from + 16)];
            input.splice(at..end, run.iter().copied());
        }
        _ => input.truncate(at.max(1)),
    }
}

/// `count` inputs: of eight one is noise, the others are corpus files with one to four changes.
fn check(name: &str, count: usize) {
    let (_, target) = TARGETS.into_iter().find(|(target, _)| *target == name).expect("a target");
    let files: Vec<Vec<u8>> = corpus(name).into_values().collect();
    let mut noise = Noise(0xA47);
    let mut taken = 0;
    for nth in 0..count {
        let mut input = files[noise.below(files.len())].clone();
        if nth % 8 == 0 {
            input = noise.bytes(300);
        } else {
            for _ in 0..=noise.below(4) {
                let other = noise.below(files.len());
                mutate(&mut input, &files[other], &mut noise);
            }
        }
        let met = run(&format!("{name}, input {nth}"), target, &input);
        taken += usize::from(met == Met::Taken);
    }
    assert!(taken * 250 >= count && taken < count, "{taken} of {count} inputs were taken: noise is not what it was");
}

#[test]
fn noise_breaks_no_guarantee_of_the_codec() {
    check("codec", 20_000);
}

#[test]
fn noise_breaks_no_guarantee_of_the_ledger() {
    check("ledger", 2_000);
}

#[test]
fn noise_breaks_no_guarantee_of_scenario_files() {
    check("scenario", 2_000);
}

#[test]
fn noise_breaks_no_guarantee_of_worlds() {
    check("world", 1_000);
}

#[test]
fn noise_breaks_no_guarantee_of_handshakes() {
    check("handshake", 300);
}

#[test]
fn noise_breaks_no_guarantee_of_frames() {
    check("frames", 20_000);
}

#[test]
fn noise_breaks_no_guarantee_of_the_control_socket() {
    check("control", 5_000);
}

#[test]
fn noise_breaks_no_guarantee_of_configurations() {
    check("config", 2_000);
}

#[test]
fn noise_breaks_no_guarantee_of_manifests() {
    check("manifest", 2_000);
}

#[test]
fn noise_breaks_no_guarantee_of_recordings() {
    check("recording", 3_000);
}

#[test]
fn noise_breaks_no_guarantee_of_specs() {
    check("spec", 2_000);
}

#[test]
fn noise_breaks_no_guarantee_of_predicates() {
    check("predicate", 20_000);
}
