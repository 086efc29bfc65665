//! From a graph to kernels: what is fused, in which order it runs, whose memory it uses.
//!
//! | file | what it does |
//! |---|---|
//! | `snapshot` | collects the nodes of a run and fingerprints their structure |
//! | `item` | the scheduler's own copy of the nodes |
//! | `group` | decides which nodes one kernel computes |
//! | `merge` | makes two groups one, so that what follows from a sum is done beside it |
//! | `rows` | which loops walk rows, and what follows from reductions of them |
//! | `access` | index arithmetic: views as strides over a kernel's loops |
//! | `lower` | writes a group's kernel |
//! | `lines` | lets lines of matrices begin where devices like them to |
//! | `columns` | sums columns where rows are walked |
//! | `beside` | has one kernel do what small ones did, and biases rounded before products read them |
//! | `direct` | has attention write its gradients where they are wanted |
//! | `host` | runs functions of the host |
//! | `plan` | orders the kernels and plans their memory |

mod access;
mod beside;
mod columns;
mod direct;
mod group;
mod host;
mod item;
mod lines;
mod lower;
mod merge;
mod plan;
mod rows;
mod snapshot;
#[cfg(test)]
mod tests;

pub(crate) use plan::{HOST, Make, Plan, Step, plan};
pub(crate) use snapshot::Snapshot;
