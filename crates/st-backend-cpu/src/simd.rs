//! One source, several instruction sets: plain loops compiled again under wider `#[target_feature]`s.

use crate::isa::{Isa, isa};
use crate::math::{Fma, Fused, Unfused};

/// Work whose loops the compiler vectorises. `run` and all it calls must be `#[inline(always)]`, or they keep the narrow
/// instructions of their own function.
pub trait Loops {
    /// Does it; `F` says how the target multiplies and adds.
    fn run<F: Fma>(self);
}

/// Runs work with the instructions of the [`isa`] in use.
#[inline]
pub fn vectorised(work: impl Loops) {
    match isa() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `isa` names only what this machine has.
        Isa::Avx512 | Isa::Amx => unsafe { avx512(work) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Isa::Avx2 => unsafe { avx2(work) },
        Isa::Baseline if cfg!(target_arch = "x86_64") => work.run::<Unfused>(),
        _ => work.run::<Fused>(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,f16c,bmi1,bmi2")]
fn avx512(work: impl Loops) {
    work.run::<Fused>();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c,bmi1,bmi2")]
fn avx2(work: impl Loops) {
    work.run::<Fused>();
}
