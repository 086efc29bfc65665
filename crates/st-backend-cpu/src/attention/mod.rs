//! Attention, forward and backward, without ever holding the matrix of scores.
//!
//! Both directions walk blocks of queries and keys. A block of scores is kept with keys as rows and queries as columns:
//! then each lane of a vector is one query, whose maximum and sum need no work across lanes; k and v are read where they
//! lie; and the block is the left operand of its product with v as it stands. Products are [`gemm`](crate::gemm)'s.
//!
//! Half precision is multiplied as it is by a matrix unit; without one, or where there is less than one of its tiles to do, it
//! is widened once, before the blocks, which rounds less.
//!
//! Read it in this order: this file (a launch and its operands), `scores` (a block of scores), `forward` (and `few`) and `backward`,
//! `lanes` (the loops between the products). The order of all sums depends on sizes and strides only, so results are the same bits for
//! any number of threads.

mod backward;
mod few;
mod forward;
mod lanes;
mod matrices;
mod scores;

use crate::element::Element;
use crate::gemm;
use crate::math::Math;
use half::{bf16, f16};
use matrices::Matrices;
use scores::Mask;
use st_kernel::{Access, Buffer, DType, Launch, Program, Result, Scalar, runtime_err, unsupported};
use std::marker::PhantomData;
use std::ops::{Add, Div, Mul, Sub};
use std::sync::Arc;

/// The program of attention or of its gradient.
pub(crate) fn program(
    backward: bool,
    dtype: DType,
    mask: Option<DType>,
    causal: bool,
) -> Result<Arc<dyn Program>> {
    if mask.is_some_and(|mask| mask.is_int()) {
        return Err(unsupported!("cpu: attention with a mask of integers"));
    }
    macro_rules! attention {
        ($t:ty) => {
            Ok(Arc::new(Attention::<$t> {
                backward,
                mask,
                causal,
                widens: widens(dtype),
                element: PhantomData,
            }))
        };
    }
    match dtype {
        DType::F16 => attention!(f16),
        DType::BF16 => attention!(bf16),
        DType::F32 => attention!(f32),
        DType::F64 => attention!(f64),
        _ => Err(unsupported!("cpu: attention of {dtype}")),
    }
}

/// Whether operands are better widened once than for each product.
fn widens(dtype: DType) -> bool {
    dtype == DType::F16 || dtype == DType::BF16 && !gemm::has_matrix_unit()
}

/// What scores are computed in.
trait Real:
    Math
    + Element
    + Default
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    const ONE: Self;
    const LOWEST: Self;
    fn from_f64(x: f64) -> Self;
}

macro_rules! real {
    ($t:ty) => {
        impl Real for $t {
            const ONE: $t = 1.0;
            const LOWEST: $t = <$t>::NEG_INFINITY;
            #[inline(always)]
            fn from_f64(x: f64) -> $t {
                x as $t
            }
        }
    };
}
real!(f32);
real!(f64);

/// What queries, keys and values are made of.
trait Float: Element + gemm::Element<Acc: Real> {}
impl Float for f16 {}
impl Float for bf16 {}
impl Float for f32 {}
impl Float for f64 {}

struct Attention<T> {
    backward: bool,
    mask: Option<DType>,
    causal: bool,
    widens: bool,
    element: PhantomData<fn(T)>,
}

/// The numbers of queries and keys, and the widths of keys and values.
#[derive(Clone, Copy)]
struct Sizes {
    items: usize,
    m: usize,
    n: usize,
    d: usize,
    dv: usize,
}

/// What both directions read.
struct Inputs<T: Float> {
    sizes: Sizes,
    q: Matrices<T>,
    k: Matrices<T>,
    v: Matrices<T>,
    mask: Option<Mask<T::Acc>>,
    causal: bool,
    scale: T::Acc,
}

/// Which of the launch's last four dimensions are the rows and columns of a matrix.
const QUERIES: usize = 0;
const KEYS: usize = 1;
const WIDTH: usize = 2;
const VALUE_WIDTH: usize = 3;

