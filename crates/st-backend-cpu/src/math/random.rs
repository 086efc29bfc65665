//! Random numbers from a counter: Philox4x32-10 (Salmon et al., 2011) and the distributions made from its words.
//!
//! The n-th numbers depend on the key and n alone, so any part of a tensor can be filled by any thread or device.

use super::Fma;
use super::{double, single};
use std::f64::consts::TAU;

/// The counters that are worked on together.
const LANES: usize = 16;

const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];

/// What the key grows by in each round.
const WEYL: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];

/// The four random words of a counter.
#[inline(always)]
pub fn philox(key: u64, counter: u64) -> [u32; 4] {
    philox_wide([key as u32, (key >> 32) as u32], [counter as u32, (counter >> 32) as u32, 0, 0])
}

/// Philox4x32-10 as published, with its whole counter of 128 bits.
#[inline(always)]
pub fn philox_wide(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    let ([mut key0, mut key1], [mut a, mut b, mut c, mut d]) = (key, counter);
    for _ in 0..10 {
        let (first, second) = (a as u64 * MULTIPLIERS[0] as u64, c as u64 * MULTIPLIERS[1] as u64);
        (a, b, c, d) =
            ((second >> 32) as u32 ^ b ^ key0, second as u32, (first >> 32) as u32 ^ d ^ key1, first as u32);
        (key0, key1) = (key0.wrapping_add(WEYL[0]), key1.wrapping_add(WEYL[1]));
    }
    [a, b, c, d]
}

/// Fills `out` with the words of `counter`, `counter + 1`, ..., four of each.
///
/// To be inlined into a function with `#[target_feature]`, where its loops over lanes vectorise.
#[inline(always)]
pub fn philox_fill(key: u64, counter: u64, out: &mut [u32]) {
    for (i, chunk) in out.chunks_mut(4 * LANES).enumerate() {
        let words = philox_lanes(key, counter.wrapping_add((i * LANES) as u64));
        chunk.copy_from_slice(&words[..chunk.len()]);
    }
}

/// `philox` of consecutive counters; every word in 64 bits, as the vector units multiply them.
#[inline(always)]
fn philox_lanes(key: u64, counter: u64) -> [u32; 4 * LANES] {
    const LOW: u64 = 0xffff_ffff;
    let (mut key0, mut key1) = (key as u32, (key >> 32) as u32);
    let (mut a, mut b, mut c, mut d) = ([0; LANES], [0; LANES], [0; LANES], [0; LANES]);
    for i in 0..LANES {
        let counter = counter.wrapping_add(i as u64);
        (a[i], b[i]) = (counter & LOW, counter >> 32);
    }
    for _ in 0..10 {
        for i in 0..LANES {
            let (first, second) = (a[i] * MULTIPLIERS[0] as u64, c[i] * MULTIPLIERS[1] as u64);
            a[i] = second >> 32 ^ b[i] ^ key0 as u64;
            c[i] = first >> 32 ^ d[i] ^ key1 as u64;
            (b[i], d[i]) = (second & LOW, first & LOW);
        }
        (key0, key1) = (key0.wrapping_add(WEYL[0]), key1.wrapping_add(WEYL[1]));
    }
    let mut words = [0; 4 * LANES];
    for i in 0..LANES {
        (words[4 * i], words[4 * i + 1]) = (a[i] as u32, b[i] as u32);
        (words[4 * i + 2], words[4 * i + 3]) = (c[i] as u32, d[i] as u32);
    }
    words
}

/// A word as a number in [0, 1), from its high 24 bits.
#[inline(always)]
pub fn uniform_f32(word: u32) -> f32 {
    (word >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
}

/// Two words as a number in [0, 1), from 53 of their bits.
#[inline(always)]
pub fn uniform_f64(high: u32, low: u32) -> f64 {
    // Through the mantissa of a number in [1, 2) for 52 bits and a half unit for the last: AVX2 cannot convert u64.
    let bits = (high as u64) << 32 | low as u64;
    let head = f64::from_bits(1.0_f64.to_bits() | bits >> 12) - 1.0;
    head + (bits >> 11 & 1) as u32 as i32 as f64 * (f64::EPSILON / 2.0)
}

/// Two independent normal numbers from two words, by Box and Muller.
#[inline(always)]
pub fn normal_f32<F: Fma>(words: [u32; 2]) -> [f32; 2] {
    // 1 - u lies in (0, 1], where the logarithm is finite.
    let radius = (-2.0 * single::log::<F>(1.0 - uniform_f32(words[0]))).sqrt();
    let (sin, cos) = single::sin_cos_turns::<F>(uniform_f32(words[1]));
    [radius * cos, radius * sin]
}

/// Two independent normal numbers from four words, by Box and Muller.
#[inline(always)]
pub fn normal_f64<F: Fma>(words: [u32; 4]) -> [f64; 2] {
    let radius = (-2.0 * double::log::<F>(1.0 - uniform_f64(words[0], words[1]))).sqrt();
    let (sin, cos) = (TAU * uniform_f64(words[2], words[3])).sin_cos();
    [radius * cos, radius * sin]
}
