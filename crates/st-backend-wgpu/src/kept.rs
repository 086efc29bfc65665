//! Compiled kernels on disk, where the driver hands them out: a new process finds what an earlier one compiled.
//!
//! The file is in the user's cache folder, or where `ST_WGPU_CACHE` says; an empty word there means nowhere. It begins with
//! a checksum: a driver believes what it is given.

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
        let file = folder()?.join(name);
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
        // Another process sees the old file or the new one.
        let unfinished = self.file.with_extension(format!("{}", std::process::id()));
        let _ = self.file.parent().map(std::fs::create_dir_all);
        if std::fs::write(&unfinished, bytes).is_ok() {
            let _ = std::fs::rename(&unfinished, &self.file);
        }
    }
}

fn folder() -> Option<PathBuf> {
    if let Some(said) = std::env::var_os("ST_WGPU_CACHE") {
        return Some(PathBuf::from(said)).filter(|folder| !folder.as_os_str().is_empty());
    }
    let base = ["XDG_CACHE_HOME", "LOCALAPPDATA"].into_iter().find_map(std::env::var_os);
    let base =
        base.map(PathBuf::from).or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(base.join("spiraltorch"))
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
