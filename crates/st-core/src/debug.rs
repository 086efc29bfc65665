//! Where in the user's program something was asked for: shown when it fails later.

use st_kernel::Result;
use std::cell::Cell;
use std::sync::{Arc, LazyLock, RwLock};

/// Gives the line of the user's program that runs now.
pub type Locator = fn() -> Option<Arc<str>>;

static LOCATOR: RwLock<Option<Locator>> = RwLock::new(None);
/// Whether nodes remember their lines.
static TRACING: LazyLock<bool> =
    LazyLock::new(|| std::env::var("ST_DEBUG").is_ok_and(|v| !v.is_empty() && v != "0"));

thread_local!(static OPERATOR: Cell<&'static str> = const { Cell::new("") });

/// The operator a user called; empty outside of one.
pub(crate) fn operator() -> &'static str {
    OPERATOR.get()
}

/// Nodes made inside `f`, and its error, are told to be this operator's, unless a caller's is being run.
pub fn as_operator<T>(name: &'static str, f: impl FnOnce() -> Result<T>) -> Result<T> {
    /// Ends the operator, after a panic too.
    struct Outermost;
    impl Drop for Outermost {
        fn drop(&mut self) {
            OPERATOR.set("");
        }
    }
    if !operator().is_empty() {
        return f();
    }
    OPERATOR.set(name);
    let _end = Outermost;
    f().map_err(|error| error.naming(name))
}

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
