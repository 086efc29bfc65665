//! One renderer for all GPUs: from a [`Kernel`] to the text of a program.
//!
//! | module | what it holds |
//! |---|---|
//! | [`ir`] | the language kernels are written in: typed values, ten kinds of statement |
//! | [`numbers`] | the sizes, strides and parameters a launch hands over, and where each stands |
//! | `body`, `reduce` | the values of a kernel's body; reductions by one thread or by a group |
//! | `loops`, `matmul`, `conv`, `lines`, `scatter` | the kinds of kernel |
//! | [`reach`] | whether a launch stays inside its buffers |
//! | `text` | the walk over values and statements, and what a dialect says |
//! | [`wgsl`], [`c`] | the dialects: WGSL; CUDA C, HIP C and Metal |
//! | `functions` | the functions that kernels call, in each dialect |
//!
//! A kernel is written once, in the language of [`ir`]; a dialect is spelling only.

mod body;
pub mod c;
mod conv;
mod functions;
pub mod ir;
mod lines;
mod loops;
mod matmul;
pub mod numbers;
pub mod reach;
mod reduce;
mod scatter;
mod text;
pub mod wgsl;

#[cfg(test)]
mod tests;

pub use loops::Workers;

use crate::device::Launch;
use crate::error::Result;
use crate::kernel::{Body, Kernel};
use crate::unsupported;
use body::Scope;
use ir::{Code, Stmt};
use matmul::{TILE, TILE_THREADS, Types, is_tiled};
use numbers::Numbers;
use smallvec::SmallVec;
use std::borrow::Cow;

/// Threads of a group, where the kernel's kind does not say otherwise.
pub const THREADS: usize = 256;

/// What of a launch a kernel's text depends on: launches of one class share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Class {
    /// Dimensions of the launch.
    pub rank: usize,
    /// How many of them, the first ones, count outer points.
    pub outer: usize,
    /// For each access, reads first, which of the launch's buffers it is.
    pub bindings: SmallVec<[u8; 8]>,
    /// Who works on an outer point.
    pub workers: Workers,
}

/// The text of a kernel before it has a dialect.
pub struct Shader {
    pub(crate) code: Code,
    pub(crate) body: Vec<Stmt>,
    /// Threads of a group.
    pub threads: usize,
    /// Where its numbers stand.
    pub numbers: Numbers,
    /// How many buffers are bound.
    pub buffers: usize,
}

/// Outer points up to this number leave a GPU idle if each has one thread only.
const FEW_ROWS: usize = 4096;
/// A thread walks so many inner points as quickly as a group gets together.
const SHORT_ROW: usize = 32;

/// A launch as its kernel is written for it, and its class.
pub fn arranged<'a>(kernel: &Kernel, launch: &'a Launch) -> (Cow<'a, Launch>, Class) {
    let (launch, outer) = match kernel {
        Kernel::Scatter { .. } => {
            let (launch, outer) = scatter::arranged(launch);
            (Cow::Owned(launch), outer)
        }
        Kernel::Loop { outer, .. } => (Cow::Borrowed(launch), *outer),
        Kernel::Matmul { batch, .. } => (Cow::Borrowed(launch), batch + 2),
        Kernel::Scan { .. } => (Cow::Borrowed(launch), launch.dims.len() - 1),
        _ => (Cow::Borrowed(launch), launch.dims.len()),
    };
    let accesses = launch.reads.iter().chain(&launch.writes);
    let bindings = accesses.map(|access| access.buffer as u8).collect();
    let class = Class { rank: launch.dims.len(), outer, bindings, workers: workers(kernel, &launch) };
    (launch, class)
}

/// Whether a thread or a group works on an outer point: neighbours should read neighbouring memory.
fn workers(kernel: &Kernel, launch: &Launch) -> Workers {
    let Kernel::Loop { outer, inner: 1.., .. } = kernel else { return Workers::One };
    let (rows, inner) = launch.dims.split_at(*outer);
    let (rows, points): (usize, usize) = (rows.iter().product(), inner.iter().product());
    let along_rows = launch.reads.iter().any(|r| r.strides.last().is_some_and(|s| s.abs() == 1));
    if points <= SHORT_ROW || (!along_rows && rows > FEW_ROWS) { Workers::One } else { Workers::Group }
}

/// How many groups a launch has.
pub fn groups(kernel: &Kernel, class: &Class, launch: &Launch) -> usize {
    let points: usize = launch.dims[..class.outer].iter().product();
    match kernel {
        Kernel::Matmul { batch, acc, .. } if is_tiled(*acc) => {
            let (m, n) = (launch.dims[*batch], launch.dims[*batch + 1]);
            launch.dims[..*batch].iter().product::<usize>() * m.div_ceil(TILE) * n.div_ceil(TILE)
        }
        _ if class.workers == Workers::Group => points,
        _ => points.div_ceil(THREADS),
    }
}

/// Writes a kernel for launches of a class.
pub fn shader(kernel: &Kernel, class: &Class, launch: &Launch) -> Result<Shader> {
    let numbers = Numbers::of(kernel, class.rank, launch.ints.len());
    let mut code = Code::new();
    let mut threads = THREADS;
    let empty = Body::default();
    let row_reads = match kernel {
        Kernel::Loop { row_reads, .. } => &row_reads[..],
        _ => &[],
    };
    let body = kernel.body().unwrap_or(&empty);
    let scope = Scope { body, numbers: &numbers, row_reads, bindings: &class.bindings };
    match kernel {
        Kernel::Loop { outer, inner, .. } => {
            loops::write(&mut code, &scope, *outer, *inner, class.workers, threads);
        }
        Kernel::Matmul { batch, dtype, acc, .. } => {
            let types = Types { operand: *dtype, acc: *acc };
            if is_tiled(*acc) {
                threads = TILE_THREADS;
                matmul::write_tiled(&mut code, &scope, *batch, types);
            } else {
                matmul::write_simple(&mut code, &scope, *batch, types, threads);
            }
        }
        Kernel::Conv { kind, spatial, dtype, acc, .. } => {
            conv::write(&mut code, &scope, *kind, *spatial, Types { operand: *dtype, acc: *acc }, threads);
        }
        Kernel::Scan { op, dtype } => lines::write_scan(&mut code, &scope, *op, *dtype, threads),
        Kernel::Sort { descending, dtype } => {
            lines::write_sort(&mut code, &scope, *descending, *dtype, threads);
        }
        Kernel::Scatter { op, dtype, indices } => {
            scatter::write(&mut code, &scope, *op, *dtype, *indices, class.outer, threads);
        }
        Kernel::Attention { .. } => return Err(unsupported!("attention has no GPU kernel yet")),
    }
    let (body, code) = code.finish();
    let buffers = class.bindings.iter().map(|&b| usize::from(b) + 1).max().unwrap_or(0);
    Ok(Shader { code, body, threads, numbers, buffers })
}
