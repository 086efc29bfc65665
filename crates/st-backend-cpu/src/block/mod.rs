//! The block interpreter: runs the bodies of kernels on blocks of about a thousand points.
//!
//! A body becomes a [`plan`]: loops over registers, one for each instruction, cloned for the machine's vector
//! instructions and chosen once. A launch [binds](bind) it to addresses and works on its [dimensions](space) tile by
//! tile: [point by point](pointwise) or [row by row](rows). A [`machine`] is what one thread holds meanwhile.
//!
//! | module | what it holds |
//! |---|---|
//! | [`call`] | how a loop is called and cloned for an instruction set |
//! | [`prims`], [`cast`], [`memory`], [`fold`] | the loops |
//! | [`class`] | register types and how memory is held in them |
//! | [`plan`], [`builder`] | from a body to loops |
//! | [`epilogue`] | bodies of kernels that have work of their own |

mod bind;
mod builder;
mod call;
mod cast;
mod class;
mod epilogue;
mod faults;
mod fold;
mod lanes;
mod machine;
mod memory;
mod plan;
mod pointwise;
mod prims;
mod rows;
mod scalars;
mod space;

pub use epilogue::{Epilogue, EpilogueRun};

use bind::Bound;
use plan::Frame;
use rows::Plans;
use st_kernel::{Buffer, Inst, Kernel, Launch, Program, Result, Scalar, runtime_err, unsupported};
use std::sync::Arc;

/// Compiles a [`Kernel::Loop`].
pub fn compile(kernel: &Kernel) -> Result<Arc<dyn Program>> {
    let Kernel::Loop { outer, inner, row_reads, body } = kernel else {
        return Err(unsupported!("the block interpreter runs loops only"));
    };
    if body.insts.iter().any(|(inst, _)| matches!(inst, Inst::Hole(_))) {
        return Err(runtime_err!("a loop has no result of its own to read"));
    }
    let frame = Frame { outer: *outer, inner: *inner > 0, row_reads, keep: true };
    let kept = plan::compile(body, frame)?;
    let again = match kept.kept_values {
        0 => None,
        _ => Some(plan::compile(body, Frame { keep: false, ..frame })?),
    };
    Ok(Arc::new(LoopProgram { outer: *outer, rank: outer + inner, plans: Plans { kept, again } }))
}

/// A compiled [`Kernel::Loop`].
pub struct LoopProgram {
    outer: usize,
    rank: usize,
    plans: Plans,
}

impl Program for LoopProgram {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        if self.rank > self.outer {
            let bind = |plan| Bound::new(plan, launch, self.outer, self.rank, buffers, params);
            return rows::run(&self.plans, bind, self.outer, self.rank);
        }
        let bound = Bound::new(&self.plans.kept, launch, self.outer, self.rank, buffers, params)?;
        pointwise::run(&bound, self.rank);
        bound.faults.result()
    }
}
