//! Whether a launch stays inside its buffers: kernels do not check it themselves.

use crate::device::{Access, Launch};
use crate::dtype::DType;
use crate::error::Result;
use crate::kernel::{ConvKind, Kernel};
use crate::runtime_err;

/// The dtype of each access of a kernel, reads first.
fn dtypes(kernel: &Kernel) -> Vec<DType> {
    let written = |dtype: &DType, positions: bool| {
        let mut all = vec![*dtype];
        all.extend(positions.then_some(DType::I64));
        all
    };
    match kernel {
        Kernel::Loop { body, .. } | Kernel::Matmul { body, .. } | Kernel::Conv { body, .. } => {
            let stored = body.stores.iter().map(|store| body.insts[store.value.at()].1);
            body.reads.iter().copied().chain(stored).collect()
        }
        Kernel::Scan { op, dtype } => [vec![*dtype], written(dtype, op.has_positions())].concat(),
        Kernel::Sort { dtype, .. } => [vec![*dtype], written(dtype, true)].concat(),
        Kernel::Scatter { dtype, indices, .. } => {
            [vec![*dtype], vec![DType::I64; *indices], vec![*dtype]].concat()
        }
        Kernel::Attention { backward, dtype, mask, .. } => {
            let mut all = vec![*dtype; 3];
            all.extend(*mask);
            let sums = if *dtype == DType::F64 { DType::F64 } else { DType::F32 };
            all.extend(if *backward {
                vec![*dtype, sums, *dtype, *dtype, *dtype, *dtype]
            } else {
                vec![*dtype, sums]
            });
            all
        }
    }
}

/// Calls `f` with each access that a launch touches memory by: its number, reads first, its dtype, the access and the dimensions
/// it walks.
pub(super) fn each(
    kernel: &Kernel,
    launch: &Launch,
    mut f: impl FnMut(usize, DType, &Access, &[usize]) -> Result<()>,
) -> Result<()> {
    let reads = launch.reads.len();
    let nothing = launch.dims.contains(&0);
    // Rows without points have results, points that are not there have none.
    let unwritten = |write: usize| match kernel {
        Kernel::Loop { outer, body, .. } => {
            nothing && (!body.stores[write].per_row || launch.dims[..*outer].contains(&0))
        }
        Kernel::Conv { .. } => nothing,
        _ => false,
    };
    for (i, (access, dtype)) in launch.reads.iter().chain(&launch.writes).zip(dtypes(kernel)).enumerate() {
        let is_read = i < reads;
        if is_read && nothing || !is_read && unwritten(i - reads) {
            continue;
        }
        match kernel {
            Kernel::Conv { kind, .. } if i < 2 => {
                let count = operand_len(*kind, i, &launch.ints);
                if count > 0 {
                    let flat = Access { strides: [1].into_iter().collect(), ..access.clone() };
                    f(i, dtype, &flat, &[count])?;
                }
            }
            Kernel::Scatter { .. } if !is_read => {
                let gather = launch.ints.chunks_exact(2).map(|pair| (pair[0], pair[1] as isize)).collect();
                f(i, dtype, &Access { gather, ..access.clone() }, &launch.dims)?;
            }
            Kernel::Sort { .. } if !is_read => {
                let mut dims = launch.dims.clone();
                if let (Some(last), Some(&kept)) = (dims.last_mut(), launch.ints.first()) {
                    *last = kept;
                }
                f(i, dtype, access, &dims)?;
            }
            _ => f(i, dtype, access, &launch.dims)?,
        }
    }
    Ok(())
}

/// Refuses a launch that would leave a buffer, given how many bytes each has.
pub fn check(kernel: &Kernel, launch: &Launch, bytes: impl Fn(u32) -> Option<usize>) -> Result<()> {
    each(kernel, launch, |_, dtype, access, dims| {
        let bytes =
            bytes(access.buffer).ok_or_else(|| runtime_err!("the launch has no buffer {}", access.buffer))?;
        access.check_reach(dims, bytes / dtype.size())
    })
}

/// How many elements an operand of a convolution has.
fn operand_len(kind: ConvKind, operand: usize, ints: &[usize]) -> usize {
    let along = |what: usize| ints[4..].chunks_exact(6).map(|s| s[what]).product::<usize>();
    let (batch, groups, channels_in, channels_out) = (ints[0], ints[1], ints[2], ints[3]);
    let input = batch * groups * channels_in * along(0);
    let weight = groups * channels_out * channels_in * along(1);
    let output = batch * groups * channels_out * along(2);
    match (kind, operand) {
        (ConvKind::Forward, 0) | (ConvKind::Weight, 1) => input,
        (ConvKind::Input | ConvKind::Weight, 0) => output,
        _ => weight,
    }
}
