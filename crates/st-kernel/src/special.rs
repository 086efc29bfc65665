//! Exact values of the primitives that no fixed number of terms gives: the incomplete gamma functions, the zeta
//! function, orthogonal polynomials of any degree.

use std::f64::consts::PI;

/// Terms and steps after which a series or a fraction is taken to have converged.
const LIMIT: usize = 20_000;

/// The regularised lower incomplete gamma function.
pub(crate) fn igamma(a: f64, x: f64) -> f64 {
    match edge(a, x) {
        Some(lower) => lower,
        None if a > 1e5 => uniform(a, x, true),
        None if x < a + 1.0 => lower_series(a, x),
        None => 1.0 - igammac(a, x),
    }
}

/// The regularised upper incomplete gamma function, `1 - igamma`.
pub(crate) fn igammac(a: f64, x: f64) -> f64 {
    match edge(a, x) {
        Some(lower) => 1.0 - lower,
        None if a > 1e5 => uniform(a, x, false),
        None if x < 1.5 && a < 1.5 => upper_series(a, x),
        None if x < a + 1.0 => 1.0 - lower_series(a, x),
        None => upper_fraction(a, x),
    }
}

/// The lower function where an argument is an end of its range; NaN where there is none.
fn edge(a: f64, x: f64) -> Option<f64> {
    if a < 0.0 || x < 0.0 || (a.is_infinite() && x.is_infinite()) {
        Some(f64::NAN)
    } else if a == 0.0 {
        Some(if x > 0.0 { 1.0 } else { f64::NAN })
    } else if x == 0.0 || a.is_infinite() {
        Some(0.0)
    } else if x.is_infinite() {
        Some(1.0)
    } else if a.is_nan() || x.is_nan() {
        Some(f64::NAN)
    } else {
        None
    }
}

/// x^a exp(-x) / gamma(a + 1), without cancellation of large logarithms.
fn prefix(a: f64, x: f64) -> f64 {
    if a < 10.0 {
        return (a * x.ln() - x - libm::lgamma(a + 1.0)).exp();
    }
    let stirling = 1.0 / (12.0 * a) - 1.0 / (360.0 * a.powi(3)) + 1.0 / (1260.0 * a.powi(5))
        - 1.0 / (1680.0 * a.powi(7))
        + 1.0 / (1188.0 * a.powi(9))
        - 691.0 / (360_360.0 * a.powi(11))
        + 1.0 / (156.0 * a.powi(13));
    (-a * excess(x / a) - stirling).exp() / (2.0 * PI * a).sqrt()
}

/// l - 1 - ln(l), exact near 1.
fn excess(l: f64) -> f64 {
    let m = l - 1.0;
    if m.abs() > 0.4 {
        return m - l.ln();
    }
    let r = m / (2.0 + m);
    let odd = (1..16).rev().fold(0.0, |sum, k| (sum + 1.0 / f64::from(2 * k + 1)) * r * r);
    2.0 * r * (r / (1.0 - r) - odd)
}

