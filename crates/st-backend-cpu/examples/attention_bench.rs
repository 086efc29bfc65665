//! Times attention: `cargo run --release -p st-backend-cpu --example attention_bench [threads]`.
//!
//! Prints the median and the best of some repetitions; on a shared machine the best says more. Causal work is counted as
//! the half that it is.

use st_backend_cpu::{CpuDevice, pool::set_num_threads};
use st_kernel::{Access, Buffer, DType, Device, Kernel, Launch, Scalar};

mod timing;
use timing::{heading, report};

fn main() {
    if let Some(threads) = std::env::args().nth(1) {
        set_num_threads(threads.parse().expect("a number of threads"));
    }
    heading();
    for dtype in [DType::F32, DType::BF16, DType::F64] {
        for causal in [false, true] {
            attention(dtype, [32, 512, 512, 64, 64], None, causal);
        }
    }
    attention(DType::F32, [32, 512, 512, 64, 64], Some(DType::F32), false);
    attention(DType::F32, [4, 2048, 2048, 128, 128], None, true);
    attention(DType::F32, [32, 1, 2048, 64, 64], None, false);
}

/// Forward and backward over sizes `[items, m, n, d, dv]`.
fn attention(dtype: DType, sizes: [usize; 5], mask: Option<DType>, causal: bool) {
    let device = CpuDevice::new();
    let float = if dtype == DType::F64 { DType::F64 } else { DType::F32 };
    let mut operands: Vec<(Buffer, Access)> = Vec::new();
    let mut add = |dims: &[usize], dtype: DType, batched: bool| {
        let mut strides = [0isize; 5];
        let mut len = 1;
        for &dim in dims.iter().rev() {
            strides[dim] = if dim == 0 && !batched { 0 } else { len as isize };
            len *= if dim == 0 && !batched { 1 } else { sizes[dim] };
        }
        let mut bytes = Vec::new();
        for i in 0..len {
            Scalar::Float((i * 7919 % 1000) as f64 / 500.0 - 1.0).write(dtype, &mut bytes);
        }
        let buffer = device.alloc(bytes.len()).expect("there is memory");
        device.upload(&bytes, &buffer).expect("the buffer is as large");
        let access = Access { buffer: 0, offset: 0, strides: strides.as_slice().into(), gather: Vec::new() };
        operands.push((buffer, access));
        operands.len() - 1
    };
    let [q, k, v] = [[0, 1, 3], [0, 2, 3], [0, 2, 4]].map(|dims| add(&dims, dtype, true));
    let mut inputs = vec![q, k, v];
    inputs.extend(mask.map(|mask| add(&[0, 1, 2], mask, false)));
    let (out, logs, grad) =
        (add(&[0, 1, 4], dtype, true), add(&[0, 1], float, true), add(&[0, 1, 4], dtype, true));
    let grads = [[0, 1, 3], [0, 2, 3], [0, 2, 4]].map(|dims| add(&dims, dtype, true));

    let [items, m, n, d, dv] = sizes;
    let pair = 2.0 * (items * m * n) as f64 / if causal { 2.0 } else { 1.0 };
    for backward in [false, true] {
        let (mut reads, mut writes) = (inputs.clone(), vec![out, logs]);
        if backward {
            reads.extend([out, logs, grad]);
            writes = grads.to_vec();
        }
        let mut buffers = Vec::new();
        let mut accesses = |of: &[usize]| -> Vec<Access> {
            let mut access = |&i: &usize| {
                buffers.push(operands[i].0.clone());
                Access { buffer: buffers.len() as u32 - 1, ..operands[i].1.clone() }
            };
            of.iter().map(&mut access).collect()
        };
        let (reads, writes) = (accesses(&reads), accesses(&writes));
        let launch = Launch { dims: sizes.as_slice().into(), reads, writes, ints: Vec::new() };
        let program =
            device.compile(&Kernel::Attention { backward, dtype, mask, causal }).expect("it compiles");
        let flops = pair * if backward { 3 * d + 2 * dv } else { d + dv } as f64;
        let masked = mask.map_or(String::new(), |mask| format!(" mask {mask}"));
        let title = format!(
            "{dtype} {items} x {m} x {n} x {d}{}{masked}{}",
            if causal { " causal" } else { "" },
            if backward { " backward" } else { "" }
        );
        report(&title, flops, || {
            program.launch(&launch, &buffers, &[Scalar::Float(0.125)]).expect("it runs");
        });
    }
}
