// Error and gamma functions and polynomials in single precision.

fn erf_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = abs(x);
  if (size < 0.9275f) {
    let z = x * x;
    var p = 7.995176e-5f;
    p = fma(p, z, -8.0495304e-4f);
    p = fma(p, z, 5.192393e-3f);
    p = fma(p, z, -2.685573e-2f);
    p = fma(p, z, 1.1283626e-1f);
    p = fma(p, z, -3.761263e-1f);
    p = fma(p, z, 1.2837917e-1f);
    return with_sign(fma(p, size, size), x);
  }
  let t = min(size, 4.0f);
  var p = -1.1229702e-5f;
  p = fma(p, t, 3.227909e-4f);
  p = fma(p, t, -3.6424191e-3f);
  p = fma(p, t, 2.3762004e-2f);
  p = fma(p, t, -1.0623684e-1f);
  p = fma(p, t, -6.351513e-1f);
  p = fma(p, t, -1.2864849e-1f);
  return with_sign(1.0f - exp_f32(fma(p, t, -t)), x);
}

fn erfc_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = min(abs(x), 10.2f);
  let inverse = 1.0f / ((size + 3.0f) * (1.0f + 2.0f * size));
  let t = (size - 3.0f) * (1.0f + 2.0f * size) * inverse;
  var p = 3.324307197470824e-05f;
  p = fma(p, t, 0.0001271297287092154f);
  p = fma(p, t, -0.00012639352635173193f);
  p = fma(p, t, -0.0007901230283171581f);
  p = fma(p, t, 0.0018940292424622922f);
  p = fma(p, t, 0.0025335073402628053f);
  p = fma(p, t, -0.023770996207101946f);
  p = fma(p, t, 0.06830738186663823f);
  p = fma(p, t, -0.11927365840503f);
  p = fma(p, t, 0.12964519970565133f);
  p = fma(p, t, -0.04756229372756749f);
  p = fma(p, t, -0.13562110686646794f);
  p = fma(p, t, 1.253008058265363f);
  // exp(-x^2) in two parts: the square's rounding error would be magnified.
  let high = bitcast<f32>(bitcast<u32>(size) & 0xfffff000u);
  let low = (size - high) * (size + high);
  let large = p * (size + 3.0f) * inverse * (exp_f32(-high * high) * exp_f32(-low));
  return select(large, 2.0f - large, x < 0.0f);
}

fn erfinv_f32(x: f32) -> f32 {
  let w = -log1p_f32(-x * x);
  if (is_infinite(w)) { return with_sign(w, x); }
  var p: f32;
  if (w < 5.0f) {
    let t = w - 2.5f;
    p = 2.81022636e-08f;
    p = fma(p, t, 3.43273939e-07f);
    p = fma(p, t, -3.5233877e-06f);
    p = fma(p, t, -4.39150654e-06f);
    p = fma(p, t, 0.00021858087f);
    p = fma(p, t, -0.00125372503f);
    p = fma(p, t, -0.00417768164f);
    p = fma(p, t, 0.246640727f);
    p = fma(p, t, 1.50140941f);
  } else {
    let t = sqrt(w) - 3.0f;
    p = -0.000200214257f;
    p = fma(p, t, 0.000100950558f);
    p = fma(p, t, 0.00134934322f);
    p = fma(p, t, -0.00367342844f);
    p = fma(p, t, 0.00573950773f);
    p = fma(p, t, -0.0076224613f);
    p = fma(p, t, 0.00943887047f);
    p = fma(p, t, 1.00167406f);
    p = fma(p, t, 2.83297682f);
  }
  return p * x;
}

fn sin_pi(x: f32) -> f32 {
  let f = x - round(x);
  let y = select(sin_poly(f * 3.14159265f), with_sign(cos_poly((0.5f - abs(f)) * 3.14159265f), f), abs(f) > 0.25f);
  return select(y, -y, (i32(round(x) - 2.0f * floor(round(x) * 0.5f)) & 1) == 1);
}

fn cos_pi(f: f32) -> f32 { return sin_pi(f + 0.5f); }

