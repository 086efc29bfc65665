//! Where in the user's program something was asked for: shown when it fails later.

use std::sync::{Arc, LazyLock, RwLock};

/// Gives the line of the user's program that runs now.
pub type Locator = fn() -> Option<Arc<str>>;

static LOCATOR: RwLock<Option<Locator>> = RwLock::new(None);
/// Whether nodes remember their lines.
static TRACING: LazyLock<bool> =
    LazyLock::new(|| std::env::var("ST_DEBUG").is_ok_and(|v| !v.is_empty() && v != "0"));

/// A language binding says how to find the line that runs now.
pub fn set_locator(locator: Locator) {
    *LOCATOR.write().expect("no panic while the lock is held") = Some(locator);
}

/// The line that runs now, if lines are remembered: under `ST_DEBUG=1`.
pub fn origin() -> Option<Arc<str>> {
    if *TRACING { location() } else { None }
}

/// The line that runs now.
pub fn location() -> Option<Arc<str>> {
    LOCATOR.read().expect("no panic while the lock is held").and_then(|find| find())
}
