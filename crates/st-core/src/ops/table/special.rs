//! The error function, the gamma function and their kin.

use super::macros::{build, pointwise};
use crate::ops::def::Forms;
use crate::tensor::Tensor;
use st_kernel::expr::*;
use st_kernel::{Ex, runtime_err};

pointwise! {
    /// The error function.
    erf(input) { forward: |x| erf(x[0]), onnx: "Erf" }

    /// 1 - erf(x), exact far from zero.
    erfc(input) { forward: |x| erfc(x[0]) }

    /// The inverse of the error function.
    erfinv(input) { forward: |x| erfinv(x[0]), domain: (-0.9, 0.9) }

    /// The logarithm of |gamma(x)|.
    lgamma(input) { forward: |x| lgamma(x[0]), domain: (0.2, 4.0) }

    /// The derivative of `lgamma`.
    digamma(input) { forward: |x| digamma(x[0]), domain: (0.2, 4.0) }

    /// The derivative of `digamma`.
    trigamma(input) { forward: |x| trigamma(x[0]), forms: Forms::HIDDEN, domain: (0.2, 4.0) }

    /// `factor` times the sum of 1 / (x + k)^power over all k from 0 on: Hurwitz's zeta function.
    zeta(input; power; factor) { forward: |x| x[2] * hurwitz(x[0], x[1]), forms: Forms::HIDDEN, domain: (0.2, 4.0) }
}

/// The first terms, then the sum of the others by Euler and Maclaurin.
fn hurwitz(x: Ex, power: Ex) -> Ex {
    // Bernoulli's numbers over the factorials of 2, 4, 6 ..
    const SERIES: [f64; 7] = [
        1.0 / 12.0,
        -1.0 / 720.0,
        1.0 / 30_240.0,
        -1.0 / 1_209_600.0,
        1.0 / 47_900_160.0,
        -691.0 / 1_307_674_368_000.0,
        1.0 / 74_724_249_600.0,
    ];
    let term = |x: Ex| pow(x, -power);
    let near = (0..10).map(|k| term(x + f64::from(k))).reduce(|sum, term| sum + term).expect("ten terms");
    let far = x + 10.0;
    let (mut tail, mut rising) = (far / (power - 1.0) + 0.5, power / far);
    for (i, c) in SERIES.into_iter().enumerate() {
        tail = tail + rising * c;
        let k = 2.0 * i as f64 + 1.0;
        rising = rising * ((power + k) / far) * ((power + (k + 1.0)) / far);
    }
    near + term(far) * tail
}

build! {
    /// The n-th derivative of `digamma`.
    "polygamma" "(n: int, input: Tensor)".forms(Forms::EVERY).domain(0.2, 4.0),
        |n: i64, input: &Tensor| match n {
            0 => input.digamma(),
            1 => input.trigamma(),
            n if n < 0 => Err(runtime_err!("polygamma(n, x) does not support negative n.")),
            n => {
                let factorial: f64 = (1..=n).map(|k| k as f64).product();
                input.zeta((n + 1) as f64, if n % 2 == 0 { -factorial } else { factorial })
            }
        };
}
