//! Matrix products: from a launch to [`gemm`], whose finished tiles go through the kernel's epilogue.
//!
//! Two shapes of work are made simpler first. Batch dimensions along which only the left operand moves become rows of it,
//! so that a linear layer on `[batch, time, features]` is one product; and an epilogue that only stores the product lets
//! `gemm` write it itself.

use crate::block::Epilogue;
use crate::element::Element;
use crate::gemm::{self, Operand, Shape, Sink, Tile, gemm};
use crate::nest::Nest;
use crate::operand::operand;
use half::{bf16, f16};
use st_kernel::{
    Access, Body, Buffer, DType, Dims, Inst, Launch, Program, Result, Scalar, runtime_err, unsupported,
};
use std::marker::PhantomData;
use std::sync::Arc;

/// The program of a matrix product.
pub(crate) fn program(batch: usize, dtype: DType, acc: DType, body: &Body) -> Result<Arc<dyn Program>> {
    match dtype {
        DType::U8 => matmul::<u8>(batch, acc, body),
        DType::I8 => matmul::<i8>(batch, acc, body),
        DType::I16 => matmul::<i16>(batch, acc, body),
        DType::I32 => matmul::<i32>(batch, acc, body),
        DType::I64 => matmul::<i64>(batch, acc, body),
        DType::F16 => matmul::<f16>(batch, acc, body),
        DType::BF16 => matmul::<bf16>(batch, acc, body),
        DType::F32 => matmul::<f32>(batch, acc, body),
        DType::F64 => matmul::<f64>(batch, acc, body),
        DType::Bool | DType::U16 | DType::U32 | DType::U64 => {
            Err(unsupported!("cpu: a matrix product of {dtype}"))
        }
    }
}

fn matmul<T: Element + gemm::Element>(batch: usize, acc: DType, body: &Body) -> Result<Arc<dyn Program>> {
    if acc != T::DTYPE.compute() {
        return Err(unsupported!("cpu: a matrix product of {} summed in {acc}", T::DTYPE));
    }
    Ok(Arc::new(Matmul::<T> {
        batch,
        only_stores: stores_the_hole(body, T::DTYPE),
        folds: !body.insts.iter().any(|(inst, _)| matches!(inst, Inst::Coord(_))),
        epilogue: Epilogue::compile(body)?,
        element: PhantomData,
    }))
}

/// Whether a body writes the kernel's own result and does nothing else, but for rounding it to `dtype`.
pub(crate) fn stores_the_hole(body: &Body, dtype: DType) -> bool {
    let [store] = &body.stores[..] else { return false };
    let (value, stored) = &body.insts[store.value.at()];
    let source = match value {
        Inst::Cast(from) => &body.insts[from.at()].0,
        other => other,
    };
    *stored == dtype && *source == Inst::Hole(0)
}

struct Matmul<T> {
    batch: usize,
    only_stores: bool,
    /// Whether batch dimensions may become rows: no value is the coordinate along one.
    folds: bool,
    epilogue: Epilogue,
    element: PhantomData<fn(T)>,
}

impl<T: Element + gemm::Element> Program for Matmul<T> {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        if launch.dims.len() != self.batch + 3 || launch.reads.len() < 2 {
            return Err(runtime_err!("cpu: a matrix product with {} dimensions", launch.dims.len()));
        }
        let folded = if self.folds { fold(launch, self.batch) } else { None };
        let launch = folded.as_ref().unwrap_or(launch);
        let rank = launch.dims.len() - 1;
        if launch.dims[..rank].contains(&0) {
            return Ok(());
        }
        let (batch, sizes) = launch.dims.split_at(rank - 2);
        let (a, b) = (&launch.reads[0], &launch.reads[1]);
        let items = Nest::new(batch, &[a, b]);
        let (mut a_items, mut b_items) = (Vec::new(), Vec::new());
        items.walk(0..items.points(), 2, |at| {
            a_items.push(at[0]);
            b_items.push(at[1]);
        });
        let shape = Shape { batch: items.points(), m: sizes[0], n: sizes[1], k: sizes[2] };
        let matrix = |access: &Access, items, row: usize, col: usize| {
            let ptr = operand::<T>(buffers, access, &launch.dims)?.get().cast_const();
            let stride = |dim| access.strides[batch.len() + dim];
            Ok(Operand { ptr, batch: items, row: stride(row), col: stride(col) })
        };
        let (a, b) = (matrix(a, &a_items[..], 0, 2)?, matrix(b, &b_items[..], 2, 1)?);
        if self.only_stores && store(launch, batch, shape, a, b, buffers)? {
            return Ok(());
        }