/// The sum of x^k / ((a + 1) .. (a + k)), times the prefix.
fn lower_series(a: f64, x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..LIMIT {
        term *= x / (a + k as f64);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    (sum * prefix(a, x)).min(1.0)
}

/// Legendre's continued fraction, by Lentz's method.
fn upper_fraction(a: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / tiny, 1.0 / b);
    let mut value = d;
    for k in 1..LIMIT {
        let n = k as f64;
        let numerator = -n * (n - a);
        b += 2.0;
        d = numerator * d + b;
        d = 1.0 / if d.abs() < tiny { tiny } else { d };
        c = b + numerator / c;
        c = if c.abs() < tiny { tiny } else { c };
        value *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value * prefix(a, x) * a
}

/// 1 - x^a / gamma(a + 1) (1 + a sum of (-x)^n / (n! (a + n))), for small arguments.
fn upper_series(a: f64, x: f64) -> f64 {
    let (mut sum, mut term) = (0.0, 1.0);
    for k in 1..60 {
        let n = f64::from(k);
        term *= -x / n;
        sum += term / (a + n);
    }
    let exponent = a * x.ln() - lgamma_above_one(a);
    -exponent.exp_m1() - a * sum * exponent.exp()
}

/// lgamma(1 + a), exact for small a.
fn lgamma_above_one(a: f64) -> f64 {
    // Euler's constant, then the zeta function at 2, 3 ..  over 2, 3 ..
    const SERIES: [f64; 7] = [
        -0.577_215_664_901_532_9,
        0.822_467_033_424_113_2,
        -0.400_685_634_386_531_4,
        0.270_580_808_427_784_5,
        -0.207_385_551_028_673_98,
        0.169_557_176_997_408_2,
        -0.144_049_896_768_846_1,
    ];
    if a > 0.003 { libm::lgamma(1.0 + a) } else { SERIES.iter().rev().fold(0.0, |sum, c| (sum + c) * a) }
}

/// Temme's expansion for large `a`: a normal distribution and a correction.
fn uniform(a: f64, x: f64, lower: bool) -> f64 {
    // The correction at 1 as a series of the distance from it.
    const NEAR: [f64; 6] =
        [-1.0 / 3.0, 1.0 / 12.0, -2.0 / 135.0, 1.0 / 864.0, 1.0 / 2835.0, -139.0 / 777_600.0];
    let l = x / a;
    let half_square = excess(l);
    let eta = (2.0 * half_square).sqrt().copysign(l - 1.0);
    let first = if eta.abs() < 0.1 {
        NEAR.iter().rev().fold(0.0, |sum, c| sum * eta + c)
    } else {
        1.0 / (l - 1.0) - 1.0 / eta
    };
    let second = -1.0 / 540.0 - eta / 288.0;
    let rest = (-a * half_square).exp() / (2.0 * PI * a).sqrt() * (first + second / a);
    let tail = |sign: f64| 0.5 * libm::erfc(sign * eta * (a / 2.0).sqrt());
    if lower { tail(-1.0) - rest } else { tail(1.0) + rest }
}

/// Hurwitz's zeta function: the sum of (q + k)^-x over all k from 0 on.
pub(crate) fn zeta(x: f64, q: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    if x < 1.0 {
        return f64::NAN;
    }
    if q <= 0.0 && q == q.floor() {
        return f64::INFINITY;
    }
    if x.is_nan() || q.is_nan() || (q <= 0.0 && x != x.floor()) {
        return f64::NAN;
    }
    if q > 0.0 {
        return hurwitz(x, q);
    }
    // The terms below zero are those of the mirrored sequence.
    let fraction = q - q.floor();
    let sign = if x % 2.0 == 0.0 { 1.0 } else { -1.0 };
    hurwitz(x, fraction) + sign * (hurwitz(x, 1.0 - fraction) - hurwitz(x, 1.0 - q))
}

/// The first terms, then the sum of the others by Euler and Maclaurin.
fn hurwitz(x: f64, q: f64) -> f64 {
    // Bernoulli's numbers over the factorials of 2, 4, 6 ..
    const SERIES: [f64; 10] = [
        1.0 / 12.0,
        -1.0 / 720.0,
        1.0 / 30_240.0,
        -1.0 / 1_209_600.0,
        1.0 / 47_900_160.0,
        -691.0 / 1_307_674_368_000.0,
        1.0 / 74_724_249_600.0,
        -3617.0 / 10_670_622_842_880_000.0,
        43_867.0 / 5_109_094_217_170_944_000.0,
        -174_611.0 / 802_857_662_698_291_200_000.0,
    ];
    if q.is_infinite() || x.is_infinite() {
        return if q < 1.0 {
            f64::INFINITY
        } else if q == 1.0 {
            1.0
        } else {
            0.0
        };
    }
    let near: f64 = (0..10).map(|k| (q + f64::from(k)).powf(-x)).sum();
    let far = q + 10.0;
    let (mut tail, mut rising) = (far / (x - 1.0) + 0.5, x / far);
    for (i, c) in SERIES.into_iter().enumerate() {
        tail += rising * c;
        let k = 2.0 * i as f64 + 1.0;
        rising *= ((x + k) / far) * ((x + k + 1.0) / far);
    }
    let last = far.powf(-x);
    if last == 0.0 { near } else { near + last * tail }
}

/// Families of orthogonal polynomials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Orthogonal {
    /// Chebyshev's of the first kind.
    ChebyshevT,
    /// Chebyshev's of the second kind.
    ChebyshevU,
    /// Chebyshev's of the third kind.
    ChebyshevV,
    /// Chebyshev's of the fourth kind.
    ChebyshevW,
    /// Hermite's, as physicists have them.
    HermiteH,
    /// Hermite's, as statisticians have them.
    HermiteHe,
    /// Laguerre's.
    LaguerreL,
    /// Legendre's.
    LegendreP,
}

const FAMILIES: [Orthogonal; 8] = {
    use Orthogonal::*;
    [ChebyshevT, ChebyshevU, ChebyshevV, ChebyshevW, HermiteH, HermiteHe, LaguerreL, LegendreP]
};

/// What is added to a family's number for polynomials in single precision.
pub const SINGLE: u8 = 8;

