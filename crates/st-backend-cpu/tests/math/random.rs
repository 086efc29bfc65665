//! Philox against its published vectors, and its distributions against their moments.

use st_backend_cpu::math::random::{
    normal_f32, normal_f64, philox, philox_fill, philox_wide, uniform_f32, uniform_f64,
};
use st_backend_cpu::math::{Fused, Unfused};

/// The known answers that come with Random123.
#[test]
fn philox_gives_the_published_words() {
    assert_eq!(philox(0, 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    assert_eq!(
        philox_wide([u32::MAX; 2], [u32::MAX; 4]),
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    );
    assert_eq!(
        philox_wide([0xa409_3822, 0x299f_31d0], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]),
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    );
}

#[test]
fn a_filled_block_is_the_counters_in_order() {
    let (key, counter) = (0x0123_4567_89ab_cdef, u32::MAX as u64 - 5);
    for length in [0, 1, 4, 63, 64, 65, 1000] {
        let mut words = vec![0; length];
        philox_fill(key, counter, &mut words);
        for (i, &word) in words.iter().enumerate() {
            assert_eq!(word, philox(key, counter + i as u64 / 4)[i % 4]);
        }
    }
}

#[test]
fn uniform_numbers_use_their_bits_and_stay_below_one() {
    assert_eq!((uniform_f32(0), uniform_f64(0, 0)), (0.0, 0.0));
    assert_eq!(uniform_f32(u32::MAX), 1.0 - 2.0f32.powi(-24));
    assert_eq!(uniform_f64(u32::MAX, u32::MAX), 1.0 - 2.0f64.powi(-53));
    assert_eq!(uniform_f32(0x8000_0100), 0.5 + 2.0f32.powi(-24));
    for i in 0..1000 {
        let [high, low, ..] = philox(1, i);
        let bits = ((high as u64) << 32 | low as u64) >> 11;
        assert_eq!(uniform_f64(high, low), bits as f64 / 2.0f64.powi(53));
    }
}

/// Mean, variance, skewness and excess kurtosis.
fn moments(numbers: &[f64]) -> [f64; 4] {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let central = |power| numbers.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
    let variance = central(2);
    [mean, variance, central(3) / variance.powf(1.5), central(4) / variance.powi(2) - 3.0]
}

#[test]
fn normal_numbers_have_normal_moments() {
    let n = 100_000;
    let single: Vec<f64> = (0..n)
        .flat_map(|i| {
            let [a, b, ..] = philox(7, i);
            normal_f32::<Fused>([a, b]).map(f64::from)
        })
        .collect();
    let double: Vec<f64> = (0..n).flat_map(|i| normal_f64::<Unfused>(philox(7, i))).collect();
    for numbers in [single, double] {
        // Five standard errors of each estimate: 1/n, 2/n, 6/n and 24/n are their variances.
        let error = |factor: f64| 5.0 * (factor / numbers.len() as f64).sqrt();
        let [mean, variance, skewness, kurtosis] = moments(&numbers);
        assert!(mean.abs() < error(1.0), "mean {mean}");
        assert!((variance - 1.0).abs() < error(2.0), "variance {variance}");
        assert!(skewness.abs() < error(6.0), "skewness {skewness}");
        assert!(kurtosis.abs() < error(24.0), "kurtosis {kurtosis}");
        assert!(numbers.iter().all(|x| x.is_finite()));
    }
}

#[test]
fn the_largest_word_is_not_an_infinite_normal() {
    for words in [[u32::MAX, 0], [0, 0], [u32::MAX, u32::MAX], [0, 0x8000_0000]] {
        let [a, b] = normal_f32::<Fused>(words);
        let want = (-2.0 * (1.0 - uniform_f32(words[0]) as f64).ln()).sqrt();
        assert!(((a as f64).hypot(b as f64) - want).abs() < 1e-5);
    }
}
