// Error and gamma functions and polynomials in double precision; the derivations are those of `special.rs`.

fn erf_small_f64(x: f64) -> f64 {
  let z = x * x;
  var p = 5.945281723817667e-11lf;
  p = fma(p, z, -1.1365678512968423e-09lf);
  p = fma(p, z, 1.4657883312325547e-08lf);
  p = fma(p, z, -1.6350025777335967e-07lf);
  p = fma(p, z, 1.6460972873652192e-06lf);
  p = fma(p, z, -1.4925593510737854e-05lf);
  p = fma(p, z, 0.00012055331037075385lf);
  p = fma(p, z, -0.0008548326978747528lf);
  p = fma(p, z, 0.0052239776247809695lf);
  p = fma(p, z, -0.026866170645072907lf);
  p = fma(p, z, 0.11283791670954857lf);
  p = fma(p, z, -0.3761263890318375lf);
  p = fma(p, z, 0.1283791670955126lf);
  return fma(p, x, x);
}

// erfc(x) for x >= 1/2: exp(-x^2), and a polynomial for what it lacks.
fn erfc_large_f64(size: f64) -> f64 {
  let x = clamp(size, 0.5lf, 28.0lf);
  let t = (x - 4.0lf) / (x + 4.0lf);
  var p = 1.8371033011545725e-09lf;
  p = fma(p, t, -9.674625913264536e-09lf);
  p = fma(p, t, -1.7985386008891397e-08lf);
  p = fma(p, t, 1.0332013403924444e-07lf);
  p = fma(p, t, 7.483601791720304e-08lf);
  p = fma(p, t, -8.195853453721249e-07lf);
  p = fma(p, t, 2.9356517480733867e-07lf);
  p = fma(p, t, 5.706546665247137e-06lf);
  p = fma(p, t, -1.1221873695238181e-05lf);
  p = fma(p, t, -2.4398078819548767e-05lf);
  p = fma(p, t, 0.000150621617953768lf);
  p = fma(p, t, -0.0001992569599374611lf);
  p = fma(p, t, -0.0007577732755507823lf);
  p = fma(p, t, 0.005031970017649805lf);
  p = fma(p, t, -0.016197734059602932lf);
  p = fma(p, t, 0.037167515533884456lf);
  p = fma(p, t, -0.06633036581207029lf);
  p = fma(p, t, 0.0937328349985295lf);
  p = fma(p, t, -0.10103906603631063lf);
  p = fma(p, t, 0.06809705425468857lf);
  p = fma(p, t, 0.015379652102619849lf);
  p = fma(p, t, -0.1396211168405625lf);
  p = fma(p, t, 1.2329951186255526lf);
  // The square in two parts, the first exact; the second is below 2^-16.
  let head = bitcast<f64>(bitcast<u64>(x) & 0xfffffffff8000000lu);
  let rest = (head - x) * (head + x);
  let correction = rest * fma(rest, fma(rest, 0.16666666666666666lf, 0.5lf), 1.0lf);
  let s = exp_split_f64(-head * head);
  return scaled_f64(exp_fraction_f64(s.y) * (fma(p, correction, p) / (1.0lf + 2.0lf * x)), s.x);
}

fn erf_f64(x: f64) -> f64 {
  if (is_nan_f64(x)) { return x; }
  let size = abs(x);
  if (size < 1.0lf) { return erf_small_f64(x); }
  return with_sign_f64(1.0lf - erfc_large_f64(size), x);
}

fn erfc_f64(x: f64) -> f64 {
  if (is_nan_f64(x)) { return x; }
  if (abs(x) < 0.5lf) { return 1.0lf - erf_small_f64(x); }
  let large = erfc_large_f64(abs(x));
  return select(large, 2.0lf - large, x < 0.0lf);
}

// Winitzki's formula and three steps of Halley's method.
fn erfinv_f64(x: f64) -> f64 {
  let size = abs(x);
  if (!(size <= 1.0lf)) { return nan_f64(); }
  if (size == 1.0lf) { return with_sign_f64(infinity_f64(), x); }
  if (size < 1e-150lf) { return 0.886226925452758lf * x; }
  let log = log1p_f64(-size) + log1p_f64(size);
  let t = 4.330746750799873lf + 0.5lf * log;
  let quotient = -log / 0.147lf;
  var y = sqrt(quotient / (sqrt(t * t + quotient) + t));
  for (var i = 0; i < 3; i++) {
    // 1 - x is exact where the error function itself no longer tells neighbours apart.
    var error: f64;
    if (size > 0.6lf) { error = (1.0lf - size) - erfc_large_f64(y); } else { error = erf_small_f64(y) - size; }
    let step = error / (1.1283791670955126lf * exp_f64(-y * y));
    y = y - step / (1.0lf + y * step);
  }
  return with_sign_f64(y, x);
}

