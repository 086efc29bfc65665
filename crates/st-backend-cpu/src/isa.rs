//! Which vector instructions the kernels may use: detected once, lowered on request, never raised.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// A family of vector instructions, from the least to the most able.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What every processor of the architecture has: SSE2 on x86-64, NEON on aarch64.
    Baseline,
    /// AVX2 with FMA and F16C: 256-bit vectors (the x86-64-v3 level).
    Avx2,
    /// AVX-512 F, BW, CD, DQ and VL: 512-bit vectors (the x86-64-v4 level).
    Avx512,
    /// The same, and Intel's matrix unit for bf16 (AMX).
    Amx,
}

impl Isa {
    const ALL: [Isa; 4] = [Isa::Baseline, Isa::Avx2, Isa::Avx512, Isa::Amx];

    /// Reads the name used by `ST_CPU_ISA`.
    pub fn from_name(name: &str) -> Option<Isa> {
        match name.to_ascii_lowercase().as_str() {
            "amx" => Some(Isa::Amx),
            "avx512" => Some(Isa::Avx512),
            "avx2" => Some(Isa::Avx2),
            "baseline" => Some(Isa::Baseline),
            _ => None,
        }
    }

    /// The families this machine can run, the least able first.
    pub fn available() -> impl Iterator<Item = Isa> {
        let best = detect();
        Isa::ALL.into_iter().filter(move |&isa| isa <= best)
    }
}

const UNKNOWN: u8 = u8::MAX;
static CHOSEN: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The family in use.
#[inline]
pub fn isa() -> Isa {
    match CHOSEN.load(Relaxed) {
        UNKNOWN => choose(),
        index => Isa::ALL[index as usize],
    }
}

/// Uses `wanted`, or the best this machine has where that is less.
pub fn set_isa(wanted: Isa) {
    CHOSEN.store(wanted.min(detect()) as u8, Relaxed);
}

#[cold]
fn choose() -> Isa {
    let best = detect();
    let wanted = std::env::var("ST_CPU_ISA").ok().and_then(|name| Isa::from_name(&name));
    let chosen = wanted.unwrap_or(best).min(best);
    CHOSEN.store(chosen as u8, Relaxed);
    chosen
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Isa {
    use std::arch::is_x86_feature_detected as has;
    let v3 = has!("avx2") && has!("fma") && has!("f16c") && has!("bmi1") && has!("bmi2");
    let v4 = has!("avx512f") && has!("avx512bw") && has!("avx512cd") && has!("avx512dq") && has!("avx512vl");
    match (v3, v4) {
        (true, true) if has_matrix_unit() && may_use_matrix_unit() => Isa::Amx,
        (true, true) => Isa::Avx512,
        (true, false) => Isa::Avx2,
        _ => Isa::Baseline,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Isa {
    Isa::Baseline
}

#[cfg(target_arch = "x86_64")]
fn has_matrix_unit() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    const AMX_BF16: u32 = 1 << 22;
    const AMX_TILE: u32 = 1 << 24;
    let wanted = AMX_BF16 | AMX_TILE;
    __cpuid(0).eax >= 7 && __cpuid_count(7, 0).edx & wanted == wanted
}

/// Linux saves the large tile registers only for processes that asked.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
fn may_use_matrix_unit() -> bool {
    const ARCH_PRCTL: usize = 158;
    const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
    const XFEATURE_XTILEDATA: usize = 18;
    let result: isize;
    // SAFETY: the call changes nothing but this process's permission; Linux clobbers rcx and r11.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XFEATURE_XTILEDATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result == 0
}

#[cfg(all(target_arch = "x86_64", not(target_os = "linux")))]
fn may_use_matrix_unit() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_for_more_than_there_is_gives_what_there_is() {
        for wanted in Isa::ALL {
            set_isa(wanted);
            assert_eq!(isa(), wanted.min(detect()));
        }
        set_isa(detect());
        assert_eq!(Isa::available().last(), Some(detect()));
    }

    #[test]
    fn names_round_trip() {
        for isa in Isa::ALL {
            assert_eq!(Isa::from_name(&format!("{isa:?}")), Some(isa));
        }
        assert_eq!(Isa::from_name("mmx"), None);
    }
}
