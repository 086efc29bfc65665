//! Convolutions and their gradients: from a launch to [`conv`], whose results go through the kernel's epilogue.
//!
//! A result is a batch of matrices, channels by positions. The epilogue sees positions as one dimension where all of its
//! operands allow that, and otherwise runs along the last one. A forward convolution hands over tiles while they are in
//! cache; a gradient is stored first, in working memory unless the epilogue only stores it.

use crate::block::{Epilogue, EpilogueRun};
use crate::conv::{self, Conv, Window};
use crate::element::Element;
use crate::gemm::{self, Sink, Tile};
use crate::matmul::{coordinates, stores_the_hole};
use crate::nest::Nest;
use crate::operand::{Shared, operand};
use crate::pool;
use crate::scratch::Scratch;
use half::{bf16, f16};
use st_kernel::view::numel;
use st_kernel::{
    Access, Body, Buffer, ConvKind, DType, Dims, Inst, Launch, Program, Result, Scalar, runtime_err,
    unsupported,
};
use std::marker::PhantomData;
use std::sync::Arc;

/// Results that a thread takes through the epilogue at a time.
const GRAIN: usize = 16 * 1024;

/// The program of a convolution.
pub(crate) fn program(
    kind: ConvKind,
    spatial: usize,
    dtype: DType,
    acc: DType,
    body: &Body,
) -> Result<Arc<dyn Program>> {
    if !(1..=3).contains(&spatial) || acc != dtype.compute() {
        return Err(unsupported!("cpu: a convolution of {dtype} over {spatial} dimensions summed in {acc}"));
    }
    macro_rules! convolution {
        ($t:ty) => {
            Arc::new(Convolution::<$t> {
                kind,
                spatial,
                only_stores: stores_the_hole(body, dtype),
                flattens: !body.insts.iter().any(|(inst, _)| matches!(inst, Inst::Coord(_))),
                epilogue: Epilogue::compile(body)?,
                element: PhantomData,
            })
        };
    }
    Ok(match dtype {
        DType::U8 => convolution!(u8),
        DType::I8 => convolution!(i8),
        DType::I16 => convolution!(i16),
        DType::I32 => convolution!(i32),
        DType::I64 => convolution!(i64),
        DType::F16 => convolution!(f16),
        DType::BF16 => convolution!(bf16),
        DType::F32 => convolution!(f32),
        DType::F64 => convolution!(f64),
        DType::Bool | DType::U16 | DType::U32 | DType::U64 => {
            return Err(unsupported!("cpu: a convolution of {dtype}"));
        }
    })
}

struct Convolution<T> {
    kind: ConvKind,
    spatial: usize,
    only_stores: bool,
    /// Whether positions may become one dimension: no value is the coordinate along one.
    flattens: bool,
    epilogue: Epilogue,
    element: PhantomData<fn(T)>,
}

/// The sizes of a convolution's three tensors.
struct Sizes {
    conv: Conv,
    input: Dims,
    weight: Dims,
    output: Dims,
}

impl Sizes {
    fn read(ints: &[usize], spatial: usize) -> Option<Sizes> {
        let (&[batch, groups, in_group, out_group], rest) = ints.split_first_chunk()?;
        let windows: Vec<Window> = rest
            .chunks_exact(6)
            .map(|w| Window {
                input: w[0],
                kernel: w[1],
                output: w[2],
                stride: w[3],
                padding: w[4],
                dilation: w[5],
            })
            .collect();
        if windows.len() != spatial || groups == 0 || windows.iter().any(|w| w.stride == 0 || w.dilation == 0)
        {
            return None;
        }
        let dims = |first, second, size: fn(&Window) -> usize| {
            [first, second].into_iter().chain(windows.iter().map(size)).collect()
        };
        Some(Sizes {
            conv: Conv::new(batch, groups, groups * in_group, groups * out_group, &windows),
            input: dims(batch, groups * in_group, |w| w.input),
            weight: dims(groups * out_group, in_group, |w| w.kernel),
            output: dims(batch, groups * out_group, |w| w.output),
        })
    }
}