impl<T: Float> Program for Attention<T>
where
    T::Acc: Float<Acc = T::Acc>,
{
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        let reads = 3 + usize::from(self.mask.is_some());
        let (expected, [scale]) = (if self.backward { (reads + 3, 3) } else { (reads, 2) }, params) else {
            return Err(runtime_err!("cpu: attention with {} parameters", params.len()));
        };
        let Some(batch) = launch.dims.len().checked_sub(4) else {
            return Err(runtime_err!("cpu: attention over {} dimensions", launch.dims.len()));
        };
        if (launch.reads.len(), launch.writes.len()) != expected {
            return Err(runtime_err!(
                "cpu: attention of {} operands to {}",
                launch.reads.len(),
                launch.writes.len()
            ));
        }
        let &[m, n, d, dv] = &launch.dims[batch..] else { unreachable!("four are left") };
        let sizes = Sizes { items: launch.dims[..batch].iter().product(), m, n, d, dv };
        let matrices =
            |access: &Access, row, col| Matrices::<T>::new(launch, buffers, access, row, Some(col));
        let sums = |access: &Access| Matrices::<T::Acc>::new(launch, buffers, access, QUERIES, None);
        let mask = |dtype| Mask::new(dtype, launch, buffers, &launch.reads[3]);
        let inputs = Inputs {
            sizes,
            q: matrices(&launch.reads[0], QUERIES, WIDTH)?,
            k: matrices(&launch.reads[1], KEYS, WIDTH)?,
            v: matrices(&launch.reads[2], KEYS, VALUE_WIDTH)?,
            mask: self.mask.map(mask).transpose()?,
            causal: self.causal,
            scale: T::Acc::from_f64(scale.to_f64()),
        };
        let (rest, writes) = (&launch.reads[reads..], &launch.writes);
        let widens = self.widens || T::DTYPE.size() == 2 && m.max(n) < gemm::TILE_ROWS;
        if !self.backward {
            let (out, logs) = (matrices(&writes[0], QUERIES, VALUE_WIDTH)?, sums(&writes[1])?);
            if widens {
                forward::run(&forward::Call { inputs: inputs.widened(), out, logs });
            } else {
                forward::run(&forward::Call { inputs, out, logs });
            }
            return Ok(());
        }
        let out = matrices(&rest[0], QUERIES, VALUE_WIDTH)?;
        let logs = sums(&rest[1])?;
        let grad = matrices(&rest[2], QUERIES, VALUE_WIDTH)?;
        let grad_q = matrices(&writes[0], QUERIES, WIDTH)?;
        let grad_k = matrices(&writes[1], KEYS, WIDTH)?;
        let grad_v = matrices(&writes[2], KEYS, VALUE_WIDTH)?;
        if widens {
            let (inputs, grad) = (inputs.widened(), grad.widened(m, dv));
            backward::run(backward::Call { inputs, out, logs, grad, grad_q, grad_k, grad_v });
        } else {
            backward::run(backward::Call { inputs, out, logs, grad, grad_q, grad_k, grad_v });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CpuDevice;
    use st_kernel::Device;

    /// A machine has a matrix unit or not; both ways give about the same numbers.
    #[test]
    fn half_precision_is_multiplied_as_it_is_or_widened() {
        let sizes = [2, 70, 90, 24, 40];
        let device = CpuDevice::new();
        let part = |dims: &[usize], dtype: DType| {
            let (mut strides, mut len) = ([0; 5], 1);
            for &dim in dims.iter().rev() {
                strides[dim] = len as isize;
                len *= sizes[dim];
            }
            let mut bytes = Vec::new();
            (0..len).for_each(|i| Scalar::Float((i * 37 % 101) as f64 / 50.0 - 1.0).write(dtype, &mut bytes));
            let buffer = device.alloc(bytes.len()).unwrap();
            device.upload(&bytes, &buffer).unwrap();
            (buffer, strides)
        };
        let values = |buffer: &Buffer, dtype: DType| {
            let mut bytes = vec![0; buffer.len()];
            device.download(buffer, &mut bytes).unwrap();
            bytes.chunks_exact(dtype.size()).map(|x| Scalar::read(dtype, x).to_f64()).collect::<Vec<_>>()
        };
        let run = |backward: bool, widens: bool, parts: &[(Buffer, [isize; 5])], reads: usize| {
            let access = |(i, part): (usize, &(Buffer, [isize; 5]))| Access {
                buffer: i as u32,
                offset: 0,
                strides: part.1.as_slice().into(),
                gather: vec![],
            };
            let mut all: Vec<Access> = parts.iter().enumerate().map(access).collect();
            let writes = all.split_off(reads);
            let launch = Launch { dims: sizes.as_slice().into(), reads: all, writes, ints: vec![] };
            let buffers: Vec<Buffer> = parts.iter().map(|part| part.0.clone()).collect();
            let program =
                Attention::<bf16> { backward, mask: None, causal: true, widens, element: PhantomData };
            program.launch(&launch, &buffers, &[Scalar::Float(0.3)]).unwrap();
        };
        let half = DType::BF16;
        let results = [false, true].map(|widens| {
            let [q, k, v] = [[0, 1, 3], [0, 2, 3], [0, 2, 4]].map(|dims| part(&dims, half));
            let (out, logs) = (part(&[0, 1, 4], half), part(&[0, 1], DType::F32));
            let inputs = [q, k, v, out, logs];
            run(false, widens, &inputs, 3);
            let grad = part(&[0, 1, 4], half);
            let grads = [[0, 1, 3], [0, 2, 3], [0, 2, 4]].map(|dims| part(&dims, half));
            let all: Vec<_> = inputs.iter().chain([&grad]).chain(&grads).cloned().collect();
            run(true, widens, &all, 6);
            let written = [3, 6, 7, 8].map(|i| values(&all[i].0, half));
            written.concat()
        });
        for (direct, widened) in results[0].iter().zip(&results[1]) {
            assert!((direct - widened).abs() <= 0.02 * widened.abs().max(1.0), "{direct} and {widened}");
        }
    }
}
