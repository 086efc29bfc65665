//! The kernels a scheduler asks a device for: structure only.
//!
//! Sizes, strides, offsets and scalar parameters come with each [`Launch`](crate::Launch), so that one compiled kernel
//! serves every size. A kernel works over *outer* dimensions (every point is independent) and *inner* dimensions (what
//! is reduced over). What it computes at a point is its [`Body`].

use crate::dtype::DType;
use crate::expr::{Inst, Val};

/// How values are combined over the inner dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReduceOp {
    /// Sum, in the value's dtype.
    Sum,
    /// Product.
    Prod,
    /// Largest; NaN if any is. On booleans: any.
    Max,
    /// Smallest; NaN if any is. On booleans: all.
    Min,
    /// Row-major position of the first largest (NaN counts as largest), an `int64`.
    ArgMax,
    /// Row-major position of the first smallest (NaN counts as smallest), an `int64`.
    ArgMin,
}

/// How running values are combined along the scanned dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScanOp {
    /// Running sum.
    Sum,
    /// Running product.
    Prod,
    /// Running maximum, and the position of its last occurrence.
    Max,
    /// Running minimum, and the position of its last occurrence.
    Min,
    /// Running log of the sum of exponentials.
    LogSumExp,
}

impl ScanOp {
    /// Whether it tells positions besides values.
    pub fn has_positions(self) -> bool {
        matches!(self, ScanOp::Max | ScanOp::Min)
    }
}

/// How scattered values are combined with what is there; always in row-major order of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScatterOp {
    /// The last one wins.
    Set,
    /// Sum.
    Add,
    /// Product.
    Prod,
    /// Largest.
    Max,
    /// Smallest.
    Min,
}

/// Which of the three convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConvKind {
    /// Output from input (read 0) and weight (read 1).
    Forward,
    /// Gradient of the input from the output's gradient (read 0) and the weight (read 1).
    Input,
    /// Gradient of the weight from the output's gradient (read 0) and the input (read 1).
    Weight,
}

/// A value written to memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Store {
    /// What is written, in the dtype of its instruction.
    pub value: Val,
    /// Once per outer point (a row's result) instead of at every inner point.
    pub per_row: bool,
}

/// What is computed at a point of the loops: typed instructions, the buffers read and the values stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Body {
    /// Instructions with the dtypes of their results; operands come before their users.
    pub insts: Vec<(Inst, DType)>,
    /// Dtypes of the buffers read; `Load(i)` and `Gather(i, ..)` refer to them.
    pub reads: Vec<DType>,
    /// Dtypes of the scalar parameters.
    pub params: Vec<DType>,
    /// What is written where; store `i` goes to write `i` of the launch.
    pub stores: Vec<Store>,
}

/// A kernel's structure, the key of the kernel cache.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// Pointwise work, reductions and rows (softmax, norms): `body` at every point of `outer` x `inner` dimensions.
    ///
    /// A value is *per row* if no instruction under it depends on an inner coordinate. Reads are per row where the launch
    /// gives stride 0 for every inner dimension and `row_reads` says so.
    Loop {
        /// Number of outer dimensions.
        outer: usize,
        /// Number of inner dimensions; 0 for pointwise work.
        inner: usize,
        /// For each read, whether it is per row.
        row_reads: Vec<bool>,
        /// The work at a point.
        body: Body,
    },
    /// `Hole(0)` = the sum over k of read 0 times read 1, at dims `[batch.., m, n]`; then `body` at each of these points.
    ///
    /// Launch dims are `[batch.., m, n, k]`; read 0 has stride 0 along n, read 1 along m, all others along k. Launch ints name
    /// buffers between whose lines nothing is: that memory may be read and written.
    Matmul {
        /// Number of batch dimensions.
        batch: usize,
        /// Dtype of both operands.
        dtype: DType,
        /// Dtype of the accumulator: `float32` for half precision.
        acc: DType,
        /// The epilogue; reads 0 and 1 are the operands and are not loaded by it.
        body: Body,
    },
    /// Convolution over `spatial` dimensions; `Hole(0)` = its result at dims `[n, channels, positions..]` of what it makes.
    ///
    /// Launch ints are `[batch, groups, channels in / groups, channels out / groups]`, then for each spatial dimension
    /// `[input, kernel, output, stride, padding, dilation]`. Operands are contiguous.
    Conv {
        /// Which of the three.
        kind: ConvKind,
        /// Number of spatial dimensions.
        spatial: usize,
        /// Dtype of both operands.
        dtype: DType,
        /// Dtype of the accumulator.
        acc: DType,
        /// The epilogue; reads 0 and 1 are the operands and are not loaded by it.
        body: Body,
    },
    /// Attention: `softmax(scale q k^T + mask) v` for every item of a batch, block by block; parameter 0 is the scale.
    ///
    /// Launch dims are `[batch.., m, n, d, dv]`: m queries and n keys of width d, values of width dv. Reads and writes may
    /// have any strides, 0 along the dims they lack and along batch dims in which they repeat (grouped heads).
    ///
    /// Forward reads q `[batch.., m, d]`, k `[batch.., n, d]`, v `[batch.., n, dv]` and, if there is one, the mask
    /// `[batch.., m, n]`; it writes the result `[batch.., m, dv]` and the logarithm of each row's sum of exponentials
    /// `[batch.., m]`, a `float64` for `float64` and a `float32` otherwise. A row without keys gives zeros.
    ///
    /// Backward reads these three or four, then the result, the logarithms and the result's gradient; it writes the
    /// gradients of q, k and v, each with the batch dims.
    Attention {
        /// The gradients instead of the result.
        backward: bool,
        /// Dtype of q, k, v, the result and all gradients.
        dtype: DType,
        /// Dtype of the mask: a float is added to the scores, a boolean keeps those where it is true.
        mask: Option<DType>,
        /// Whether query i sees keys 0 to i only.
        causal: bool,
    },
    /// Running reduction along the last of the launch dims; write 0 gets values, write 1 (Max and Min) positions.
    Scan {
        /// The combination.
        op: ScanOp,
        /// Dtype of read and write.
        dtype: DType,
    },
    /// Writes read 0 at places of write 0 displaced by the index tensors in reads 1.. (int64).
    ///
    /// Launch dims are those of the source. Launch ints give `[size, stride]` in write 0 for each index.
    Scatter {
        /// The combination.
        op: ScatterOp,
        /// Dtype of read 0 and write 0.
        dtype: DType,
        /// Number of index tensors.
        indices: usize,
    },
    /// Stable sort along the last of the launch dims: write 0 gets values, write 1 (int64) positions.
    ///
    /// NaN counts as largest. Writes may be shorter than the read along that dimension (launch ints `[kept]`): top-k.
    Sort {
        /// Largest first.
        descending: bool,
        /// Dtype of read 0 and write 0.
        dtype: DType,
    },
}

impl Kernel {
    /// The body, for the kinds that have one.
    pub fn body(&self) -> Option<&Body> {
        match self {
            Kernel::Loop { body, .. } | Kernel::Matmul { body, .. } | Kernel::Conv { body, .. } => Some(body),
            _ => None,
        }
    }
    /// How many of a launch's dimensions count outer points: each of these has a thread of its own, or some.
    pub fn outer(&self, rank: usize) -> usize {
        match self {
            Kernel::Loop { outer, .. } => *outer,
            Kernel::Matmul { batch, .. } => batch + 2,
            Kernel::Scan { .. } => rank - 1,
            Kernel::Attention { .. } => rank - 3,
            _ => rank,
        }
    }
}
