//! What a device did and when, told by the device itself: kernels, copies and waits.

use crate::error::Result;
use std::time::Instant;

/// Something a device did.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// Its kind, in the words of Chrome's traces: `kernel`, `gpu_memcpy`, `gpu_memset`, `cuda_sync`, `cuda_driver`.
    pub category: &'static str,
    /// What the device calls it.
    pub name: String,
    /// Nanoseconds from the beginning of the recording to its own.
    pub start: i64,
    /// And to its end.
    pub end: i64,
    /// Which device of its kind did it; none if the host did.
    pub device: Option<usize>,
    /// The stream.
    pub stream: u64,
    /// What links a call of the driver with the work it asked for; 0 if nothing does.
    pub link: u64,
    /// The number that what asked for it was given, 0 if there is none.
    pub of: u64,
    /// What else is known: bytes, groups, threads.
    pub numbers: Vec<(&'static str, i64)>,
}

/// A device that records what it does.
pub trait Activities: Send + Sync {
    /// How it does so, or what it lacks for that.
    fn about(&self) -> String;
    /// Records from here on; times are told from `began` on.
    fn start(&self, began: Instant) -> Result<()>;
    /// What this thread asks for from here on is asked for by a number; 0 ends that.
    fn attribute(&self, number: u64) -> Result<()>;
    /// Ends the recording, when all work is done. One device may tell what all of its kind did.
    fn stop(&self) -> Result<Vec<Activity>>;
}
