//! Streams: work of a device that is done in the order in which it was asked for, beside that of other streams.

use crate::error::Result;

/// A stream, by the number that other libraries know it by; 0 is the one that is used if nobody says otherwise.
pub type Stream = u64;
/// A mark in a stream's work, by its number.
pub type Event = u64;

/// The streams of a device. What a thread asks for goes to the stream it has chosen.
pub trait Streams: Send + Sync {
    /// A stream to use, one of a few; a lower number of `priority` goes before.
    fn stream(&self, priority: i32) -> Result<Stream>;
    /// The lowest and the highest priority.
    fn priorities(&self) -> Result<(i32, i32)>;
    /// The stream that the calling thread has chosen.
    fn current(&self) -> Stream;
    /// Chooses a stream for the calling thread.
    fn choose(&self, stream: Stream);
    /// Whether all work of a stream is done.
    fn is_done(&self, stream: Stream) -> Result<bool>;
    /// Waits until it is.
    fn wait(&self, stream: Stream) -> Result<()>;
    /// A mark that can be put into streams; with `timing` the time between two can be measured.
    fn event(&self, timing: bool) -> Result<Event>;
    /// Puts a mark after the work that a stream has.
    fn record(&self, event: Event, stream: Stream) -> Result<()>;
    /// Whether the work before a mark is done.
    fn has_happened(&self, event: Event) -> Result<bool>;
    /// Waits until it is.
    fn wait_for(&self, event: Event) -> Result<()>;
    /// Has a stream's later work wait for a mark.
    fn order(&self, stream: Stream, event: Event) -> Result<()>;
    /// Milliseconds between two marks.
    fn between(&self, start: Event, end: Event) -> Result<f32>;
    /// Gives a mark back.
    fn forget(&self, event: Event);
}

/// Work of a stream that was recorded, to be done again as often as somebody wants.
pub trait Graph: Send + Sync {
    /// Has the stream that the calling thread has chosen do it, on the memory it was recorded with.
    fn replay(&self) -> Result<()>;
    /// Writes what it does to a file.
    fn draw(&self, file: &str) -> Result<()>;
}

/// Recording a stream's work instead of doing it.
pub trait Graphs: Send + Sync {
    /// From here on what this thread asks of the stream it has chosen is recorded. Memory comes from a pool of this number,
    /// which serves no other work.
    fn begin(&self, pool: u64) -> Result<()>;
    /// Whether this thread's work is being recorded.
    fn is_recording(&self) -> bool;
    /// What was recorded.
    fn end(&self) -> Result<Box<dyn Graph>>;
}