impl<T: Element + gemm::Element> Program for Convolution<T> {
    fn launch(&self, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> Result<()> {
        let sizes = Sizes::read(&launch.ints, self.spatial)
            .ok_or_else(|| runtime_err!("cpu: a convolution with the sizes {:?}", launch.ints))?;
        let (first, second, result) = match self.kind {
            ConvKind::Forward => (&sizes.input, &sizes.weight, &sizes.output),
            ConvKind::Input => (&sizes.output, &sizes.weight, &sizes.input),
            ConvKind::Weight => (&sizes.output, &sizes.input, &sizes.weight),
        };
        if launch.dims != *result || launch.reads.len() < 2 {
            return Err(runtime_err!("cpu: a convolution makes {result:?} and not {:?}", launch.dims));
        }
        if result.contains(&0) {
            return Ok(());
        }
        let reads = [
            dense::<T>(buffers, &launch.reads[0], numel(first))?,
            dense::<T>(buffers, &launch.reads[1], numel(second))?,
        ];
        let flat = if self.flattens { flatten(launch) } else { None };
        if let (true, Some(flat)) = (self.only_stores, &flat)
            && let Some(sink) = self.store(flat, buffers)?
        {
            // SAFETY: `dense` and `store` have checked all bounds.
            unsafe { self.compute(&sizes.conv, reads, sink) };
            return Ok(());
        }
        let launch = flat.as_ref().unwrap_or(launch);
        let run = self.epilogue.bind(launch, launch.dims.len(), buffers, params)?;
        let show = |tile: &Tile<T::Acc>| show(&run, &launch.dims, tile);
        if self.kind == ConvKind::Forward {
            // SAFETY: `dense` has checked the bounds of the operands.
            unsafe { conv::forward(&sizes.conv, reads[0].get(), reads[1].get(), Sink::Tile(&show)) };
        } else {
            let stored = Scratch::<T::Acc>::new(numel(result));
            let (rows, cols) = (result[1], numel(&result[2..]));
            let sink = Sink::Sums { c: stored.ptr(), batch: (rows * cols) as isize, ld: cols as isize };
            // SAFETY: `dense` has checked the bounds of the operands, and there is room for the result.
            unsafe { self.compute(&sizes.conv, reads, sink) };
            show_stored(stored.ptr(), [result[0], rows, cols], &show);
        }
        run.finish()
    }
}

impl<T: Element + gemm::Element> Convolution<T> {
    /// A sink that writes results where they belong, if the computation can do that.
    fn store(&self, flat: &Launch, buffers: &[Buffer]) -> Result<Option<Sink<'static, T>>> {
        let write = &flat.writes[0];
        let [batch, row, col] = [0, 1, 2].map(|d| write.strides[d]);
        let (rows, cols) = (flat.dims[1] as isize, flat.dims[2] as isize);
        let dense = row == cols && batch == rows * cols;
        if col != 1 && cols != 1 || !dense && self.kind != ConvKind::Forward {
            return Ok(None);
        }
        let c = operand::<T>(buffers, write, &flat.dims)?.get();
        Ok(Some(Sink::Store { c, batch, ld: row }))
    }

    /// Stores the result.
    ///
    /// # Safety
    /// The operands are dense and readable, the sink stores and its memory is writable, for a gradient dense.
    unsafe fn compute(&self, conv: &Conv, reads: [Shared<T>; 2], sink: Sink<T>) {
        let [first, second] = reads.map(|read| read.get().cast_const());
        // SAFETY: the caller's promise.
        unsafe {
            match self.kind {
                ConvKind::Forward => conv::forward(conv, first, second, sink),
                ConvKind::Input => conv::input_gradient(conv, first, second, sink),
                ConvKind::Weight => conv::weight_gradient(conv, second, first, sink),
            }
        }
    }
}

/// A contiguous operand.
fn dense<T: Element>(buffers: &[Buffer], access: &Access, count: usize) -> Result<Shared<T>> {
    let whole = Access { strides: [1].as_slice().into(), ..access.clone() };
    operand(buffers, &whole, &[count])
}

/// The launch with its positions as one dimension, if every operand of the epilogue walks them as one.
fn flatten(launch: &Launch) -> Option<Launch> {
    let mut positions = launch.dims.clone();
    positions[..2].fill(1);
    let accesses: Vec<&Access> = launch.reads[2..].iter().chain(&launch.writes).collect();
    let line = Nest::new(&positions, &accesses).merged();
    if line.0.len() > 1 {
        return None;
    }
    let step = |i: usize| line.0.first().map_or(0, |dim| dim.steps[i]);
    let flat = |(i, access): (usize, &Access)| {
        let strides = [access.strides[0], access.strides[1], step(i)].as_slice().into();
        Access { strides, ..access.clone() }
    };
    let mut epilogue: Vec<Access> = accesses.iter().copied().enumerate().map(flat).collect();
    let writes = epilogue.split_off(launch.reads.len() - 2);
    Some(Launch {
        dims: [launch.dims[0], launch.dims[1], numel(&positions)].as_slice().into(),
        reads: launch.reads[..2].iter().cloned().chain(epilogue).collect(),
        writes,
        ints: launch.ints.clone(),
    })
}

/// Takes a rectangle of results through the epilogue.
fn show<Acc>(run: &EpilogueRun, dims: &[usize], tile: &Tile<Acc>) {
    if dims.len() == 3 {
        let origin = [tile.batch, tile.row, tile.col];
        // SAFETY: every point is shown once and has a result.
        return unsafe { run.tile(&origin, tile.rows, tile.cols, tile.data.cast(), tile.ld) };
    }
    let width = dims[dims.len() - 1];
    for i in 0..tile.rows {
        let mut j = 0;
        while j < tile.cols {
            let mut origin = Dims::from_slice(&[tile.batch, tile.row + i]);
            origin.extend(coordinates(tile.col + j, &dims[2..]));
            let count = (width - (tile.col + j) % width).min(tile.cols - j);
            let results = tile.data.wrapping_add(i * tile.ld + j);
            // SAFETY: as above; this part ends with its line of positions.
            unsafe { run.tile(&origin, 1, count, results.cast(), tile.ld) };
            j += count;
        }
    }
}

/// Shows dense results that were stored, `[matrices, rows, cols]`.
fn show_stored<Acc: Send + Sync>(
    stored: *mut Acc,
    [matrices, rows, cols]: [usize; 3],
    show: &(dyn Fn(&Tile<Acc>) + Sync),
) {
    let stored = Shared::new(stored);
    let height = GRAIN.div_ceil(cols).min(rows);
    let parts = rows.div_ceil(height);
    pool::for_each(matrices * parts, &|task| {
        let (batch, row) = (task / parts, task % parts * height);
        let rows_here = height.min(rows - row);
        // SAFETY: the part lies within the results.
        let data = unsafe { stored.at(((batch * rows + row) * cols) as isize) }.cast_const();
        show(&Tile { batch, row, col: 0, rows: rows_here, cols, data, ld: cols });
    });
}
