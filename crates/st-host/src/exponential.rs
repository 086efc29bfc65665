//! The exponential of a matrix: scaling, a rational approximation of degree 13, squaring.

use crate::field::Field;
use crate::lu::{lu, lu_solve};
use crate::product::{Part, subtract_product};
use crate::triangular::Triangle;
use num_traits::Float;

/// The coefficients of the approximation's numerator.
const COEFFICIENTS: [f64; 14] = [
    64_764_752_532_480_000.0,
    32_382_376_266_240_000.0,
    7_771_770_303_897_600.0,
    1_187_353_796_428_800.0,
    129_060_195_264_000.0,
    10_559_470_521_600.0,
    670_442_572_800.0,
    33_522_128_640.0,
    1_323_241_920.0,
    40_840_800.0,
    960_960.0,
    16_380.0,
    182.0,
    1.0,
];
/// The approximation is exact to double precision up to this norm.
const LARGEST_NORM: f64 = 5.37;

/// The exponential of an `n` by `n` matrix, computed in double precision.
pub fn exponential<T: Field>(n: usize, a: &[T], out: &mut [T])
where
    T::Wide: Field<Real = f64>,
{
    let mut x: Vec<T::Wide> = a.iter().map(|x| x.widen()).collect();
    let row = |i: usize| x[i * n..(i + 1) * n].iter().map(|x| x.modulus()).sum::<f64>();
    let norm = (0..n).map(row).fold(0.0, |m: f64, x| if x > m || x.is_nan() { x } else { m });
    if !norm.is_finite() {
        out.fill(T::of(<T::Real as Float>::nan()));
        return;
    }
    let squarings = if norm > LARGEST_NORM { (norm / LARGEST_NORM).log2().ceil() as i32 } else { 0 };
    let scale = <T::Wide as Field>::of(0.5f64.powi(squarings));
    x.iter_mut().for_each(|x| *x *= scale);
    let mut result = approximation(n, &x);
    for _ in 0..squarings {
        result = product(n, &result, &result);
    }
    out.iter_mut().zip(result).for_each(|(to, x)| *to = T::narrow(x));
}

/// `(v - u)^{-1} (v + u)`, where u has the odd powers and v the even ones.
fn approximation<T: Field<Real = f64>>(n: usize, x: &[T]) -> Vec<T> {
    let c = |i: usize| T::of(COEFFICIENTS[i]);
    let x2 = product(n, x, x);
    let x4 = product(n, &x2, &x2);
    let x6 = product(n, &x4, &x2);
    // x6 (c[high] x6 + ..) + c[low] x6 + .. + c[start]
    let even = |start: usize| -> Vec<T> {
        let combined = |k6: T, k4: T, k2: T, k0: T| -> Vec<T> {
            let unit = |i: usize| if i / n == i % n { k0 } else { T::ZERO };
            (0..n * n).map(|i| k6 * x6[i] + k4 * x4[i] + k2 * x2[i] + unit(i)).collect()
        };
        let high = combined(c(start + 12), c(start + 10), c(start + 8), T::ZERO);
        let low = combined(c(start + 6), c(start + 4), c(start + 2), c(start));
        product(n, &x6, &high).iter().zip(low).map(|(&a, b)| a + b).collect()
    };
    let (v, u) = (even(0), product(n, x, &even(1)));
    let mut denominator: Vec<T> = v.iter().zip(&u).map(|(&v, &u)| v - u).collect();
    let mut result: Vec<T> = v.iter().zip(&u).map(|(&v, &u)| v + u).collect();
    let mut pivots = vec![0; n];
    lu(n, n, &mut denominator, &mut pivots);
    lu_solve(n, n, &denominator, &pivots, &mut result, Triangle::default());
    result
}

fn product<T: Field>(n: usize, a: &[T], b: &[T]) -> Vec<T> {
    let mut c = vec![T::ZERO; n * n];
    subtract_product(&mut c, n, (n, n, n), Part::new(a, n), Part::new(b, n));
    c.iter_mut().for_each(|x| *x = -*x);
    c
}
