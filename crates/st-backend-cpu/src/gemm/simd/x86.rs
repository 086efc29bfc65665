//! AVX-512 and AVX2 vectors.

use super::{Block, Simd, Work};
use std::arch::x86_64::*;
use std::marker::PhantomData;

/// 512-bit vectors.
pub(in crate::gemm) struct Avx512<T>(PhantomData<T>);
/// 512-bit vectors of pairs of bf16, which are multiplied and added to sums in f32.
pub(in crate::gemm) struct Pairs;
/// 256-bit vectors.
pub(in crate::gemm) struct Avx2<T>(PhantomData<T>);

/// An array of what an expression is for 0 to 15: a loop that is surely unrolled, so that all stays in registers.
macro_rules! sixteen {
    ($i:ident => $each:expr) => { sixteen!($i => $each; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15) };
    ($i:ident => $each:expr; $($n:literal)*) => { [$({ let $i: usize = $n; $each }),*] };
}

pub(in crate::gemm) use sixteen;

macro_rules! avx512 {
    ($t:ty, $vec:ty, $mask:ty, $lanes:literal, $splat:ident, $load_all:ident, $load:ident, $store:ident,
     $fma:ident, $add:ident, $sum:ident, { $($transpose:tt)* }) => {
        impl Simd for Avx512<$t> {
            type Elem = $t;
            type Vec = $vec;
            type Mask = $mask;
            const LANES: usize = $lanes;
            const ROWS: usize = 14;

            #[inline]
            unsafe fn enter<W: Work<Self>>(work: W) {
                #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,f16c")]
                unsafe fn go<W: Work<Avx512<$t>>>(work: W) {
                    // SAFETY: the caller's promise.
                    unsafe { work.run() }
                }
                // SAFETY: the caller has checked for the instructions.
                unsafe { go(work) }
            }
            #[inline(always)]
            unsafe fn mask(n: usize) -> $mask {
                if n >= $lanes { <$mask>::MAX } else { (1 << n) - 1 }
            }
            #[inline(always)]
            unsafe fn splat(x: $t) -> $vec {
                // SAFETY: inside `enter`.
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load_all(from: *const $t) -> $vec {
                // SAFETY: inside `enter`; all lanes are readable.
                unsafe { $load_all(from) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $t, mask: $mask) -> $vec {
                // SAFETY: inside `enter`; the masked lanes are readable.
                unsafe { $load(mask, from) }
            }
            #[inline(always)]
            unsafe fn store(to: *mut $t, x: $vec, mask: $mask) {
                // SAFETY: inside `enter`; the masked lanes are writable.
                unsafe { $store(to, mask, x) }
            }
            #[inline(always)]
            unsafe fn mul_add(x: $vec, y: $vec, z: $vec) -> $vec {
                // SAFETY: inside `enter`.
                unsafe { $fma(x, y, z) }
            }
            #[inline(always)]
            unsafe fn add(x: $vec, y: $vec) -> $vec {
                // SAFETY: inside `enter`.
                unsafe { $add(x, y) }
            }
            #[inline(always)]
            unsafe fn sum(x: $vec) -> $t {
                // SAFETY: inside `enter`.
                unsafe { $sum(x) }
            }
            #[inline(always)]
            unsafe fn prefetch(at: *const $t) {
                // SAFETY: a prefetch of any address is allowed.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
            }
            #[inline(always)]
            unsafe fn prefetch_far(at: *const $t) {
                // SAFETY: a prefetch of any address is allowed.
                unsafe { _mm_prefetch::<_MM_HINT_T1>(at.cast()) }
            }
            $($transpose)*
        }
    };
}

avx512!(
    f64,
    __m512d,
    u8,
    8,
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_maskz_loadu_pd,
    _mm512_mask_storeu_pd,
    _mm512_fmadd_pd,
    _mm512_add_pd,
    _mm512_reduce_add_pd,
    {}
);
avx512!(
    f32,
    __m512,
    u16,
    16,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_maskz_loadu_ps,
    _mm512_mask_storeu_ps,
    _mm512_fmadd_ps,
    _mm512_add_ps,
    _mm512_reduce_add_ps,
    {
        #[inline(always)]
        unsafe fn transpose(b: Block<f32>) {
            // SAFETY: inside `enter`; masks keep loads and stores inside the block.
            unsafe {
                // Rows that are not there are read as the last one, and never stored.
                let row = |i: usize| b.from.offset(i.min(b.rows - 1) as isize * b.from_row);
                let to = |j: usize| b.to.add(j * b.to_row);
                let (here, rows) = (Self::mask(b.rows), Self::mask(b.cols));
                if b.cols == 16 {
                    let columns = transpose_16x16(sixteen!(i => _mm512_loadu_ps(row(i))));
                    sixteen!(j => _mm512_mask_storeu_ps(to(j), here, columns[j]));
                } else {
                    let columns = transpose_16x16(sixteen!(i => _mm512_maskz_loadu_ps(rows, row(i))));
                    sixteen!(j => if j < b.cols { _mm512_mask_storeu_ps(to(j), here, columns[j]) });
                }
            }
        }
    }
);

/// Transposes in four steps: pairs of lanes, quads of lanes, then 128-bit parts twice.
#[inline]
#[target_feature(enable = "avx512f")]
pub(in crate::gemm) fn transpose_16x16(rows: [__m512; 16]) -> [__m512; 16] {
    let mut t = rows;
    for i in 0..8 {
        t[2 * i] = _mm512_unpacklo_ps(rows[2 * i], rows[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_ps(rows[2 * i], rows[2 * i + 1]);
    }
    // Now u[4 i + c] holds column c, c+4, c+8 and c+12 of rows 4 i to 4 i + 3.
    let mut u = t;
    for i in 0..4 {
        let (lo, hi, lo2, hi2) = (t[4 * i], t[4 * i + 1], t[4 * i + 2], t[4 * i + 3]);
        u[4 * i] = _mm512_shuffle_ps::<0x44>(lo, lo2);
        u[4 * i + 1] = _mm512_shuffle_ps::<0xee>(lo, lo2);
        u[4 * i + 2] = _mm512_shuffle_ps::<0x44>(hi, hi2);
        u[4 * i + 3] = _mm512_shuffle_ps::<0xee>(hi, hi2);
    }
    for c in 0..4 {
        let even_01 = _mm512_shuffle_f32x4::<0x88>(u[c], u[4 + c]);
        let odd_01 = _mm512_shuffle_f32x4::<0xdd>(u[c], u[4 + c]);
        let even_23 = _mm512_shuffle_f32x4::<0x88>(u[8 + c], u[12 + c]);
        let odd_23 = _mm512_shuffle_f32x4::<0xdd>(u[8 + c], u[12 + c]);
        t[c] = _mm512_shuffle_f32x4::<0x88>(even_01, even_23);
        t[8 + c] = _mm512_shuffle_f32x4::<0xdd>(even_01, even_23);
        t[4 + c] = _mm512_shuffle_f32x4::<0x88>(odd_01, odd_23);
        t[12 + c] = _mm512_shuffle_f32x4::<0xdd>(odd_01, odd_23);
    }
    t
}

macro_rules! avx2 {
    ($t:ty, $int:ty, $vec:ty, $lanes:literal, $splat:ident, $load:ident, $mask_load:ident, $store:ident,
     $mask_store:ident, $fma:ident, $add:ident) => {
        impl Simd for Avx2<$t> {
            type Elem = $t;
            type Vec = $vec;
            /// The number of lanes: whole vectors take the branch without a mask.
            type Mask = usize;
            const LANES: usize = $lanes;
            const ROWS: usize = 6;

            #[inline]
            unsafe fn enter<W: Work<Self>>(work: W) {
                #[target_feature(enable = "avx2,fma,f16c")]
                unsafe fn go<W: Work<Avx2<$t>>>(work: W) {
                    // SAFETY: the caller's promise.
                    unsafe { work.run() }
                }
                // SAFETY: the caller has checked for the instructions.
                unsafe { go(work) }
            }
            #[inline(always)]
            unsafe fn mask(n: usize) -> usize {
                n.min($lanes)
            }
            #[inline(always)]
            unsafe fn splat(x: $t) -> $vec {
                // SAFETY: inside `enter`.
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load_all(from: *const $t) -> $vec {
                // SAFETY: inside `enter`; all lanes are readable.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $t, mask: usize) -> $vec {
                // SAFETY: inside `enter`; the masked lanes are readable.
                unsafe { if mask == $lanes { $load(from) } else { $mask_load(from, Self::bits(mask)) } }
            }
            #[inline(always)]
            unsafe fn store(to: *mut $t, x: $vec, mask: usize) {
                // SAFETY: inside `enter`; the masked lanes are writable.
                unsafe { if mask == $lanes { $store(to, x) } else { $mask_store(to, Self::bits(mask), x) } }
            }
            #[inline(always)]
            unsafe fn mul_add(x: $vec, y: $vec, z: $vec) -> $vec {
                // SAFETY: inside `enter`.
                unsafe { $fma(x, y, z) }
            }
            #[inline(always)]
            unsafe fn add(x: $vec, y: $vec) -> $vec {
                // SAFETY: inside `enter`.
                unsafe { $add(x, y) }
            }
            #[inline(always)]
            unsafe fn sum(x: $vec) -> $t {
                // SAFETY: a vector is as large as the array of its lanes.
                let lanes: [$t; $lanes] = unsafe { std::mem::transmute(x) };
                let mut sum = lanes[0];
                for i in 1..$lanes {
                    sum += lanes[i];
                }
                sum
            }
            #[inline(always)]
            unsafe fn prefetch(at: *const $t) {
                // SAFETY: a prefetch of any address is allowed.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
            }
            #[inline(always)]
            unsafe fn prefetch_far(at: *const $t) {
                // SAFETY: a prefetch of any address is allowed.
                unsafe { _mm_prefetch::<_MM_HINT_T1>(at.cast()) }
            }
        }

        impl Avx2<$t> {
            /// The sign bits that select the first `n` lanes.
            #[inline(always)]
            unsafe fn bits(n: usize) -> __m256i {
                const SIGNS: [$int; 2 * $lanes] = {
                    let mut signs = [0; 2 * $lanes];
                    let mut i = 0;
                    while i < $lanes {
                        signs[i] = -1;
                        i += 1;
                    }
                    signs
                };
                // SAFETY: inside `enter`; n is at most the number of lanes, so the load stays in the table.
                unsafe { _mm256_loadu_si256(SIGNS.as_ptr().add($lanes - n).cast()) }
            }
        }
    };
}

avx2!(
    f32,
    i32,
    __m256,
    8,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_maskload_ps,
    _mm256_storeu_ps,
    _mm256_maskstore_ps,
    _mm256_fmadd_ps,
    _mm256_add_ps
);
avx2!(
    f64,
    i64,
    __m256d,
    4,
    _mm256_set1_pd,
    _mm256_loadu_pd,
    _mm256_maskload_pd,
    _mm256_storeu_pd,
    _mm256_maskstore_pd,
    _mm256_fmadd_pd,
    _mm256_add_pd
);

macro_rules! as_f32 {
    ($($name:ident($($arg:ident: $t:ty),*) -> $out:ty;)*) => {$(
        #[inline(always)]
        unsafe fn $name($($arg: $t),*) -> $out {
            // SAFETY: the caller's promise.
            unsafe { Avx512::<f32>::$name($($arg),*) }
        }
    )*};
}

/// All but the multiplication is as for f32, whose bits a pair has the room of.
impl Simd for Pairs {
    type Elem = f32;
    type Vec = __m512;
    type Mask = u16;
    const LANES: usize = 16;
    const ROWS: usize = <Avx512<f32> as Simd>::ROWS;

    #[inline]
    unsafe fn enter<W: Work<Self>>(work: W) {
        #[target_feature(enable = "avx512bf16,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,f16c")]
        unsafe fn go<W: Work<Pairs>>(work: W) {
            // SAFETY: the caller's promise.
            unsafe { work.run() }
        }
        // SAFETY: the caller has checked for the instructions.
        unsafe { go(work) }
    }
    #[inline(always)]
    unsafe fn mul_add(x: __m512, y: __m512, z: __m512) -> __m512 {
        // SAFETY: inside `enter`; a vector has the same bits as one of pairs.
        unsafe {
            let pairs = |x| std::mem::transmute::<__m512, __m512bh>(x);
            _mm512_dpbf16_ps(z, pairs(x), pairs(y))
        }
    }
    as_f32! {
        mask(n: usize) -> u16;
        splat(x: f32) -> __m512;
        load_all(from: *const f32) -> __m512;
        load(from: *const f32, mask: u16) -> __m512;
        store(to: *mut f32, x: __m512, mask: u16) -> ();
        add(x: __m512, y: __m512) -> __m512;
        sum(x: __m512) -> f32;
        prefetch(at: *const f32) -> ();
        prefetch_far(at: *const f32) -> ();
    }
}