/// The polynomial of degree `n` of a family at `x`; 0 for negative degrees and those that are no 64-bit integers.
pub(crate) fn orthogonal(family: f64, n: f64, x: f64) -> f64 {
    use Orthogonal::*;
    let single = family >= f64::from(SINGLE);
    let Some(&family) = FAMILIES.get(family as usize % FAMILIES.len()) else { return f64::NAN };
    if n.is_nan() || n.trunc() < 0.0 || n >= i64::MAX as f64 {
        return 0.0;
    }
    let (largest, highest) = if single { (f64::from(f32::MAX), 128.0) } else { (f64::MAX, 512.0) };
    let n = n.trunc();
    if n == 0.0 {
        return 1.0;
    }
    // As torch has it: beyond, Hermite's are out of range nearly everywhere.
    if matches!(family, HermiteH | HermiteHe) && n > highest {
        return f64::NAN;
    }
    let trigonometric = matches!(family, ChebyshevT | ChebyshevU | ChebyshevV | ChebyshevW);
    if trigonometric && x.abs() == 1.0 {
        return at_end(family, n, x);
    }
    if trigonometric && x.abs() < 1.0 && n > 6.0 {
        return by_angle(family, n, x.acos());
    }
    let first = match family {
        ChebyshevT | HermiteHe | LegendreP => x,
        ChebyshevU | HermiteH => x + x,
        ChebyshevV => x + x - 1.0,
        ChebyshevW => x + x + 1.0,
        LaguerreL => 1.0 - x,
    };
    let (mut before, mut last, mut k) = (1.0, first, 1.0);
    // Beyond the largest number the next ones are differences of infinities, as torch has it.
    while k < n && !last.is_nan() {
        let next = match family {
            HermiteH => 2.0 * (x * last - k * before),
            HermiteHe => x * last - k * before,
            LaguerreL => ((2.0 * k + 1.0 - x) * last - k * before) / (k + 1.0),
            LegendreP => ((2.0 * k + 1.0) * x * last - k * before) / (k + 1.0),
            _ => 2.0 * x * last - before,
        };
        (before, last) = (last, if next.abs() > largest { f64::INFINITY.copysign(next) } else { next });
        k += 1.0;
        if k as usize > LIMIT * 50 {
            return f64::NAN;
        }
    }
    last
}

/// Chebyshev's polynomials at 1 and -1.
fn at_end(family: Orthogonal, n: f64, x: f64) -> f64 {
    let sign = if x > 0.0 || n % 2.0 == 0.0 { 1.0 } else { -1.0 };
    let long = match family {
        Orthogonal::ChebyshevU => n + 1.0,
        Orthogonal::ChebyshevV if x < 0.0 => 2.0 * n + 1.0,
        Orthogonal::ChebyshevW if x > 0.0 => 2.0 * n + 1.0,
        _ => 1.0,
    };
    sign * long
}

/// Chebyshev's polynomials of the cosine of an angle.
fn by_angle(family: Orthogonal, n: f64, angle: f64) -> f64 {
    let half = angle / 2.0;
    match family {
        Orthogonal::ChebyshevU => ((n + 1.0) * angle).sin() / angle.sin(),
        Orthogonal::ChebyshevV => ((n + 0.5) * angle).cos() / half.cos(),
        Orthogonal::ChebyshevW => ((n + 0.5) * angle).sin() / half.sin(),
        _ => (n * angle).cos(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!((actual - expected).abs() <= 1e-13 * expected.abs(), "{actual} {expected}");
    }

    #[test]
    fn incomplete_gammas_of_whole_numbers_are_sums() {
        // Q(n, x) = exp(-x) sum of x^k / k! for k < n.
        for (n, x) in [(1, 0.3f64), (3, 2.5), (12, 20.0), (30, 25.0), (40, 90.0)] {
            let (mut term, mut sum) = ((-x).exp(), 0.0);
            for k in 0..n {
                sum += term;
                term *= x / f64::from(k + 1);
            }
            close(igammac(f64::from(n), x), sum);
            assert!((igamma(f64::from(n), x) + igammac(f64::from(n), x) - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn the_expansion_for_large_arguments_meets_the_series() {
        for x in [0.99e5, 1e5, 1.003e5] {
            let (series, expansion) = (lower_series(1e5, x), uniform(1e5, x, true));
            assert!((series - expansion).abs() < 1e-11 * series, "{series} {expansion}");
        }
    }

    #[test]
    fn zeta_has_its_known_values() {
        close(zeta(2.0, 1.0), PI * PI / 6.0);
        close(zeta(4.0, 1.0), PI.powi(4) / 90.0);
        close(zeta(3.0, 2.5), zeta(3.0, 0.5) - 8.0 - 1.5f64.powi(-3));
        close(zeta(2.0, -1.5), zeta(2.0, 0.5) + 4.0 + 1.5f64.powi(-2));
    }

    #[test]
    fn polynomials_are_those_written_out() {
        let x = 0.7;
        let at = |family: Orthogonal, n: f64| orthogonal(f64::from(family as u8), n, x);
        close(at(Orthogonal::ChebyshevT, 3.0), 4.0 * x * x * x - 3.0 * x);
        close(at(Orthogonal::ChebyshevU, 2.0), 4.0 * x * x - 1.0);
        close(at(Orthogonal::HermiteH, 3.0), 8.0 * x * x * x - 12.0 * x);
        close(at(Orthogonal::HermiteHe, 3.0), x * x * x - 3.0 * x);
        close(at(Orthogonal::LaguerreL, 2.0), (x * x - 4.0 * x + 2.0) / 2.0);
        close(at(Orthogonal::LegendreP, 3.0), (5.0 * x * x * x - 3.0 * x) / 2.0);
        close(at(Orthogonal::ChebyshevT, 9.0), (9.0 * x.acos()).cos());
    }
}
