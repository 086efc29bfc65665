//! Whether a GPU's matrix units can be trusted: some drivers' give wrong results.
//!
//! Two small products of whole numbers, for both ways in which operands lie in memory, are made by matrix units and compared
//! with what they must be, exactly.

use crate::device::Shared;
use crate::program::WgpuProgram;
use st_kernel::render::Machine;
use st_kernel::{
    Access, Body, Buffer, DType, DeviceBuffer, Inst, Kernel, Launch, Program, Result, Scalar, Store, Val,
};
use std::sync::Arc;

const M: usize = 128;
const N: usize = 256;
const K: usize = 96;

/// Whether products by matrix units are right on this device.
pub(crate) fn are_right(shared: &Arc<Shared>) -> bool {
    let machine = Machine { cooperative: true, ..shared.machine };
    [false, true].into_iter().all(|turned| is_right(shared, machine, turned).unwrap_or(false))
}

fn is_right(shared: &Arc<Shared>, machine: Machine, turned: bool) -> Result<bool> {
    let body = Body {
        insts: vec![(Inst::Hole(0), DType::F32)],
        reads: vec![DType::F16; 2],
        params: vec![],
        stores: vec![Store { value: Val(0), per_row: false }],
    };
    let kernel = Kernel::Matmul { batch: 0, dtype: DType::F16, acc: DType::F32, body };
    // Along m, n and k.
    let strides: [[usize; 3]; 3] = match turned {
        false => [[K, 0, 1], [0, 1, N], [N, 1, 0]],
        true => [[1, 0, M], [0, K, 1], [N, 1, 0]],
    };
    let access = |i: usize| Access {
        buffer: i as u32,
        offset: 0,
        strides: strides[i].iter().map(|&s| s as isize).collect(),
        gather: vec![],
    };
    let launch = Launch {
        dims: [M, N, K].as_slice().into(),
        reads: vec![access(0), access(1)],
        writes: vec![access(2)],
        ints: vec![],
    };
    let element =
        |operand: usize, line: usize, step: usize| ((line * 7 + step * (3 + operand)) % 9) as f64 - 4.0;
    let mut buffers: Vec<Buffer> = Vec::new();
    for (operand, lines) in [M, N].into_iter().enumerate() {
        let (of_line, of_step) = (strides[operand][operand], strides[operand][2]);
        let mut values = vec![0.0; lines * K];
        for line in 0..lines {
            for step in 0..K {
                values[line * of_line + step * of_step] = element(operand, line, step);
            }
        }
        let mut bytes = Vec::new();
        values.iter().for_each(|&x| Scalar::Float(x).write(DType::F16, &mut bytes));
        let buffer = shared.alloc(bytes.len())?;
        shared.queue().write(&buffer.memory().buffer, &bytes);
        buffers.push(Arc::new(buffer));
    }
    let sums = Arc::new(shared.alloc(4 * M * N)?);
    buffers.push(sums.clone());
    WgpuProgram::new(kernel, shared.clone(), machine).launch(&launch, &buffers, &[])?;
    let mut right = true;
    shared.read(Some((&sums.memory().buffer, 0, sums.len() as u64)), |bytes| {
        for (i, found) in bytes.chunks_exact(4).enumerate() {
            let wanted: f64 = (0..K).map(|p| element(0, i / N, p) * element(1, i % N, p)).sum();
            right &= Scalar::read(DType::F32, found).to_f64() == wanted;
        }
    })?;
    Ok(right)
}
