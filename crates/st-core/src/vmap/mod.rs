//! Batching by graph: a function is recorded once, on one sample, and its graph is written again with a leading dimension.
//!
//! A [`Recording`] hands out samples, tensors without a value that stand for one entry of a batch. What a function computes
//! from them are nodes that cannot run. [`Recording::lift`] gives such results their batch: `rules` rewrites the nodes, one
//! rule for each kind of node instead of one for each operator, and `tape` puts the lifted tensors on the tape, where their
//! gradient is the lifted gradient of the sample. Nothing here knows operators, so that recordings may be nested.

mod record;
mod rules;
mod tape;

pub use record::{Randomness, Recording, batch_of_draws, end, is_value_error};
pub(crate) use record::{claim, draws_for_batch, is_recording, value_error};
pub use tape::leads_outside;
