//! Half precision against the `half` crate: every `f16` and `bf16`, and `f32` numbers around every rounding boundary.

use half::{bf16, f16};
use st_backend_cpu::math::half::{bf16s_to_f32s, f16s_to_f32s, f32s_to_bf16s, f32s_to_f16s};

fn all<H>(from_bits: fn(u16) -> H) -> Vec<H> {
    (0..=u16::MAX).map(from_bits).collect()
}

/// Every number of a half type, the middles between neighbours, and the numbers next to these.
fn around(halves: impl Iterator<Item = f32>, dropped_bits: u32) -> Vec<f32> {
    let middle = 1u32 << (dropped_bits - 1);
    halves
        .flat_map(|x| {
            let bits = x.to_bits();
            [0, 1, middle - 1, middle, middle + 1, 2 * middle - 1]
                .map(|more| f32::from_bits(bits.wrapping_add(more)))
        })
        .chain((0..=u32::MAX).step_by(65_537).map(f32::from_bits))
        .collect()
}

#[test]
fn widening_is_exact() {
    let (f16s, bf16s) = (all(f16::from_bits), all(bf16::from_bits));
    let mut wide = vec![0.0f32; f16s.len()];
    f16s_to_f32s(&f16s, &mut wide);
    for (half, wide) in f16s.iter().zip(&wide) {
        assert!(
            half.to_f32().to_bits() == wide.to_bits() || half.is_nan() && wide.is_nan(),
            "{half:?} {wide}"
        );
    }
    bf16s_to_f32s(&bf16s, &mut wide);
    for (half, wide) in bf16s.iter().zip(&wide) {
        assert!(
            half.to_f32().to_bits() == wide.to_bits() || half.is_nan() && wide.is_nan(),
            "{half:?} {wide}"
        );
    }
}

#[test]
fn narrowing_rounds_to_even() {
    let wide = around(all(f16::from_bits).into_iter().map(f16::to_f32), 13);
    let mut narrow = vec![f16::ZERO; wide.len()];
    f32s_to_f16s(&wide, &mut narrow);
    for (&wide, &half) in wide.iter().zip(&narrow) {
        let want = f16::from_f32(wide);
        assert!(
            want.to_bits() == half.to_bits() || want.is_nan() && half.is_nan(),
            "{wide:e}: {half:?} {want:?}"
        );
    }
    let wide = around(all(bf16::from_bits).into_iter().map(bf16::to_f32), 16);
    let mut narrow = vec![bf16::ZERO; wide.len()];
    f32s_to_bf16s(&wide, &mut narrow);
    for (&wide, &half) in wide.iter().zip(&narrow) {
        let want = bf16::from_f32(wide);
        assert!(
            want.to_bits() == half.to_bits() || want.is_nan() && half.is_nan(),
            "{wide:e}: {half:?} {want:?}"
        );
    }
}

#[test]
fn denormal_f16_round_to_even_too() {
    let unit = 2.0f32.powi(-24);
    let wide: Vec<f32> = (0..5000).map(|i| i as f32 * 0.25 * unit).collect();
    let mut narrow = vec![f16::ZERO; wide.len()];
    f32s_to_f16s(&wide, &mut narrow);
    for (&wide, &half) in wide.iter().zip(&narrow) {
        assert_eq!(half.to_bits() as f32, (wide / unit).round_ties_even(), "{wide:e}");
    }
}
