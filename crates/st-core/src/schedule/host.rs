//! A host function as a program: it finds its operands in the host's memory, or has them copied there and back.

use super::item::Item;
use crate::graph::{DeviceId, HostInput, HostOp, HostOutput};
use crate::runtime::{device, has_no_values};
use st_kernel::view::{Dims, numel};
use st_kernel::{Buffer, DType, Launch, Program, Result, Scalar};
use std::mem::MaybeUninit;

/// The widest elements a host function asks for.
const ALIGNMENT: usize = align_of::<u64>();

/// A host function with the shapes of what it reads and makes.
pub(super) struct HostProgram {
    op: HostOp,
    device: DeviceId,
    inputs: Vec<(Dims, DType)>,
    outputs: Vec<(Dims, DType)>,
}

impl HostProgram {
    pub(super) fn new(op: &HostOp, item: &Item, items: &[Item]) -> HostProgram {
        let inputs =
            item.operands.iter().map(|o| (o.view.shape.clone(), items[o.item].out_dtype(o.out))).collect();
        let outputs = (0..item.outputs())
            .map(|out| (Dims::from_slice(item.out_shape(out)), item.out_dtype(out)))
            .collect();
        HostProgram { op: op.clone(), device: item.device, inputs, outputs }
    }
}

impl Program for HostProgram {
    fn launch(&self, _: &Launch, buffers: &[Buffer], _: &[Scalar]) -> Result<()> {
        if has_no_values(self.device) {
            return Ok(());
        }
        let device = device(self.device)?;
        device.synchronize()?;
        let (from, to) = buffers.split_at(self.inputs.len());
        // Memory of the host for what has none that it can use.
        let mut staged_in = from.iter().map(staged).collect::<Vec<_>>();
        let mut staged_out = to.iter().map(staged).collect::<Vec<_>>();
        let mut inputs = Vec::with_capacity(from.len());
        for ((buffer, staged), (shape, dtype)) in from.iter().zip(&mut staged_in).zip(&self.inputs) {
            let at = address(buffer, staged);
            let len = numel(shape) * dtype.size();
            if staged.is_some() {
                // SAFETY: the memory is this call's own, and as long as the buffer.
                device.download(buffer, unsafe { std::slice::from_raw_parts_mut(at, buffer.len()) })?;
            }
            // SAFETY: as long as its shape says, and nobody writes it while the function runs.
            let bytes = unsafe { std::slice::from_raw_parts(at.cast_const(), len) };
            inputs.push(HostInput { shape, dtype: *dtype, bytes });
        }
        let mut outputs = Vec::with_capacity(to.len());
        for ((buffer, staged), (shape, dtype)) in to.iter().zip(&mut staged_out).zip(&self.outputs) {
            let len = numel(shape) * dtype.size();
            let at = address(buffer, staged).cast::<MaybeUninit<u8>>();
            // SAFETY: as long as its shape says, and no other buffer's memory: plans give a kernel of this kind new memory
            // for each output.
            let bytes = unsafe { std::slice::from_raw_parts_mut(at, len) };
            outputs.push(HostOutput::new(shape, *dtype, bytes));
        }
        (self.op.run)(&inputs, &mut outputs)?;
        for ((output, buffer), staged) in outputs.iter_mut().zip(to).zip(&staged_out) {
            let bytes = output.filled();
            if staged.is_some() {
                device.upload(bytes, buffer)?;
            }
        }
        Ok(())
    }
}

/// Memory of the host, if the buffer has none that the host can use as it is.
fn staged(buffer: &Buffer) -> Option<Vec<u64>> {
    let usable = buffer.host_ptr().is_some_and(|at| (at.as_ptr() as usize).is_multiple_of(ALIGNMENT));
    (!usable).then(|| vec![0; buffer.len().div_ceil(ALIGNMENT)])
}

fn address(buffer: &Buffer, staged: &mut Option<Vec<u64>>) -> *mut u8 {
    match (staged, buffer.host_ptr()) {
        (None, Some(at)) => at.as_ptr(),
        (Some(memory), _) => memory.as_mut_ptr().cast(),
        (None, None) => unreachable!("what the host cannot see is staged"),
    }
}
