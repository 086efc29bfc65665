//! Nanoseconds per element of the elementary functions, compiled for each x86-64 ISA from the one source.
//!
//! `cargo run --release -p st-backend-cpu --example math_bench [FUNCTION]`

#[cfg(target_arch = "x86_64")]
mod x86 {
    use ::half::{bf16, f16};
    use st_backend_cpu::math::{Fma, Fused, Unfused, double, half, random, single};
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
        ($filter:ident, $float:ty, $module:ident: $($name:ident($($argument:literal),+)),+) => {
            $({
                #[inline(always)]
                fn body<F: Fma>(x: &[Block<$float>; 2], out: &mut Block<$float>) {
                    for i in 0..BLOCK {
                        out[i] = $module::$name::<F>($(x[$argument][i]),+);
                    }
                }

                fn baseline(x: &[Block<$float>; 2], out: &mut Block<$float>) {
                    body::<Unfused>(x, out);
                }

                #[target_feature(enable = "avx2,fma")]
                fn avx2(x: &[Block<$float>; 2], out: &mut Block<$float>) {
                    body::<Fused>(x, out);
                }

                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma")]
                fn avx512(x: &[Block<$float>; 2], out: &mut Block<$float>) {
                    body::<Fused>(x, out);
                }

                if stringify!($name).contains($filter) {
                    let up: Block<$float> = std::array::from_fn(|i| 0.1 + 0.8 * i as $float / BLOCK as $float);
                    let down = std::array::from_fn(|i| up[BLOCK - 1 - i]);
                    let x = [up, down];
                    let mut out = [0.0; BLOCK];
                    print!("{:16}", concat!(stringify!($float), " ", stringify!($name)));
                    if is_x86_feature_detected!("avx512f") {
                        // SAFETY: every processor with AVX-512F that is in use has the other three and FMA.
                        print!(" {:8.3}", time(|| unsafe { avx512(black_box(&x), &mut out) }));
                    }
                    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                        // SAFETY: both features were detected.
                        print!(" {:8.3}", time(|| unsafe { avx2(black_box(&x), &mut out) }));
                    }
                    println!(" {:8.3}", time(|| baseline(black_box(&x), &mut out)));
                    black_box(out);
                }
            })+
        };
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn philox_avx512(out: &mut Block<u32>) {
        random::philox_fill(1, 2, out);
    }

    /// The functions that work on slices and pick their ISA themselves, and Philox.
    fn slices() {
        println!("ns per element of slices");
        let singles: Block<f32> = std::array::from_fn(|i| i as f32);
        let (mut singles_out, mut halves, mut bfloats) =
            (singles, [f16::from_f32(0.1); BLOCK], [bf16::from_f32(0.1); BLOCK]);
        println!(
            "f16 to f32       {:8.3}",
            time(|| half::f16s_to_f32s(black_box(&halves), &mut singles_out))
        );
        println!(
            "bf16 to f32      {:8.3}",
            time(|| half::bf16s_to_f32s(black_box(&bfloats), &mut singles_out))
        );
        println!("f32 to f16       {:8.3}", time(|| half::f32s_to_f16s(black_box(&singles), &mut halves)));
        println!("f32 to bf16      {:8.3}", time(|| half::f32s_to_bf16s(black_box(&singles), &mut bfloats)));
        let mut words = [0; BLOCK];
        println!("philox           {:8.3}", time(|| random::philox_fill(1, 2, black_box(&mut words))));
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: every processor with AVX-512F that is in use has the other three.
            println!("philox AVX-512   {:8.3}", time(|| unsafe { philox_avx512(black_box(&mut words)) }));
        }
        black_box((singles_out, halves, bfloats, words));
    }

    pub(crate) fn main() {
        let filter = std::env::args().nth(1).unwrap_or_default();
        let filter = filter.as_str();
        println!("ns per element   AVX-512     AVX2 baseline (those present)");
        bench!(filter, f32, single: exp(0), exp2(0), expm1(0), log(0), log2(0), log10(0), log1p(0), sigmoid(0));
        bench!(filter, f32, single: sqrt(0), rsqrt(0), pow(0, 1), erf(0), erfc(0), erfinv(0));
        bench!(filter, f32, single: sin(0), sin_moderate(0), cos(0), cos_moderate(0), tan(0), tan_moderate(0));
        bench!(filter, f32, single: asin(0), acos(0), atan(0), atan2(0, 1));
        bench!(filter, f32, single: sinh(0), cosh(0), tanh(0), asinh(0), acosh(0), atanh(0));
        bench!(filter, f32, single: lgamma(0), digamma(0), i0(0));
        bench!(filter, f32, single: floor(0), round(0), fmod(0, 1), remainder(0, 1), floor_divide(0, 1));
        bench!(filter, f64, double: exp(0), exp2(0), expm1(0), log(0), log2(0), log10(0), log1p(0), sigmoid(0));
        bench!(filter, f64, double: pow(0, 1), sin(0), tanh(0), erf(0), erfc(0), erfinv(0));
        bench!(filter, f64, double: lgamma(0), digamma(0), i0(0), round(0), fmod(0, 1));
        if filter.is_empty() {
            slices();
        }
    }
}

fn main() {
    #[cfg(target_arch = "x86_64")]
    x86::main();
}
