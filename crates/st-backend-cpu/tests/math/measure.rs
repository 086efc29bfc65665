//! How far a function is from its reference, and where to look.

/// Numbers spread over all bit patterns, so over all exponents and denormals, and evenly over [-20, 20].
pub(crate) fn samples() -> Vec<f32> {
    let bits = (0..=u32::MAX).step_by(40_009).map(f32::from_bits);
    let even = (-20_000..=20_000).map(|i| i as f32 * 1.000_1e-3);
    bits.chain(even).chain(edges()).collect()
}

/// Numbers at which functions like to be wrong.
pub(crate) fn edges() -> Vec<f32> {
    let positive = [
        0.0,
        f32::from_bits(1),
        f32::from_bits(0x007f_ffff),
        f32::MIN_POSITIVE,
        f32::EPSILON,
        0.5,
        1.0 - f32::EPSILON / 2.0,
        1.0,
        1.0 + f32::EPSILON,
        1.5,
        2.0,
        2.5,
        3.0,
        16_777_216.0,
        16_777_217.0,
        8_388_607.5,
        88.72283,
        88.72284,
        103.97,
        103.98,
        1e30,
        f32::MAX,
        f32::INFINITY,
    ];
    let negative = positive.map(|x| -x);
    positive.into_iter().chain(negative).chain([f32::NAN]).collect()
}

/// The distance in units of the reference's last place; infinite where NaN, an infinity or a zero's sign differs.
pub(crate) fn ulps(got: f32, want: f64) -> f64 {
    if got.is_nan() || want.is_nan() {
        return if got.is_nan() && want.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if want == 0.0 && (got != 0.0 || got.is_sign_negative() != want.is_sign_negative()) {
        return f64::INFINITY;
    }
    // Infinity stands for the number that would follow the largest.
    let limit = 2.0f64.powi(128);
    let want = want.clamp(-limit, limit);
    let unit = 2.0f64.powi(libm::ilogb(want).clamp(-126, 127) - 23);
    ((got as f64).clamp(-limit, limit) - want).abs() / unit
}

/// The same for `f64`, whose reference is not more exact than a unit itself.
pub(crate) fn ulps64(got: f64, want: f64) -> f64 {
    if got.is_nan() || want.is_nan() {
        return if got.is_nan() && want.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if got == want {
        return if got.is_sign_negative() == want.is_sign_negative() { 0.0 } else { f64::INFINITY };
    }
    // Adjacent numbers have adjacent bit patterns, once the negative half is turned round.
    let order = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
    };
    order(got).abs_diff(order(want)) as f64
}

/// The largest error over some arguments, and where.
pub(crate) struct Worst<A> {
    pub(crate) error: f64,
    pub(crate) at: Option<A>,
}

impl<A: Copy + std::fmt::Debug> Worst<A> {
    pub(crate) fn over(arguments: impl IntoIterator<Item = A>, error: impl Fn(A) -> f64) -> Self {
        let mut worst = Worst { error: 0.0, at: None };
        for a in arguments {
            let error = error(a);
            if error > worst.error {
                worst = Worst { error, at: Some(a) };
            }
        }
        worst
    }

    /// Fails when the error is above the bound that the function's documentation gives.
    pub(crate) fn within(self, bound: f64, name: &str) {
        println!("{name}: {:.3} of {bound} ulp at {:?}", self.error, self.at);
        assert!(self.error <= bound, "{name} is {} ulp off at {:?}", self.error, self.at);
    }
}
