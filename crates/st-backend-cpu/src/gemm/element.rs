//! The element types a product can have, the type each is summed in, and the kernels each runs on.

use super::Problem;
#[cfg(target_arch = "x86_64")]
use super::amx;
use super::drive::drive;
#[cfg(target_arch = "x86_64")]
use super::pairs;
#[cfg(target_arch = "x86_64")]
use super::simd::{Avx2, Avx512};
use super::simd::{Portable, Simd};
use super::tile::Fma;
use super::vector;
use crate::isa::Isa;
use crate::math::half::{bf16s_to_f32s, f16s_to_f32s, f32s_to_bf16s, f32s_to_f16s};
use half::{bf16, f16};

/// An element of a matrix. Sealed: implemented here for the types a tensor can hold.
#[expect(private_interfaces, private_bounds, reason = "sealed: nobody outside names these types")]
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// The type products are summed in; also what a tile sink is shown.
    type Acc: Copy + Send + Sync + Default + 'static;
    /// Whether the sums are the results, with no conversion at the end.
    const SUMS_ARE_RESULTS: bool;
    /// Whether products with gathered rows are worth having: they are multiply-adds of floating-point vectors.
    const GATHERS: bool;

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
    unsafe fn run(isa: Isa, problem: &Problem<Self>) {
        // SAFETY: the caller's promise.
        unsafe { Self::on_vectors(isa, problem) }
    }
    /// Does work with the vectors of these instructions that hold the type of the sums.
    ///
    /// # Safety
    /// What the work asks for, and the machine has the instructions.
    #[doc(hidden)]
    unsafe fn on_vectors<W: OnVectors<Self::Acc>>(isa: Isa, work: W) -> W::Out;
}

/// Work that is written for the vectors of any family of instructions.
pub(super) trait OnVectors<E> {
    /// What it gives.
    type Out;
    /// Does the work.
    unsafe fn run<S: Simd<Elem = E>>(self) -> Self::Out;
}

impl<T: Element> OnVectors<T::Acc> for &Problem<'_, T> {
    type Out = ();

    unsafe fn run<S: Simd<Elem = T::Acc>>(self) {
        // SAFETY: the caller's promise.
        unsafe {
            if !vector::run::<S, T>(self) {
                drive::<Fma<S, T>>(self);
            }
        }
    }
}

/// Types that are summed as they are; `$add` is how they are added.
macro_rules! summed_as_is {
    ($t:ty, $on_vectors:ident, $gathers:literal, $add:expr $(, $run:ident)?) => {
        #[expect(private_interfaces, private_bounds, reason = "sealed: nobody outside names these types")]
        impl Element for $t {
            type Acc = $t;
            const SUMS_ARE_RESULTS: bool = true;
            const GATHERS: bool = $gathers;

            fn widen(from: &[$t], to: &mut [$t]) {
                to.copy_from_slice(from);
            }
            fn narrow(from: &[$t], to: &mut [$t]) {
                to.copy_from_slice(from);
            }
            fn accumulate(total: &mut [$t], more: &[$t]) {
                total.iter_mut().zip(more).for_each(|(x, &y)| *x = $add(*x, y));
            }
            $(unsafe fn run(isa: Isa, problem: &Problem<$t>) {
                // SAFETY: the caller's promise.
                unsafe { $run(isa, problem) }
            })?
            unsafe fn on_vectors<W: OnVectors<$t>>(isa: Isa, work: W) -> W::Out {
                // SAFETY: the caller's promise.
                unsafe { $on_vectors(isa, work) }
            }
        }
    };
}

summed_as_is!(f32, on_f32, true, std::ops::Add::add, run_f32);
summed_as_is!(f64, on_f64, true, std::ops::Add::add);
summed_as_is!(i64, on_integers, false, i64::wrapping_add);
summed_as_is!(i32, on_integers, false, i32::wrapping_add);
summed_as_is!(i16, on_integers, false, i16::wrapping_add);
summed_as_is!(i8, on_integers, false, i8::wrapping_add);
summed_as_is!(u8, on_integers, false, u8::wrapping_add);

/// Sixteen-bit floats, summed in f32.
macro_rules! summed_in_f32 {
    ($t:ty, $gathers:literal, $widen:ident, $narrow:ident $(, $run:ident)?) => {
        #[expect(private_interfaces, private_bounds, reason = "sealed: nobody outside names these types")]
        impl Element for $t {
            type Acc = f32;
            const SUMS_ARE_RESULTS: bool = false;
            const GATHERS: bool = $gathers;

            fn widen(from: &[$t], to: &mut [f32]) {
                $widen(from, to);
            }
            fn narrow(from: &[f32], to: &mut [$t]) {
                $narrow(from, to);
            }
            fn accumulate(total: &mut [f32], more: &[f32]) {
                f32::accumulate(total, more);
            }
            $(unsafe fn run(isa: Isa, problem: &Problem<$t>) {
                // SAFETY: the caller's promise.
                unsafe { $run(isa, problem) }
            })?
            unsafe fn on_vectors<W: OnVectors<f32>>(isa: Isa, work: W) -> W::Out {
                // SAFETY: the caller's promise.
                unsafe { on_f32(isa, work) }
            }
        }
    };
}

summed_in_f32!(bf16, false, bf16s_to_f32s, f32s_to_bf16s, run_bf16);
summed_in_f32!(f16, true, f16s_to_f32s, f32s_to_f16s);

/// The matrix unit where there is one and the rows fill at least half a tile, dot products of pairs where the vectors have
/// them; else in f32.
unsafe fn run_bf16(isa: Isa, problem: &Problem<bf16>) {
    // SAFETY: the caller's promise.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if isa == Isa::Amx && problem.shape.m >= super::TILE_ROWS {
            return drive::<amx::Halves>(problem);
        }
        #[cfg(target_arch = "x86_64")]
        if isa >= Isa::Avx512 && is_x86_feature_detected!("avx512bf16") {
            if pairs::by_vector(problem) {
                return;
            }
            if problem.shape.m.min(problem.shape.n) > 1 {
                return drive::<pairs::PairKernel>(problem);
            }
        }
        on_f32(isa, problem)
    }
}

/// The matrix unit where it is sooner done, though it takes each number in three parts.
unsafe fn run_f32(isa: Isa, problem: &Problem<f32>) {
    // SAFETY: the caller's promise.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if isa == Isa::Amx && amx::pays(problem.shape) {
            return drive::<amx::Thirds>(problem);
        }
        on_f32(isa, problem)
    }
}

/// The vectors of each family of instructions: `$float` is the type of the sums.
macro_rules! on_floats {
    ($name:ident, $float:ty, $lanes:literal) => {
        unsafe fn $name<W: OnVectors<$float>>(isa: Isa, work: W) -> W::Out {
            // SAFETY: the caller's promise.
            unsafe {
                match isa {
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 | Isa::Amx => work.run::<Avx512<$float>>(),
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => work.run::<Avx2<$float>>(),
                    _ => work.run::<Portable<$float, $lanes>>(),
                }
            }
        }
    };
}

on_floats!(on_f32, f32, 4);
on_floats!(on_f64, f64, 2);

unsafe fn on_integers<T, W: OnVectors<T>>(_: Isa, work: W) -> W::Out
where
    Portable<T, 8>: Simd<Elem = T>,
{
    // SAFETY: the caller's promise.
    unsafe { work.run::<Portable<T, 8>>() }
}
