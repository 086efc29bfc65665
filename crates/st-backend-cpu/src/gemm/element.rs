//! The element types a product can have, the type each is summed in, and the kernels each runs on.

use super::Problem;
#[cfg(target_arch = "x86_64")]
use super::amx;
use super::drive::drive;
use super::simd::Portable;
#[cfg(target_arch = "x86_64")]
use super::simd::{Avx2, Avx512};
use super::tile::Fma;
use super::vector;
use crate::isa::Isa;
use crate::math::half::{bf16s_to_f32s, f16s_to_f32s, f32s_to_bf16s, f32s_to_f16s};
use half::{bf16, f16};

/// An element of a matrix. Sealed: implemented here for the types a tensor can hold.
#[expect(private_interfaces, reason = "sealed: nobody outside names the problem type")]
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// The type products are summed in; also what a tile sink is shown.
    type Acc: Copy + Send + Sync + Default + 'static;
    /// Whether the sums are the results, with no conversion at the end.
    const SUMS_ARE_RESULTS: bool;

    /// Converts elements for summing.
    fn widen(from: &[Self], to: &mut [Self::Acc]);
    /// Converts sums into results, rounding to nearest.
    fn narrow(from: &[Self::Acc], to: &mut [Self]);
    /// Adds sums to sums.
    fn accumulate(total: &mut [Self::Acc], more: &[Self::Acc]);
    /// Computes a product with the given instructions.
    ///
    /// # Safety
    /// As for [`gemm`](super::gemm), and the machine has the instructions.
    #[doc(hidden)]
    unsafe fn run(isa: Isa, problem: &Problem<Self>);
}

/// Types that are summed as they are; `$add` is how they are added.
macro_rules! summed_as_is {
    ($t:ty, $run:ident, $add:expr) => {
        #[expect(private_interfaces, reason = "sealed: nobody outside names the problem type")]
        impl Element for $t {
            type Acc = $t;
            const SUMS_ARE_RESULTS: bool = true;

            fn widen(from: &[$t], to: &mut [$t]) {
                to.copy_from_slice(from);
            }
            fn narrow(from: &[$t], to: &mut [$t]) {
                to.copy_from_slice(from);
            }
            fn accumulate(total: &mut [$t], more: &[$t]) {
                total.iter_mut().zip(more).for_each(|(x, &y)| *x = $add(*x, y));
            }
            unsafe fn run(isa: Isa, problem: &Problem<$t>) {
                // SAFETY: the caller's promise.
                unsafe { $run(isa, problem) }
            }
        }
    };
}

summed_as_is!(f32, run_f32, std::ops::Add::add);
summed_as_is!(f64, run_f64, std::ops::Add::add);
summed_as_is!(i64, run_integer, i64::wrapping_add);
summed_as_is!(i32, run_integer, i32::wrapping_add);
summed_as_is!(i16, run_integer, i16::wrapping_add);
summed_as_is!(i8, run_integer, i8::wrapping_add);
summed_as_is!(u8, run_integer, u8::wrapping_add);

/// Sixteen-bit floats, summed in f32.
macro_rules! summed_in_f32 {
    ($t:ty, $run:ident, $widen:ident, $narrow:ident) => {
        #[expect(private_interfaces, reason = "sealed: nobody outside names the problem type")]
        impl Element for $t {
            type Acc = f32;
            const SUMS_ARE_RESULTS: bool = false;

            fn widen(from: &[$t], to: &mut [f32]) {
                $widen(from, to);
            }
            fn narrow(from: &[f32], to: &mut [$t]) {
                $narrow(from, to);
            }
            fn accumulate(total: &mut [f32], more: &[f32]) {
                f32::accumulate(total, more);
            }
            unsafe fn run(isa: Isa, problem: &Problem<$t>) {
                // SAFETY: the caller's promise.
                unsafe { $run(isa, problem) }
            }
        }
    };
}

summed_in_f32!(bf16, run_bf16, bf16s_to_f32s, f32s_to_bf16s);
summed_in_f32!(f16, run_f32, f16s_to_f32s, f32s_to_f16s);

/// The matrix unit where there is one and the rows fill at least half a tile; else in f32.
unsafe fn run_bf16(isa: Isa, problem: &Problem<bf16>) {
    // SAFETY: the caller's promise.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if isa == Isa::Avx512 && problem.shape.m >= super::TILE_ROWS && amx::available() {
            return drive::<amx::Amx>(problem);
        }
        run_f32(isa, problem)
    }
}

/// A kernel for each family of instructions: `$float` is the type of the sums.
macro_rules! run_float {
    ($name:ident, $float:ty, $lanes:literal) => {
        unsafe fn $name<T: Element<Acc = $float>>(isa: Isa, problem: &Problem<T>) {
            // SAFETY: the caller's promise.
            unsafe {
                match isa {
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => run_simd::<Avx512<$float>, T>(problem),
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => run_simd::<Avx2<$float>, T>(problem),
                    _ => run_simd::<Portable<$float, $lanes>, T>(problem),
                }
            }
        }
    };
}

run_float!(run_f32, f32, 4);
run_float!(run_f64, f64, 2);

unsafe fn run_integer<T>(_: Isa, problem: &Problem<T>)
where
    T: Element<Acc = T>,
    Portable<T, 8>: super::simd::Simd<Elem = T>,
{
    // SAFETY: the caller's promise.
    unsafe { run_simd::<Portable<T, 8>, T>(problem) }
}

unsafe fn run_simd<S: super::simd::Simd, T: Element<Acc = S::Elem>>(problem: &Problem<T>) {
    // SAFETY: the caller's promise.
    unsafe {
        if !vector::run::<S, T>(problem) {
            drive::<Fma<S, T>>(problem);
        }
    }
}