        let run = self.epilogue.bind(launch, rank, buffers, params)?;
        let show = |tile: &Tile<T::Acc>| {
            let mut origin = coordinates(tile.batch, batch);
            origin.extend([tile.row, tile.col]);
            // SAFETY: `gemm` shows every point once, and a tile has a result for each of its points.
            unsafe { run.tile(&origin, tile.rows, tile.cols, tile.data.cast(), tile.ld) }
        };
        // SAFETY: `operand` has checked what the strides reach.
        unsafe { gemm(shape, a, b, Sink::Tile(&show)) };
        run.finish()
    }
}

/// Lets `gemm` write the product where it belongs, if that is a matrix of contiguous rows or columns.
fn store<T: Element + gemm::Element>(
    launch: &Launch,
    batch: &[usize],
    shape: Shape,
    a: Operand<T>,
    b: Operand<T>,
    buffers: &[Buffer],
) -> Result<bool> {
    let write = &launch.writes[0];
    let items = Nest::new(batch, &[write]).merged();
    let step = match &items.0[..] {
        [] => 0,
        [one] => one.steps[0],
        _ => return Ok(false),
    };
    let [row, col] = [0, 1].map(|dim| write.strides[batch.len() + dim]);
    let c = operand::<T>(buffers, write, &launch.dims[..batch.len() + 2])?.get();
    let sink = |ld| Sink::Store { c, batch: step, ld };
    if col == 1 || shape.n == 1 && row == 1 {
        // SAFETY: `operand` has checked what the strides reach; the planner gives results memory of their own.
        unsafe { gemm(shape, a, b, sink(row)) };
    } else if row == 1 {
        let flipped = Shape { m: shape.n, n: shape.m, ..shape };
        // SAFETY: as above; the transposed product is the product of the transposed, in the other order.
        unsafe { gemm(flipped, b.transposed(), a.transposed(), sink(col)) };
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Makes rows of the innermost batch dimensions in which the right operand stays and all others continue their rows.
fn fold(launch: &Launch, batch: usize) -> Option<Launch> {
    let mut folded: Option<Launch> = None;
    for dim in (0..batch).rev() {
        let now = folded.as_ref().unwrap_or(launch);
        let (size, rows) = (now.dims[dim], now.dims[dim + 1]);
        let continues = |access: &Access| access.strides[dim] == access.strides[dim + 1] * rows as isize;
        let others = now.reads[..1].iter().chain(&now.reads[2..]).chain(&now.writes);
        let gone = match () {
            _ if size == 1 => dim,
            _ if now.reads[1].strides[dim] != 0 => break,
            _ if rows == 1 => dim + 1,
            _ if others.clone().all(continues) => dim,
            _ => break,
        };
        let kept = if gone == dim { dim + 1 } else { dim };
        let mut next = folded.take().unwrap_or_else(|| launch.clone());
        next.dims[kept] = size * rows;
        next.dims.remove(gone);
        for access in next.reads.iter_mut().chain(&mut next.writes) {
            access.strides.remove(gone);
        }
        folded = Some(next);
    }
    folded
}

/// The coordinates of a point counted in row-major order.
pub(crate) fn coordinates(mut point: usize, dims: &[usize]) -> Dims {
    let mut at = Dims::from_elem(0, dims.len());
    for (at, size) in at.iter_mut().zip(dims).rev() {
        *at = point % size;
        point /= size;
    }
    at
}