fn sin_pi_f64(x: f64) -> f64 {
  let f = x - round(x);
  let near = sin_poly_f64(f * 3.141592653589793lf);
  let y = select(near, with_sign_f64(cos_poly_f64((0.5lf - abs(f)) * 3.141592653589793lf), f), abs(f) > 0.25lf);
  let half = 0.5lf * round(x);
  return select(y, -y, floor(half) != half);
}

fn lgamma_f64(x: f64) -> f64 {
  if (is_nan_f64(x)) { return x; }
  if (is_infinite_f64(x)) { return abs(x); }
  if (x == 1.0lf || x == 2.0lf) { return 0.0lf; }
  let reflect = x <= 0.0lf;
  if (reflect && x == floor(x)) { return infinity_f64(); }
  var z = select(x, 1.0lf - x, reflect);
  var y: f64;
  if (abs(z - 1.0lf) < 0.1lf || abs(z - 2.0lf) < 0.1lf) {
    // The series around the zeros at 1 and 2.
    let t = z - select(1.0lf, 2.0lf, z > 1.5lf);
    var p = 0.055555767627403614lf;
    p = fma(p, t, -0.058823978658684585lf);
    p = fma(p, t, 0.06250095514121304lf);
    p = fma(p, t, -0.06666870588242046lf);
    p = fma(p, t, 0.07143294629536133lf);
    p = fma(p, t, -0.0769325164113522lf);
    p = fma(p, t, 0.083353840546109lf);
    p = fma(p, t, -0.09095401714582904lf);
    p = fma(p, t, 0.1000994575127818lf);
    p = fma(p, t, -0.11133426586956469lf);
    p = fma(p, t, 0.12550966952474304lf);
    p = fma(p, t, -0.1440498967688461lf);
    p = fma(p, t, 0.1695571769974082lf);
    p = fma(p, t, -0.20738555102867398lf);
    p = fma(p, t, 0.27058080842778454lf);
    p = fma(p, t, -0.40068563438653143lf);
    p = fma(p, t, 0.8224670334241132lf);
    y = select(0.0lf, log1p_f64(t), z > 1.5lf) + t * fma(p, t, -0.5772156649015329lf);
  } else {
    var product = 1.0lf;
    for (var i = 0; i < 12 && z < 12.0lf; i++) {
      product *= z;
      z += 1.0lf;
    }
    let inverse = 1.0lf / z;
    let square = inverse * inverse;
    var p = -0.029550653594771242lf;
    p = fma(p, square, 0.00641025641025641lf);
    p = fma(p, square, -0.0019175269175269176lf);
    p = fma(p, square, 0.0008417508417508417lf);
    p = fma(p, square, -0.0005952380952380953lf);
    p = fma(p, square, 0.0007936507936507937lf);
    p = fma(p, square, -0.002777777777777778lf);
    p = fma(p, square, 0.08333333333333333lf);
    y = (z - 0.5lf) * (log_f64(z) - 1.0lf) + (fma(p, inverse, 0.4189385332046727lf) - log_f64(product));
  }
  if (reflect) { return log_f64(3.141592653589793lf / abs(sin_pi_f64(x))) - y; }
  return y;
}

fn digamma_f64(x: f64) -> f64 {
  if (x == 0.0lf) { return with_sign_f64(infinity_f64(), -x); }
  if (is_infinite_f64(x) && x > 0.0lf) { return x; }
  if (x < 0.0lf && floor(x) == x) { return nan_f64(); }
  var z = select(x, 1.0lf - x, x < 0.0lf);
  var sum = 0.0lf;
  for (var i = 0; i < 12 && z < 12.0lf; i++) {
    sum -= 1.0lf / z;
    z += 1.0lf;
  }
  let square = 1.0lf / (z * z);
  var p = 0.4432598039215686lf;
  p = fma(p, square, -0.08333333333333333lf);
  p = fma(p, square, 0.021092796092796094lf);
  p = fma(p, square, -0.007575757575757576lf);
  p = fma(p, square, 0.004166666666666667lf);
  p = fma(p, square, -0.003968253968253968lf);
  p = fma(p, square, 0.008333333333333333lf);
  p = fma(p, square, -0.08333333333333333lf);
  let y = sum + log_f64(z) - 0.5lf / z + p * square;
  if (x < 0.0lf) {
    let f = x - round(x);
    return y - 3.141592653589793lf * sin_pi_f64(f + 0.5lf) / sin_pi_f64(f);
  }
  return y;
}

