//! The folder where devices keep what they have compiled, for the next process.
//!
//! It is `$ST_CACHE_DIR`, else `spiraltorch` in the user's folder for caches; an empty word there means nowhere.

use std::ffi::OsString;
use std::io::Result;
use std::path::{Path, PathBuf};

/// A backend's folder, if there is a place for it.
pub fn folder(backend: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("ST_CACHE_DIR") {
        Some(said) => named(said)?,
        None => caches()?.join("spiraltorch"),
    };
    Some(root.join(backend))
}

/// The user's folder for caches.
fn caches() -> Option<PathBuf> {
    let of = |name| std::env::var_os(name).and_then(named);
    of("XDG_CACHE_HOME").or_else(|| of("LOCALAPPDATA")).or_else(|| Some(of("HOME")?.join(".cache")))
}

fn named(word: OsString) -> Option<PathBuf> {
    (!word.is_empty()).then(|| PathBuf::from(word))
}

/// Writes a file, and its folder, so that whoever reads it finds all of it or what was there before.
pub fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let part = file.with_extension(format!("{}.part", std::process::id()));
    std::fs::write(&part, bytes)?;
    std::fs::rename(part, file)
}