fn lgamma_f32(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_infinite(x)) { return abs(x); }
  if (x == 1.0f || x == 2.0f) { return 0.0f; }
  let reflect = x <= 0.0f;
  if (reflect && x == floor(x)) { return infinity(); }
  var z = select(x, 1.0f - x, reflect);
  var y: f32;
  if (abs(z - 1.0f) < 0.25f || abs(z - 2.0f) < 0.25f) {
    // The series around the zeros at 1 and 2.
    let t = z - select(1.0f, 2.0f, z > 1.5f);
    var p = -7.143295e-2f;
    p = fma(p, t, 7.693251e-2f);
    p = fma(p, t, -8.335384e-2f);
    p = fma(p, t, 9.0954e-2f);
    p = fma(p, t, -0.10009946f);
    p = fma(p, t, 0.11133427f);
    p = fma(p, t, -0.12550967f);
    p = fma(p, t, 0.14404990f);
    p = fma(p, t, -0.16955718f);
    p = fma(p, t, 0.20738555f);
    p = fma(p, t, -0.27058081f);
    p = fma(p, t, 0.40068563f);
    p = fma(p, t, -0.82246703f);
    p = fma(p, t, 0.57721566f);
    y = select(0.0f, log1p_f32(t), z > 1.5f) - t * p;
  } else {
    var product = 1.0f;
    for (var i = 0; i < 8 && z < 8.0f; i++) {
      product *= z;
      z += 1.0f;
    }
    let inverse = 1.0f / z;
    let square = inverse * inverse;
    var p = 8.417508e-4f;
    p = fma(p, square, -5.952381e-4f);
    p = fma(p, square, 7.936508e-4f);
    p = fma(p, square, -2.7777778e-3f);
    p = fma(p, square, 8.3333333e-2f);
    y = (z - 0.5f) * log_f32(z) - z + fma(p, inverse, 0.91893853f) - log_f32(product);
  }
  if (reflect) { return log_f32(3.14159265f / abs(sin_pi(x))) - y; }
  return y;
}

fn digamma_f32(x: f32) -> f32 {
  if (x == 0.0f) { return with_sign(infinity(), -x); }
  if (x < 0.0f && floor(x) == x) { return nan(); }
  var z = select(x, 1.0f - x, x < 0.0f);
  var sum = 0.0f;
  for (var i = 0; i < 10 && z < 10.0f; i++) {
    sum -= 1.0f / z;
    z += 1.0f;
  }
  let square = 1.0f / (z * z);
  var p = 4.1666667e-3f;
  p = fma(p, square, -3.968254e-3f);
  p = fma(p, square, 8.3333333e-3f);
  p = fma(p, square, -8.3333333e-2f);
  let y = sum + log_f32(z) - 0.5f / z + p * square;
  if (x < 0.0f) {
    let f = x - round(x);
    return y - 3.14159265f * cos_pi(f) / sin_pi(f);
  }
  return y;
}

fn trigamma_f32(x: f32) -> f32 {
  let reflect = x < 0.5f;
  var z = select(x, 1.0f - x, reflect);
  var sum = 0.0f;
  for (var i = 0; i < 10 && z < 10.0f; i++) {
    sum += 1.0f / (z * z);
    z += 1.0f;
  }
  let inverse = 1.0f / z;
  let square = inverse * inverse;
  var p = -3.3333333e-2f;
  p = fma(p, square, 2.3809524e-2f);
  p = fma(p, square, -3.3333333e-2f);
  p = fma(p, square, 1.6666667e-1f);
  let y = sum + inverse + 0.5f * square + p * square * inverse;
  if (reflect) {
    let s = sin_pi(x);
    return 9.8696044f / (s * s) - y;
  }
  return y;
}

// The regularised lower incomplete gamma function by its series, the upper one by a continued fraction.
fn gamma_series(a: f32, x: f32) -> f32 {
  var term = 1.0f / a;
  var sum = term;
  for (var k = 1; k < 400 && abs(term) > 1e-8f * abs(sum); k++) {
    term *= x / (a + f32(k));
    sum += term;
  }
  return sum * exp_f32(a * log_f32(x) - x - lgamma_f32(a));
}

fn gamma_fraction(a: f32, x: f32) -> f32 {
  var b = x + 1.0f - a;
  var c = 1e30f;
  var d = 1.0f / b;
  var h = d;
  for (var k = 1; k < 400; k++) {
    let s = -f32(k) * (f32(k) - a);
    b += 2.0f;
    d = s * d + b;
    if (abs(d) < 1e-30f) { d = 1e-30f; }
    c = b + s / c;
    if (abs(c) < 1e-30f) { c = 1e-30f; }
    d = 1.0f / d;
    let step = d * c;
    h *= step;
    if (abs(step - 1.0f) < 1e-7f) { break; }
  }
  return h * exp_f32(a * log_f32(x) - x - lgamma_f32(a));
}