fn trigamma_f64(x: f64) -> f64 {
  let reflect = x < 0.5lf;
  var z = select(x, 1.0lf - x, reflect);
  var sum = 0.0lf;
  for (var i = 0; i < 12 && z < 12.0lf; i++) {
    sum += 1.0lf / (z * z);
    z += 1.0lf;
  }
  let inverse = 1.0lf / z;
  let square = inverse * inverse;
  var p = -7.092156862745098lf;
  p = fma(p, square, 1.1666666666666667lf);
  p = fma(p, square, -0.2531135531135531lf);
  p = fma(p, square, 0.07575757575757576lf);
  p = fma(p, square, -0.03333333333333333lf);
  p = fma(p, square, 0.023809523809523808lf);
  p = fma(p, square, -0.03333333333333333lf);
  p = fma(p, square, 0.16666666666666666lf);
  let y = sum + inverse + 0.5lf * square + p * square * inverse;
  if (reflect) {
    let s = sin_pi_f64(x);
    return 9.869604401089358lf / (s * s) - y;
  }
  return y;
}

// ---- the regularised incomplete gamma functions ----

// The lower one where an argument is an end of its range; -1 elsewhere.
fn gamma_edge_f64(a: f64, x: f64) -> f64 {
  let infinite = is_infinite_f64(a);
  if (is_nan_f64(a) || is_nan_f64(x) || a < 0.0lf || x < 0.0lf || (infinite && is_infinite_f64(x))) { return nan_f64(); }
  if (a == 0.0lf) { return select(nan_f64(), 1.0lf, x > 0.0lf); }
  if (x == 0.0lf || infinite) { return 0.0lf; }
  return select(-1.0lf, 1.0lf, is_infinite_f64(x));
}

// l - 1 - ln(l), exact near 1.
fn excess_f64(l: f64) -> f64 {
  let m = l - 1.0lf;
  if (abs(m) > 0.4lf) { return m - log_f64(l); }
  let r = m / (2.0lf + m);
  let z = r * r;
  var p = 0.03225806451612903lf;
  p = fma(p, z, 0.034482758620689655lf);
  p = fma(p, z, 0.037037037037037035lf);
  p = fma(p, z, 0.04lf);
  p = fma(p, z, 0.043478260869565216lf);
  p = fma(p, z, 0.047619047619047616lf);
  p = fma(p, z, 0.05263157894736842lf);
  p = fma(p, z, 0.058823529411764705lf);
  p = fma(p, z, 0.06666666666666667lf);
  p = fma(p, z, 0.07692307692307693lf);
  p = fma(p, z, 0.09090909090909091lf);
  p = fma(p, z, 0.1111111111111111lf);
  p = fma(p, z, 0.14285714285714285lf);
  p = fma(p, z, 0.2lf);
  p = fma(p, z, 0.3333333333333333lf);
  return 2.0lf * r * (r / (1.0lf - r) - p * z);
}

// x^a exp(-x) / gamma(a + 1), without cancellation of large logarithms.
fn gamma_prefix_f64(a: f64, x: f64) -> f64 {
  if (a < 10.0lf) { return exp_f64(a * log_f64(x) - x - lgamma_f64(a + 1.0lf)); }
  let square = 1.0lf / (a * a);
  var p = -0.029550653594771242lf;
  p = fma(p, square, 0.00641025641025641lf);
  p = fma(p, square, -0.0019175269175269176lf);
  p = fma(p, square, 0.0008417508417508417lf);
  p = fma(p, square, -0.0005952380952380953lf);
  p = fma(p, square, 0.0007936507936507937lf);
  p = fma(p, square, -0.002777777777777778lf);
  p = fma(p, square, 0.08333333333333333lf);
  return exp_f64(-a * excess_f64(x / a) - p / a) / sqrt(6.283185307179586lf * a);
}

