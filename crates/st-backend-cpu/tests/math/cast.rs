//! Casts against what x86-64's conversion instructions give, which is what PyTorch gives.

use st_backend_cpu::math::cast::Number;

/// The rule in 128-bit integers: truncate, give `smallest` where the result does not fit.
fn truncated(x: f64, bits: u32) -> i128 {
    let (low, high) = (-(1i128 << (bits - 1)), 1i128 << (bits - 1));
    let whole = x.trunc();
    if x.is_nan() || whole < low as f64 || whole >= high as f64 { low } else { whole as i128 }
}

#[test]
fn floats_truncate_and_overflow_to_the_smallest_integer() {
    let edges =
        [0.0, 0.5, 1.9, 127.5, 255.9, 300.7, 65_537.5, 2147483520.0, 2147483648.0, 4294967296.0, 3e9, 9.2e18];
    let beyond = [9223372036854775808.0, 9.3e18, 1e20, f32::MAX, f32::INFINITY, f32::NAN];
    for x in edges.into_iter().chain(beyond).flat_map(|x| [x, -x]) {
        let wide = x as f64;
        assert_eq!(i32::cast(x), truncated(wide, 32) as i32, "{x}");
        assert_eq!(i32::cast(wide), truncated(wide, 32) as i32, "{x}");
        assert_eq!(i64::cast(x), truncated(wide, 64) as i64, "{x}");
        assert_eq!(i64::cast(wide), truncated(wide, 64) as i64, "{x}");
        assert_eq!(i16::cast(x), truncated(wide, 32) as i16, "{x}");
        assert_eq!(i8::cast(wide), truncated(wide, 32) as i8, "{x}");
        assert_eq!(u8::cast(x), truncated(wide, 32) as u8, "{x}");
        assert_eq!(u32::cast(x), truncated(wide, 64) as u32, "{x}");
    }
    assert_eq!(i32::cast(-2147483648.9f64), i32::MIN);
    assert_eq!(i32::cast(2147483647.9f64), i32::MAX);
}

/// As PyTorch 2.15 printed them on x86-64.
#[test]
fn unsigned_64_bit_integers_as_pytorch() {
    let pairs = [
        (3e9, 3_000_000_000),
        (-1.9, u64::MAX),
        (-3e9, (-3_000_000_000_i64) as u64),
        (f32::NAN, 1 << 63),
        (f32::INFINITY, 0),
        (f32::NEG_INFINITY, 1 << 63),
        (9.3e18, 9_300_000_300_729_368_576),
        (2e19, 0),
    ];
    for (x, want) in pairs {
        assert_eq!(u64::cast(x), want, "{x}");
    }
}

#[test]
fn integers_wrap_and_bools_count() {
    assert_eq!(i8::cast(300i64), 44);
    assert_eq!(u8::cast(-1i32), 255);
    assert_eq!(i32::cast(1i64 << 32 | 7), 7);
    assert_eq!(u64::cast(-1i8), u64::MAX);
    assert_eq!(i64::cast(u64::MAX), -1);
    assert_eq!(f32::cast(16_777_217i32), 16_777_216.0);
    assert_eq!((f64::cast(true), i16::cast(true), u8::cast(false)), (1.0, 1, 0));
    assert!(bool::cast(f32::NAN) && bool::cast(-3i8) && !bool::cast(-0.0f64));
}
