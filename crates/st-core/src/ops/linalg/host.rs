//! Nodes that call the algorithms of `st-host`, once for each matrix of a batch.

use crate::autograd::Rule;
use crate::graph::{Args, HostElement, HostFn, HostInput, HostOp, HostOutput, Node, Op};
use crate::tensor::Tensor;
use smallvec::SmallVec;
use st_backend_cpu::pool;
use st_kernel::view::Dims;
use st_kernel::{DType, Result};
use std::sync::{Mutex, PoisonError};

/// Elements in a batch from which on its matrices are shared among threads.
const WORTH_SHARING: usize = 1 << 10;

/// What a host function is called, and what else it depends on.
pub(crate) struct Call<'a> {
    pub(crate) name: &'static str,
    pub(crate) params: &'a [u64],
    pub(crate) run: HostFn,
}

/// Records a node of the host with `N` outputs.
pub(crate) fn record<const N: usize>(
    call: Call,
    inputs: &[&Tensor],
    outputs: [(Dims, DType); N],
    rule: impl FnOnce() -> Rule,
) -> Result<[Tensor; N]> {
    let Call { name, params, run } = call;
    let op = Op::Host(Box::new(HostOp { name, params: SmallVec::from_slice(params), run }));
    let args: Args = inputs.iter().map(|t| t.arg()).collect();
    let mut outputs = outputs.into_iter();
    let first = outputs.next().expect("a node has an output");
    let node = Node::with_further(op, args, first, outputs, inputs[0].device());
    let inputs: SmallVec<[Option<&Tensor>; 3]> = inputs.iter().copied().map(Some).collect();
    Tensor::record_all(node, &inputs, rule)
}

/// Cuts a slice into equal parts.
pub(crate) fn parts<T>(mut all: &mut [T], count: usize) -> Vec<&mut [T]> {
    let size = all.len().checked_div(count).unwrap_or(0);
    let mut found = Vec::with_capacity(count);
    for _ in 0..count {
        let (part, rest) = all.split_at_mut(size);
        found.push(part);
        all = rest;
    }
    found
}

/// Part `i` of `count` equal ones.
pub(crate) fn part<T>(all: &[T], i: usize, count: usize) -> &[T] {
    let size = all.len() / count;
    &all[i * size..(i + 1) * size]
}

/// Runs a function on every job, `elements` of memory in all, on several threads where that is worth it.
pub(crate) fn each<J: Send>(
    elements: usize,
    jobs: impl IntoIterator<Item = J>,
    work: impl Fn(usize, J) + Sync,
) {
    let jobs: Vec<Mutex<Option<J>>> = jobs.into_iter().map(|job| Mutex::new(Some(job))).collect();
    let run = |i: usize| {
        let job = jobs[i].lock().unwrap_or_else(PoisonError::into_inner).take();
        work(i, job.expect("each job runs once"));
    };
    if elements < WORTH_SHARING {
        (0..jobs.len()).for_each(run);
        return;
    }
    // Small matrices go in groups.
    let group = jobs.len().div_ceil(4 * pool::num_threads()).max(1);
    pool::for_each(jobs.len().div_ceil(group), &|chunk| {
        (chunk * group..((chunk + 1) * group).min(jobs.len())).for_each(run);
    });
}

/// Rows, columns and number of the matrices of an operand.
pub(crate) fn sizes<T: HostElement>(input: &HostInput) -> (usize, usize, usize) {
    let [batch @ .., m, n] = without_pairs::<T>(input.shape) else { unreachable!("matrices were asked for") };
    (*m, *n, batch.iter().product())
}

/// How many columns the matrices of a shape have.
pub(crate) fn columns<T: HostElement>(shape: &[usize]) -> usize {
    *without_pairs::<T>(shape).last().expect("matrices were asked for")
}

/// A shape without the dimension in which the parts of complex numbers lie.
fn without_pairs<T: HostElement>(shape: &[usize]) -> &[usize] {
    let is_complex = size_of::<T>() > T::PARTS.size();
    &shape[..shape.len() - usize::from(is_complex)]
}

/// The outputs, known to be so many.
pub(crate) fn outputs<'a, 'b, const N: usize>(outs: &'a mut [HostOutput<'b>]) -> &'a mut [HostOutput<'b>; N] {
    outs.try_into().expect("as many as the node has")
}

/// Calls a generic function for the dtype.
macro_rules! for_dtype {
    ($dtype:expr, $call:ident $(::<$($more:ty),*>)? ($($arg:expr),*)) => {
        match $dtype {
            st_kernel::DType::F64 => $call::<f64>($($arg),*),
            _ => $call::<f32>($($arg),*),
        }
    };
}
pub(crate) use for_dtype;

/// Calls a generic function for complex numbers with parts of the dtype.
macro_rules! for_complex {
    ($dtype:expr, $($call:ident)::+($($arg:expr),*)) => {
        match $dtype {
            st_kernel::DType::F64 => $($call)::+::<st_host::Complex<f64>>($($arg),*),
            _ => $($call)::+::<st_host::Complex<f32>>($($arg),*),
        }
    };
}
pub(crate) use for_complex;

/// Calls a generic function for the numbers of a kind of matrices, whose dtype (or that of their parts) this is.
macro_rules! for_kind {
    ($kind:ty, $dtype:expr, $call:ident ($($arg:expr),*)) => {
        if <$kind as $crate::ops::linalg::matrices::Matrices>::COMPLEX {
            $crate::ops::linalg::host::for_complex!($dtype, $call($($arg),*))
        } else {
            $crate::ops::linalg::host::for_dtype!($dtype, $call($($arg),*))
        }
    };
}
pub(crate) use for_kind;