fn gamma_series_f64(a: f64, x: f64) -> f64 {
  var term = 1.0lf;
  var sum = 1.0lf;
  for (var k = 1; k < 20000 && term > sum * 1e-17lf; k++) {
    term *= x / (a + f64(k));
    sum += term;
  }
  return min(sum * gamma_prefix_f64(a, x), 1.0lf);
}

// Legendre's continued fraction, by Lentz's method.
fn gamma_fraction_f64(a: f64, x: f64) -> f64 {
  var b = x + 1.0lf - a;
  var c = 1e300lf;
  var d = 1.0lf / b;
  var value = d;
  for (var k = 1; k < 20000; k++) {
    let s = -f64(k) * (f64(k) - a);
    b += 2.0lf;
    d = s * d + b;
    if (abs(d) < 1e-300lf) { d = 1e-300lf; }
    d = 1.0lf / d;
    c = b + s / c;
    if (abs(c) < 1e-300lf) { c = 1e-300lf; }
    value *= d * c;
    if (abs(d * c - 1.0lf) < 2.3e-16lf) { break; }
  }
  return value * gamma_prefix_f64(a, x) * a;
}

// The upper function of small arguments: 1 - x^a / gamma(a + 1) (1 + a sum of (-x)^n / (n! (a + n))).
fn gamma_small_f64(a: f64, x: f64) -> f64 {
  var term = 1.0lf;
  var sum = 0.0lf;
  for (var k = 1; k < 60; k++) {
    term *= -x / f64(k);
    sum += term / (a + f64(k));
  }
  let exponent = a * log_f64(x) - lgamma_f64(1.0lf + a);
  return -expm1_f64(exponent) - a * sum * exp_f64(exponent);
}

// Temme's expansion for large a: a normal distribution and a correction; `sign` is 1 for the upper function.
fn gamma_uniform_f64(a: f64, x: f64, sign: f64) -> f64 {
  let l = x / a;
  let half_square = excess_f64(l);
  let eta = with_sign_f64(sqrt(2.0lf * half_square), l - 1.0lf);
  var near = -0.0001787551440329218lf;
  near = fma(near, eta, 0.0003527336860670194lf);
  near = fma(near, eta, 0.0011574074074074073lf);
  near = fma(near, eta, -0.014814814814814815lf);
  near = fma(near, eta, 0.08333333333333333lf);
  near = fma(near, eta, -0.3333333333333333lf);
  let first = select(1.0lf / (l - 1.0lf) - 1.0lf / eta, near, abs(eta) < 0.1lf);
  let second = -0.001851851851851852lf - eta / 288.0lf;
  let rest = exp_f64(-a * half_square) / sqrt(6.283185307179586lf * a) * (first + second / a);
  return 0.5lf * erfc_f64(sign * eta * sqrt(0.5lf * a)) + sign * rest;
}

fn igamma_f64(a: f64, x: f64) -> f64 {
  let edge = gamma_edge_f64(a, x);
  if (is_nan_f64(edge) || edge != -1.0lf) { return edge; }
  if (a > 100000.0lf) { return gamma_uniform_f64(a, x, -1.0lf); }
  if (x < a + 1.0lf) { return gamma_series_f64(a, x); }
  return 1.0lf - gamma_fraction_f64(a, x);
}

fn igammac_f64(a: f64, x: f64) -> f64 {
  let edge = gamma_edge_f64(a, x);
  if (is_nan_f64(edge) || edge != -1.0lf) { return 1.0lf - edge; }
  if (a > 100000.0lf) { return gamma_uniform_f64(a, x, 1.0lf); }
  if (x < 1.5lf && a < 1.5lf) { return gamma_small_f64(a, x); }
  if (x < a + 1.0lf) { return 1.0lf - gamma_series_f64(a, x); }
  return gamma_fraction_f64(a, x);
}

// ---- zeta, polynomials ----

