//! Nanoseconds per element of the elementary functions, compiled for each x86-64 ISA from the one source.
//!
//! `cargo run --release -p st-backend-cpu --example math_bench [FUNCTION]`

#[cfg(target_arch = "x86_64")]
mod x86 {
    use st_backend_cpu::math::{Fma, Fused, Math, Unfused};
    use std::hint::black_box;
    use std::time::Instant;

    /// As many as the interpreter's blocks hold, so that they stay in the first cache.
    const BLOCK: usize = 1024;

    type Block<T> = [T; BLOCK];

    /// The best time of several, in nanoseconds per element.
    fn time(mut run: impl FnMut()) -> f64 {
        const BLOCKS: usize = 100;
        let measure = |run: &mut dyn FnMut()| {
            let start = Instant::now();
            (0..BLOCKS).for_each(|_| run());
            start.elapsed().as_secs_f64() * 1e9 / (BLOCKS * BLOCK) as f64
        };
        (0..20).map(|_| measure(&mut run)).fold(f64::INFINITY, f64::min)
    }

    /// Prints a line for each function: its loop, cloned for the ISAs and timed.
    macro_rules! bench {
        ($filter:ident, $float:ty: $($name:ident($x:ident $(, $y:ident)?)),+) => {
            $({
                #[inline(always)]
                fn body<F: Fma>($x: &Block<$float>, y: &Block<$float>, out: &mut Block<$float>) {
                    for i in 0..BLOCK {
                        out[i] = <$float as Math>::$name::<F>($x[i] $(, $y[i])?);
                    }
                    let _ = y;
                }

                fn baseline(x: &Block<$float>, y: &Block<$float>, out: &mut Block<$float>) {
                    body::<Unfused>(x, y, out);
                }

                #[target_feature(enable = "avx2,fma")]
                fn avx2(x: &Block<$float>, y: &Block<$float>, out: &mut Block<$float>) {
                    body::<Fused>(x, y, out);
                }

                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
                fn avx512(x: &Block<$float>, y: &Block<$float>, out: &mut Block<$float>) {
                    body::<Fused>(x, y, out);
                }

                if stringify!($name).contains($filter) {
                    let x: Block<$float> = std::array::from_fn(|i| 0.1 + 0.8 * i as $float / BLOCK as $float);
                    let y: Block<$float> = std::array::from_fn(|i| x[BLOCK - 1 - i]);
                    let mut out = [0.0; BLOCK];
                    print!("{:16}", concat!(stringify!($float), " ", stringify!($name)));
                    if is_x86_feature_detected!("avx512f") {
                        // SAFETY: every processor with AVX-512F that is in use has the other three and FMA.
                        print!(" {:8.3}", time(|| unsafe { avx512(black_box(&x), black_box(&y), &mut out) }));
                    }
                    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                        // SAFETY: both features were detected.
                        print!(" {:8.3}", time(|| unsafe { avx2(black_box(&x), black_box(&y), &mut out) }));
                    }
                    println!(" {:8.3}", time(|| baseline(black_box(&x), black_box(&y), &mut out)));
                    black_box(out);
                }
            })+
        };
    }

    pub fn main() {
        let filter = std::env::args().nth(1).unwrap_or_default();
        let filter = filter.as_str();
        println!("ns per element   AVX-512     AVX2 baseline (those present)");
        bench!(filter, f32: exp(x), exp2(x), expm1(x), log(x), log2(x), log10(x), log1p(x), sigmoid(x), sqrt(x),
            rsqrt(x), pow(x, y), sin(x), cos(x), tan(x), asin(x), acos(x), atan(x), atan2(x, y), sinh(x), cosh(x),
            tanh(x), asinh(x), acosh(x), atanh(x), erf(x), erfc(x), erfinv(x), lgamma(x), digamma(x), i0(x),
            floor(x), round(x), fmod(x, y), remainder(x, y), floor_divide(x, y));
        bench!(filter, f64: exp(x), exp2(x), expm1(x), log(x), log2(x), log10(x), log1p(x), sigmoid(x), pow(x, y),
            sin(x), tanh(x), erf(x), erfc(x), erfinv(x), lgamma(x), digamma(x), i0(x), round(x), fmod(x, y));
    }
}

fn main() {
    #[cfg(target_arch = "x86_64")]
    x86::main();
}
