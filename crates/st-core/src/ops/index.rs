//! Indexing by tensors: gather, scatter, advanced indexing.

use smallvec::SmallVec;

/// How the dimensions of an indexed tensor relate to those of the result: `Some(axis)` walks along that axis of the
/// result, `None` is displaced by the next index tensor (each has the result's shape).
pub type IndexPlan = SmallVec<[Option<u8>; 4]>;
