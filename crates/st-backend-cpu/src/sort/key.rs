//! Keys: unsigned integers that order as the elements they stand for.

use crate::element::{Element, Flag};
use half::{bf16, f16};

/// An element with a key.
pub(super) trait SortKey: Element {
    /// The key with a position.
    type Packed: Packed;
    /// Larger for larger elements; NaN's is the largest, and both zeros have one key.
    fn key(self) -> u64;
}

/// A key above a position, in one integer: distinct, and ordered by key, then position.
pub(super) trait Packed: Copy + Ord + Send + Sync + 'static {
    /// Digits of the key, 8 bits each.
    const DIGITS: usize;
    /// Larger than any other.
    const WORST: Self;
    /// Packs both; of a flipped key the excess upper bits fall away.
    fn new(key: u64, position: u32) -> Self;
    /// Digit `i` of the key, the lowest first.
    fn digit(self, i: usize) -> usize;
    /// The position.
    fn position(self) -> usize;
}

impl Packed for u64 {
    const DIGITS: usize = 4;
    const WORST: u64 = u64::MAX;
    #[inline(always)]
    fn new(key: u64, position: u32) -> u64 {
        key << 32 | u64::from(position)
    }
    #[inline(always)]
    fn digit(self, i: usize) -> usize {
        (self >> (32 + 8 * i)) as usize & 255
    }
    #[inline(always)]
    fn position(self) -> usize {
        self as u32 as usize
    }
}

impl Packed for u128 {
    const DIGITS: usize = 8;
    const WORST: u128 = u128::MAX;
    #[inline(always)]
    fn new(key: u64, position: u32) -> u128 {
        u128::from(key) << 64 | u128::from(position)
    }
    #[inline(always)]
    fn digit(self, i: usize) -> usize {
        ((self >> 64) as u64 >> (8 * i)) as usize & 255
    }
    #[inline(always)]
    fn position(self) -> usize {
        self as u32 as usize
    }
}

macro_rules! integers {
    ($($t:ident $bits:ident $packed:ident;)*) => {$(
        impl SortKey for $t {
            type Packed = $packed;
            #[inline(always)]
            fn key(self) -> u64 { u64::from((self as $bits) ^ ($t::MIN as $bits)) }
        }
    )*};
}
integers! { u8 u8 u64; i8 u8 u64; i16 u16 u64; i32 u32 u64; i64 u64 u128; u16 u16 u64; u32 u32 u64; u64 u64 u128; }

macro_rules! floats {
    ($($t:ident $bits:ident $packed:ident;)*) => {$(
        impl SortKey for $t {
            type Packed = $packed;
            #[inline(always)]
            fn key(self) -> u64 {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                let bits = self.to_bits();
                let bits = if bits == SIGN { 0 } else { bits };
                let ordered = if bits & SIGN == 0 { bits | SIGN } else { !bits };
                u64::from(if Element::is_nan(self) { $bits::MAX } else { ordered })
            }
        }
    )*};
}
floats! { f16 u16 u64; bf16 u16 u64; f32 u32 u64; f64 u64 u128; }

impl SortKey for Flag {
    type Packed = u64;
    #[inline(always)]
    fn key(self) -> u64 {
        u64::from(self.widen())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_as_elements_do() {
        let floats =
            [f64::NEG_INFINITY, -1e300, -2.5, -1e-310, 0.0, 1e-310, 1.0, 1e300, f64::INFINITY, f64::NAN];
        assert!(floats.windows(2).all(|w| w[0].key() < w[1].key()));
        assert!(floats.windows(2).all(|w| (w[0] as f32).key() <= (w[1] as f32).key()));
        assert!(floats.windows(2).all(|w| f16::from_f64(w[0]).key() <= f16::from_f64(w[1]).key()));
        assert_eq!((-0.0f32).key(), 0.0f32.key());
        assert_eq!((-f32::NAN).key(), f32::NAN.key());
        let ints = [i64::MIN, -5, 0, 7, i64::MAX];
        assert!(ints.windows(2).all(|w| w[0].key() < w[1].key()));
        assert!([i8::MIN, -1, 0, i8::MAX].windows(2).all(|w| w[0].key() < w[1].key()));
        assert!(200u8.key() > 100u8.key() && Flag(7).key() == Flag(1).key());
    }

    #[test]
    fn packing_keeps_both() {
        let packed = <u128 as Packed>::new(0x0102_0304_0506_0708, 9);
        assert_eq!(packed.position(), 9);
        assert_eq!((0..8).rev().map(|i| packed.digit(i)).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
        let packed = <u64 as Packed>::new(!0x0506_0708, 9);
        assert_eq!((0..4).rev().map(|i| 255 - packed.digit(i)).collect::<Vec<_>>(), [5, 6, 7, 8]);
    }
}
