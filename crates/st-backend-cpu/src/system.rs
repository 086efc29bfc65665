//! What machine this is: the processor's name, its memory, what it can do.

use crate::isa::{Isa, isa};

/// The processor's product name.
#[cfg(target_arch = "x86_64")]
pub(crate) fn cpu_name() -> String {
    use std::arch::x86_64::__cpuid;
    if __cpuid(0x8000_0000).eax < 0x8000_0004 {
        return "x86-64".into();
    }
    let words = (2..=4).flat_map(|leaf| {
        let r = __cpuid(0x8000_0000 + leaf);
        [r.eax, r.ebx, r.ecx, r.edx]
    });
    let bytes: Vec<u8> = words.flat_map(u32::to_le_bytes).take_while(|&b| b != 0).collect();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// The processor's product name.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn cpu_name() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    field(&text, "model name").unwrap_or(std::env::consts::ARCH).to_owned()
}

/// Bytes of memory the machine has; 16 GiB where it does not say.
pub(crate) fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes = field(&text, "MemTotal").and_then(|v| v.split(' ').next()?.parse::<u64>().ok());
    kibibytes.map_or(16 << 30, |k| k << 10)
}

/// The value of the first `name: value` line.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(rest.split_once(':')?.1.trim())
}

/// What kernels use here, for people.
pub(crate) fn abilities() -> Vec<String> {
    let vectors = match isa() {
        Isa::Avx512 | Isa::Amx => "avx512",
        Isa::Avx2 => "avx2",
        Isa::Baseline if cfg!(target_arch = "aarch64") => "neon",
        Isa::Baseline if cfg!(target_arch = "x86_64") => "sse2",
        Isa::Baseline => "scalar",
    };
    let matrix_unit = crate::gemm::has_matrix_unit().then(|| "amx".into());
    let threads = format!("{} threads", crate::num_threads());
    [vectors.into()].into_iter().chain(matrix_unit).chain([threads]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_says_what_it_is() {
        assert!(!cpu_name().is_empty());
        assert!(memory() > 64 << 20);
        assert!(abilities().iter().any(|a| a.ends_with("threads")));
    }

    #[test]
    fn fields_are_found_by_name() {
        let text = "MemFree:  1 kB\nMemTotal:       24689 kB\n";
        assert_eq!(field(text, "MemTotal"), Some("24689 kB"));
        assert_eq!(field(text, "Swap"), None);
    }
}