fn igamma_f32(a: f32, x: f32) -> f32 {
  if (!(a >= 0.0f) || !(x >= 0.0f) || (a == 0.0f && x == 0.0f)) { return nan(); }
  if (a == 0.0f) { return 1.0f; }
  if (x == 0.0f) { return 0.0f; }
  if (is_infinite(a)) { return select(0.0f, nan(), is_infinite(x)); }
  if (is_infinite(x)) { return 1.0f; }
  if (x < a + 1.0f) { return gamma_series(a, x); }
  return 1.0f - gamma_fraction(a, x);
}

fn igammac_f32(a: f32, x: f32) -> f32 {
  if (!(a >= 0.0f) || !(x >= 0.0f) || (a == 0.0f && x == 0.0f)) { return nan(); }
  if (a == 0.0f) { return 0.0f; }
  if (x == 0.0f) { return 1.0f; }
  if (is_infinite(a)) { return select(1.0f, nan(), is_infinite(x)); }
  if (is_infinite(x)) { return 0.0f; }
  if (x < a + 1.0f) { return 1.0f - gamma_series(a, x); }
  return gamma_fraction(a, x);
}

// Hurwitz's zeta function by the formula of Euler and Maclaurin.
fn zeta_f32(s: f32, q: f32) -> f32 {
  if (s == 1.0f) { return infinity(); }
  if (!(s > 1.0f)) { return nan(); }
  if (q <= 0.0f) {
    if (q == floor(q)) { return infinity(); }
    if (s != floor(s)) { return nan(); }
  }
  var sum = 0.0f;
  var a = q;
  for (var k = 0; k < 200 && (k < 9 || a <= 9.0f); k++) {
    sum += pow_f32(a, -s);
    a += 1.0f;
  }
  let last = pow_f32(a, -s);
  sum += last * a / (s - 1.0f) + 0.5f * last;
  var term = last * s / a;
  sum += term / 12.0f;
  term *= (s + 1.0f) * (s + 2.0f) / (a * a);
  sum -= term / 720.0f;
  term *= (s + 3.0f) * (s + 4.0f) / (a * a);
  return sum + term / 30240.0f;
}

// An orthogonal polynomial of degree n, of a family numbered as in `special::Orthogonal`.
fn polynomial_f32(family: f32, degree: f32, x: f32) -> f32 {
  let f = i32(family) & 7;
  let n = trunc(degree);
  if (is_nan(degree) || n < 0.0f || n >= 9223372036854775808.0f) { return 0.0f; }
  if (n == 0.0f) { return 1.0f; }
  if ((f == 4 || f == 5) && n > 128.0f) { return nan(); }
  // Chebyshev's at the ends, and of the cosine of an angle.
  if (f < 4 && abs(x) == 1.0f) {
    let even = 2.0f * floor(0.5f * n) == n;
    var size = 1.0f;
    if (f == 1) { size = n + 1.0f; }
    if ((f == 2 && x < 0.0f) || (f == 3 && x > 0.0f)) { size = 2.0f * n + 1.0f; }
    return select(-size, size, even || x > 0.0f);
  }
  if (f < 4 && abs(x) < 1.0f && n > 6.0f) {
    let angle = acos_f32(x);
    if (f == 1) { return sin_f32((n + 1.0f) * angle) / sin_f32(angle); }
    if (f == 2) { return cos_f32((n + 0.5f) * angle) / cos_f32(0.5f * angle); }
    if (f == 3) { return sin_f32((n + 0.5f) * angle) / sin_f32(0.5f * angle); }
    return cos_f32(n * angle);
  }
  if (n > 1000000.0f) { return nan(); }
  var before = 1.0f;
  var now = x;
  if (f == 1 || f == 4) { now = 2.0f * x; }
  if (f == 2) { now = 2.0f * x - 1.0f; }
  if (f == 3) { now = 2.0f * x + 1.0f; }
  if (f == 6) { now = 1.0f - x; }
  for (var i = 1; i < i32(n) && !is_nan(now); i++) {
    let k = f32(i);
    var next = 2.0f * x * now - before;
    if (f == 4) { next = 2.0f * (x * now - k * before); }
    if (f == 5) { next = x * now - k * before; }
    if (f == 6) { next = ((2.0f * k + 1.0f - x) * now - k * before) / (k + 1.0f); }
    if (f == 7) { next = ((2.0f * k + 1.0f) * x * now - k * before) / (k + 1.0f); }
    before = now;
    now = next;
  }
  return now;
}
