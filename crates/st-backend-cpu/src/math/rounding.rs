//! Rounding and division with remainder, written once for both float types.

/// Defines the functions for `$float`, whose numbers are all integers from `$all_integers` on.
macro_rules! rounding {
    ($float:ty, $all_integers:literal) => {
        /// The nearest integer, ties to even.
        #[inline(always)]
        pub fn round<F: Fma>(x: $float) -> $float {
            // Addition rounds, on every target; baseline x86-64 has no other way.
            let size = x.abs();
            let y = (size + $all_integers) - $all_integers;
            if size < $all_integers { y.copysign(x) } else { x }
        }

        /// The largest integer not above x.
        #[inline(always)]
        pub fn floor<F: Fma>(x: $float) -> $float {
            let y = round::<F>(x);
            (if y > x { y - 1.0 } else { y }).copysign(x)
        }

        /// The smallest integer not below x.
        #[inline(always)]
        pub fn ceil<F: Fma>(x: $float) -> $float {
            let y = round::<F>(x);
            (if y < x { y + 1.0 } else { y }).copysign(x)
        }

        /// x without its fraction.
        #[inline(always)]
        pub fn trunc<F: Fma>(x: $float) -> $float {
            floor::<F>(x.abs()).copysign(x)
        }

        /// What floored division leaves, with the sign of y, as in Python.
        #[inline(always)]
        pub fn remainder<F: Fma>(x: $float, y: $float) -> $float {
            let rest = fmod::<F>(x, y);
            if (rest != 0.0) & ((rest < 0.0) != (y < 0.0)) { rest + y } else { rest }
        }

        /// The quotient that goes with `remainder`, rounded down; x / 0 is infinite or NaN.
        #[inline(always)]
        pub fn floor_divide<F: Fma>(x: $float, y: $float) -> $float {
            let rest = fmod::<F>(x, y);
            let opposite = (rest != 0.0) & ((rest < 0.0) != (y < 0.0));
            let quotient = (x - rest) / y - if opposite { 1.0 } else { 0.0 };
            let below = floor::<F>(quotient);
            let nearest = if quotient - below > 0.5 { below + 1.0 } else { below };
            let signed = if quotient == 0.0 { (0.0 as $float).copysign(x / y) } else { nearest };
            if y == 0.0 { x / y } else { signed }
        }
    };
}
