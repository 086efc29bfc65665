//! The numbers a launch hands to a kernel: where each word stands, and the words of one launch.
//!
//! Sizes, strides and parameters are never part of the text, so that one compiled kernel serves every size.

use super::reduce::left_as;
use crate::device::{Access, Launch};
use crate::dtype::DType;
use crate::error::Result;
use crate::expr::Inst;
use crate::kernel::{Body, Kernel};
use crate::runtime_err;
use crate::scalar::Scalar;

/// A word that is always zero, from which the text makes numbers it may not spell.
pub const ZERO: usize = 0;
/// The number of outer points.
pub const OUTER: usize = 1;
/// The number of inner points.
pub const INNER: usize = 2;
/// In how many parts the inner points are reduced, if a kernel is split.
pub const PARTS: usize = 3;
const DIMS: usize = 4;

/// Where the numbers of a kernel's launches stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Dimensions of the launch.
    pub rank: usize,
    /// For each access, reads first, the indices that displace it.
    gathers: Vec<usize>,
    reads: usize,
    ints: usize,
    params: Vec<DType>,
    /// Whether the kernel asks for the number of inner points.
    counts_inner: bool,
}

impl Numbers {
    /// The numbers of a kernel over so many dimensions.
    pub fn of(kernel: &Kernel, rank: usize, ints: usize) -> Numbers {
        let (reads, writes, params) = match kernel {
            Kernel::Scan { op, .. } => (1, 1 + usize::from(op.has_positions()), vec![]),
            Kernel::Sort { .. } => (1, 2, vec![]),
            Kernel::Scatter { indices, .. } => (1 + indices, 1, vec![]),
            Kernel::Attention { backward: false, mask, dtype, .. } => {
                (3 + usize::from(mask.is_some()), 2, vec![*dtype])
            }
            Kernel::Attention { mask, dtype, .. } => (6 + usize::from(mask.is_some()), 3, vec![*dtype]),
            Kernel::Loop { body, .. } | Kernel::Matmul { body, .. } | Kernel::Conv { body, .. } => {
                (body.reads.len(), body.stores.len(), body.params.clone())
            }
        };
        let mut gathers = vec![0; reads + writes];
        if let Some(body) = kernel.body() {
            gathered(body, &mut gathers);
        }
        let counts_inner = matches!(kernel, Kernel::Loop { .. } | Kernel::Scatter { .. });
        Numbers { rank, gathers, reads, ints, params, counts_inner }
    }

    /// The size of a dimension.
    pub fn dim(&self, d: usize) -> usize {
        DIMS + d
    }

    fn access(&self, access: usize) -> usize {
        let words = |&n: &usize| 1 + self.rank + 2 * n;
        DIMS + self.rank + self.gathers[..access].iter().map(words).sum::<usize>()
    }

    /// The number of a write among the accesses.
    pub fn write(&self, write: usize) -> usize {
        self.reads + write
    }

    /// Where an access begins.
    pub fn offset(&self, access: usize) -> usize {
        self.access(access)
    }

    /// The step of an access along a dimension.
    pub fn stride(&self, access: usize, d: usize) -> usize {
        self.access(access) + 1 + d
    }

    /// The size and, after it, the step of an index that displaces an access.
    pub fn gather(&self, access: usize, index: usize) -> usize {
        self.access(access) + 1 + self.rank + 2 * index
    }

    /// One of the launch's other numbers.
    pub fn int(&self, i: usize) -> usize {
        self.access(self.gathers.len()) + i
    }

    /// The first word of a parameter.
    pub fn param(&self, i: usize) -> usize {
        self.int(self.ints) + self.params[..i].iter().map(|&d| words(d)).sum::<usize>()
    }

    /// How many words there are.
    pub fn count(&self) -> usize {
        self.param(self.params.len())
    }

    /// The words of a launch whose first `outer` dimensions are outer ones.
    pub fn fill(&self, launch: &Launch, outer: usize, parts: usize, params: &[Scalar]) -> Result<Vec<u32>> {
        let mut out = self.of_launch(launch, outer, parts)?;
        self.add_params(params, &mut out)?;
        Ok(out)
    }

    /// The same words up to the parameters, which come last.
    pub fn of_launch(&self, launch: &Launch, outer: usize, parts: usize) -> Result<Vec<u32>> {
        let mut out: Vec<u32> = Vec::with_capacity(self.count());
        let count = |dims: &[usize]| dims.iter().product::<usize>();
        out.push(0);
        out.push(word(count(&launch.dims[..outer]) as i64)?);
        // Those of attention may be more than a word counts.
        out.push(if self.counts_inner { word(count(&launch.dims[outer..]) as i64)? } else { 0 });
        out.push(word(parts as i64)?);
        for &size in &launch.dims {
            out.push(word(size as i64)?);
        }
        for access in launch.reads.iter().chain(&launch.writes) {
            self.fill_access(access, &mut out)?;
        }
        for &int in &launch.ints {
            out.push(word(int as i64)?);
        }
        Ok(out)
    }

    /// Adds the parameters' words to those of a launch.
    pub fn add_params(&self, params: &[Scalar], out: &mut Vec<u32>) -> Result<()> {
        let mut bytes = Vec::new();
        for (param, dtype) in params.iter().zip(&self.params) {
            param.write(left_as(*dtype), &mut bytes);
        }
        out.extend(bytes.chunks_exact(4).map(|b| u32::from_ne_bytes(b.try_into().expect("four bytes"))));
        if out.len() == self.count() {
            Ok(())
        } else {
            Err(runtime_err!("a launch has {} numbers where its kernel wants {}", out.len(), self.count()))
        }
    }

    fn fill_access(&self, access: &Access, out: &mut Vec<u32>) -> Result<()> {
        out.push(word(access.offset as i64)?);
        for d in 0..self.rank {
            out.push(word(access.strides.get(d).copied().unwrap_or(0) as i64)?);
        }
        for &(size, stride) in &access.gather {
            out.push(word(size as i64)?);
            out.push(word(stride as i64)?);
        }
        Ok(())
    }
}

/// Words of a parameter.
fn words(dtype: DType) -> usize {
    left_as(dtype).size() / 4
}

fn word(number: i64) -> Result<u32> {
    let number = i32::try_from(number)
        .map_err(|_| runtime_err!("a size or step of {number} is beyond what a GPU kernel counts (2^31)"))?;
    Ok(number as u32)
}

fn gathered(body: &Body, gathers: &mut [usize]) {
    for (inst, _) in &body.insts {
        if let Inst::Gather(read, index) = inst {
            gathers[usize::from(*read)] = index.len();
        }
    }
}
