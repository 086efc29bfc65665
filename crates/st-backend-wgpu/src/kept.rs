//! Compiled kernels on disk, where the driver hands them out: a new process finds what an earlier one compiled.
//!
//! The file begins with a checksum: a driver believes what it is given.

use std::hash::{DefaultHasher, Hasher};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use wgpu::{AdapterInfo, PipelineCache, PipelineCacheDescriptor};

/// So long after the file was written it is not written again.
const PAUSE: Duration = Duration::from_secs(2);

/// What a device has compiled.
pub(crate) struct Kept {
    pub(crate) pipelines: PipelineCache,
    file: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Kernels that were compiled since the file was written.
    fresh: usize,
    written: Option<Instant>,
}

impl Kept {
    /// What is kept for an adapter; `None` if there is no place for it.
    pub(crate) fn open(device: &wgpu::Device, info: &AdapterInfo) -> Option<Kept> {
        let name = wgpu::util::pipeline_cache_key(info)?;
        let file = st_kernel::kept::folder("wgpu")?.join(name);
        let read = std::fs::read(&file).ok();
        let data = read.as_deref().and_then(checked);
        // SAFETY: the data is what `get_data` gave, which the checksum tells; the driver looks whether it is its own.
        let pipelines = unsafe {
            device.create_pipeline_cache(&PipelineCacheDescriptor { label: None, data, fallback: true })
        };
        Some(Kept { pipelines, file, state: Mutex::default() })
    }

    /// A kernel was compiled.
    pub(crate) fn added(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).fresh += 1;
    }

    /// Writes the file, if there is something new and it was not written just now. What fails is left: it is only slower.
    pub(crate) fn save(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.fresh == 0 || state.written.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        *state = State { fresh: 0, written: Some(Instant::now()) };
        let Some(data) = self.pipelines.get_data() else { return };
        let bytes = [&checksum(&data)[..], &data].concat();
        let _ = st_kernel::kept::write(&self.file, &bytes);
    }
}

fn checksum(data: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    hasher.write(data);
    hasher.finish().to_ne_bytes()
}

/// The data after its checksum, if that is right.
fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (sum, data) = bytes.split_at_checked(8)?;
    (sum == checksum(data)).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_is_not_believed() {
        let mut bytes = [&checksum(b"kernels")[..], b"kernels"].concat();
        assert_eq!(checked(&bytes), Some(&b"kernels"[..]));
        bytes[9] ^= 1;
        assert_eq!(checked(&bytes), None);
        assert_eq!(checked(b"short"), None);
    }
}