// Hurwitz's zeta function for q > 0: the first terms, then the others by the formula of Euler and Maclaurin.
fn hurwitz_f64(s: f64, q: f64) -> f64 {
  if (is_infinite_f64(q) || is_infinite_f64(s)) {
    if (q < 1.0lf) { return infinity_f64(); }
    return select(0.0lf, 1.0lf, q == 1.0lf);
  }
  var near = 0.0lf;
  for (var k = 0; k < 10; k++) { near += pow_f64(q + f64(k), -s); }
  let far = q + 10.0lf;
  var tail = far / (s - 1.0lf) + 0.5lf;
  var rising = s / far;
  var series = array<f64, 10>(0.08333333333333333lf, -0.001388888888888889lf, 3.306878306878307e-05lf, -8.267195767195768e-07lf, 2.08767569878681e-08lf, -5.284190138687493e-10lf, 1.3382536530684679e-11lf, -3.3896802963225827e-13lf, 8.586062056277845e-15lf, -2.174868698558062e-16lf);
  for (var i = 0; i < 10; i++) {
    tail += rising * series[i];
    let k = s + f64(2 * i + 1);
    rising *= (k / far) * ((k + 1.0lf) / far);
  }
  let last = pow_f64(far, -s);
  if (last == 0.0lf) { return near; }
  return near + last * tail;
}

fn zeta_f64(s: f64, q: f64) -> f64 {
  if (s == 1.0lf) { return infinity_f64(); }
  if (s < 1.0lf) { return nan_f64(); }
  if (q <= 0.0lf && q == floor(q)) { return infinity_f64(); }
  if (is_nan_f64(s) || is_nan_f64(q) || (q <= 0.0lf && s != floor(s))) { return nan_f64(); }
  if (q > 0.0lf) { return hurwitz_f64(s, q); }
  // The terms below zero are those of the mirrored sequence.
  let fraction = q - floor(q);
  let sign = select(-1.0lf, 1.0lf, floor(0.5lf * s) == 0.5lf * s);
  return hurwitz_f64(s, fraction) + sign * (hurwitz_f64(s, 1.0lf - fraction) - hurwitz_f64(s, 1.0lf - q));
}

// An orthogonal polynomial of degree n, of a family numbered as in `special::Orthogonal`.
fn polynomial_f64(family: f64, degree: f64, x: f64) -> f64 {
  let f = i32(family) & 7;
  let n = trunc(degree);
  if (is_nan_f64(degree) || n < 0.0lf || n >= 9223372036854775808.0lf) { return 0.0lf; }
  if (n == 0.0lf) { return 1.0lf; }
  if ((f == 4 || f == 5) && n > 512.0lf) { return nan_f64(); }
  // Chebyshev's at the ends, and of the cosine of an angle.
  if (f < 4 && abs(x) == 1.0lf) {
    let even = 2.0lf * floor(0.5lf * n) == n;
    var size = 1.0lf;
    if (f == 1) { size = n + 1.0lf; }
    if ((f == 2 && x < 0.0lf) || (f == 3 && x > 0.0lf)) { size = 2.0lf * n + 1.0lf; }
    return select(-size, size, even || x > 0.0lf);
  }
  if (f < 4 && abs(x) < 1.0lf && n > 6.0lf) {
    let angle = acos_f64(x);
    if (f == 1) { return sin_f64((n + 1.0lf) * angle) / sin_f64(angle); }
    if (f == 2) { return cos_f64((n + 0.5lf) * angle) / cos_f64(0.5lf * angle); }
    if (f == 3) { return sin_f64((n + 0.5lf) * angle) / sin_f64(0.5lf * angle); }
    return cos_f64(n * angle);
  }
  if (n > 1000000.0lf) { return nan_f64(); }
  var before = 1.0lf;
  var now = x;
  if (f == 1 || f == 4) { now = 2.0lf * x; }
  if (f == 2) { now = 2.0lf * x - 1.0lf; }
  if (f == 3) { now = 2.0lf * x + 1.0lf; }
  if (f == 6) { now = 1.0lf - x; }
  for (var i = 1; i < i32(n) && !is_nan_f64(now); i++) {
    let k = f64(i);
    var next = 2.0lf * x * now - before;
    if (f == 4) { next = 2.0lf * (x * now - k * before); }
    if (f == 5) { next = x * now - k * before; }
    if (f == 6) { next = ((2.0lf * k + 1.0lf - x) * now - k * before) / (k + 1.0lf); }
    if (f == 7) { next = ((2.0lf * k + 1.0lf) * x * now - k * before) / (k + 1.0lf); }
    before = now;
    now = next;
  }
  return now;
}
