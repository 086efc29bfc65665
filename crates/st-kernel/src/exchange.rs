//! What devices of several processes do together.

use crate::device::Buffer;
use crate::dtype::DType;
use crate::error::Result;
use std::time::Duration;

/// How elements of several devices are made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Union {
    /// Added; of truth values: whether any is true.
    Sum,
    /// Added, and divided by how many they are.
    Mean,
    /// Multiplied.
    Product,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// What goes where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// All are made one, for all.
    AllReduce(Union),
    /// All are made one, to each its part.
    ReduceScatter(Union),
    /// All, one after the other, for all.
    AllGather,
    /// From one rank to all.
    Broadcast(usize),
    /// To one rank.
    Send(usize),
    /// From one rank.
    Receive(usize),
}

/// Memory that is exchanged. The count is that of one rank's part.
pub struct ExchangeStep {
    /// What goes where.
    pub what: Exchange,
    /// What the elements are.
    pub dtype: DType,
    /// How many.
    pub count: usize,
    /// What is read, from which element on.
    pub from: Option<(Buffer, usize)>,
    /// What is written.
    pub to: Option<(Buffer, usize)>,
}

/// A device's place among those of other processes. Work goes to the stream that the calling thread has chosen.
pub trait Communicator: Send + Sync {
    /// Begins steps together. All ranks ask for the same ones in the same order. If they are not done after so long, the
    /// place is given up: nobody waits for ever.
    fn run(&self, steps: &[ExchangeStep], most: Duration) -> Result<()>;
    /// An error if another rank has failed, or this one.
    fn check(&self) -> Result<()>;
    /// Gives up what is under way, and the place.
    fn abort(&self);
}
