//! Kernels on the first GPU there is, a program that stands in for one included, against their meaning: at sizes around the
//! edges of what each way of running them is made for.

mod reference;

use reference::Memory;
use st_backend_wgpu::{WgpuDevice, adapters};
use st_kernel::{
    Access, Body, Buffer, DType, Device, Inst, Kernel, Launch, Prim, ReduceOp, Scalar, ScanOp, Store, Val,
};
use std::sync::LazyLock;

static GPU: LazyLock<Option<WgpuDevice>> =
    LazyLock::new(|| (!adapters().is_empty()).then(|| WgpuDevice::open(0).expect("it opens")));

/// A launch whose accesses are dense: each follows these of the dimensions, the last of them fastest.
fn dense(dims: &[usize], reads: &[&[usize]], writes: &[&[usize]]) -> Launch {
    let access = |(i, own): (usize, &&[usize])| {
        let mut strides = vec![0; dims.len()];
        let mut step = 1;
        for &d in own.iter().rev() {
            strides[d] = step as isize;
            step *= dims[d];
        }
        Access { buffer: i as u32, offset: 0, strides: strides.into(), gather: vec![] }
    };
    let mut all: Vec<Access> = reads.iter().chain(writes).enumerate().map(access).collect();
    let writes = all.split_off(reads.len());
    Launch { dims: dims.into(), reads: all, writes, ints: vec![] }
}

/// Elements as random as they need to be.
fn elements(dtype: DType, count: usize, seed: usize) -> Vec<Scalar> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64.wrapping_mul(seed as u64 + 1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64
    };
    let element = |_| match dtype {
        DType::Bool => Scalar::Bool(next() % 2 == 0),
        d if d.is_float() => Scalar::Float((next() % 4001 - 2000) as f64 / 1000.0).cast(d),
        _ => Scalar::Int(next() % 100),
    };
    (0..count).map(element).collect()
}

/// Runs a launch over dense buffers of these dtypes here and there, and compares what it writes.
fn check(kernel: &Kernel, launch: &Launch, dtypes: &[DType], params: &[Scalar], tolerance: f64) {
    let mut memory: Memory = Vec::new();
    for (i, access) in launch.reads.iter().chain(&launch.writes).enumerate() {
        let far =
            access.strides.iter().zip(&launch.dims).map(|(s, n)| s.unsigned_abs() * (n - 1)).sum::<usize>();
        memory.push((dtypes[i], elements(dtypes[i], far + 1 + access.offset as usize, i)));
    }
    check_memory(kernel, launch, memory, params, tolerance);
}

/// The same with what the buffers hold; gives what they hold after it.
fn check_memory(
    kernel: &Kernel,
    launch: &Launch,
    mut memory: Memory,
    params: &[Scalar],
    tolerance: f64,
) -> Memory {
    let Some(gpu) = &*GPU else { return memory };
    let buffers: Vec<Buffer> = memory
        .iter()
        .map(|(dtype, elements)| {
            let mut bytes = Vec::new();
            elements.iter().for_each(|x| x.write(*dtype, &mut bytes));
            let buffer = gpu.alloc(bytes.len()).expect("there is memory");
            gpu.upload(&bytes, &buffer).expect("it is copied");
            buffer
        })
        .collect();
    let program = gpu.compile(kernel).expect("it compiles");
    program.launch(launch, &buffers, params).expect("it runs");
    reference::run(kernel, launch, &mut memory, params);
    for write in &launch.writes {
        let (dtype, expected) = &memory[write.buffer as usize];
        let mut bytes = vec![0; expected.len() * dtype.size()];
        gpu.download(&buffers[write.buffer as usize], &mut bytes).expect("it is read");
        for (i, (found, expected)) in bytes.chunks_exact(dtype.size()).zip(expected).enumerate() {
            let (found, expected) = (Scalar::read(*dtype, found).to_f64(), expected.to_f64());
            let rounding = match dtype {
                DType::BF16 => 0.01,
                DType::F16 => 0.002,
                _ => 0.0,
            };
            let close = found == expected
                || (found - expected).abs()
                    <= tolerance + (rounding + 1e-5) * expected.abs() + rounding * tolerance;
            assert!(
                close,
                "element {i} of write {}: {found} is not {expected}\n{kernel:?}\n{launch:?}",
                write.buffer
            );
        }
    }
    memory
}

fn body(insts: Vec<(Inst, DType)>, reads: &[DType], stores: &[(u32, bool)]) -> Body {
    let store = |&(value, per_row)| Store { value: Val(value), per_row };
    Body { insts, reads: reads.to_vec(), params: vec![], stores: stores.iter().map(store).collect() }
}

fn call(prim: Prim, args: &[u32]) -> Inst {
    let mut all = [Val::NONE; 3];
    all.iter_mut().zip(args).for_each(|(to, &from)| *to = Val(from));
    Inst::Call(prim, all)
}

const DTYPES: [DType; 8] =
    [DType::F32, DType::BF16, DType::F16, DType::I64, DType::I32, DType::I16, DType::U8, DType::Bool];

#[test]
fn pointwise_work_by_fours_and_by_ones() {
    for dtype in DTYPES {
        let insts = vec![(Inst::Load(0), dtype), (Inst::Load(1), dtype), (call(Prim::Max, &[0, 1]), dtype)];
        let kernel = Kernel::Loop {
            outer: 2,
            inner: 0,
            row_reads: vec![false; 2],
            body: body(insts, &[dtype; 2], &[(2, false)]),
        };
        let fours = dense(&[150, 128], &[&[0, 1], &[1]], &[&[0, 1]]);
        let mut shifted = fours.clone();
        shifted.reads[0].offset = 1;
        shifted.reads[1].strides = [0, 2].as_slice().into();
        let ones = dense(&[3, 43], &[&[0, 1], &[1]], &[&[0, 1]]);
        let turned = dense(&[190, 131], &[&[0, 1], &[1, 0]], &[&[0, 1]]);
        let lying = dense(&[3, 65, 128], &[&[0, 2, 1], &[0, 1, 2]], &[&[0, 1, 2]]);
        for launch in [fours, shifted, ones, turned] {
            check(&kernel, &launch, &[dtype; 3], &[], 0.0);
        }
        let Kernel::Loop { body, .. } = kernel else { unreachable!() };
        let kernel = Kernel::Loop { outer: 3, inner: 0, row_reads: vec![false; 2], body };
        check(&kernel, &lying, &[dtype; 3], &[], 0.0);
    }
}

fn reduction(op: ReduceOp, dtype: DType, outer: usize, inner: usize) -> (Kernel, DType) {
    let result = if matches!(op, ReduceOp::ArgMax | ReduceOp::ArgMin) { DType::I64 } else { dtype };
    let insts = vec![(Inst::Load(0), dtype), (Inst::Reduce(op, Val(0)), result)];
    let kernel =
        Kernel::Loop { outer, inner, row_reads: vec![false], body: body(insts, &[dtype], &[(1, true)]) };
    (kernel, result)
}

#[test]
fn reductions_whole_and_in_parts() {
    use ReduceOp::*;
    for dtype in [DType::F32, DType::I64, DType::I16, DType::Bool] {
        for op in [Sum, Max, ArgMin] {
            if dtype == DType::Bool && op == Sum || dtype == DType::I16 && op == Sum {
                continue;
            }
            // Few long rows, columns side by side, short rows.
            for dims in [[1, 60_000], [3, 20_001], [128, 600], [44, 900], [5000, 7], [20, 40]] {
                for down in [false, true] {
                    let (kernel, result) = reduction(op, dtype, 1, 1);
                    let read: &[usize] = if down { &[1, 0] } else { &[0, 1] };
                    check(&kernel, &dense(&dims, &[read], &[&[0]]), &[dtype, result], &[], 0.02);
                }
            }
            let (kernel, result) = reduction(op, dtype, 2, 1);
            check(&kernel, &dense(&[5, 12, 700], &[&[0, 2, 1]], &[&[0, 1]]), &[dtype, result], &[], 0.02);
        }
    }
}

#[test]
fn rows_that_are_kept_and_rows_that_are_not() {
    let f = DType::F32;
    let softmax = vec![
        (Inst::Load(0), f),
        (Inst::Reduce(ReduceOp::Max, Val(0)), f),
        (call(Prim::Sub, &[0, 1]), f),
        (call(Prim::Exp, &[2]), f),
        (Inst::Reduce(ReduceOp::Sum, Val(3)), f),
        (call(Prim::Div, &[3, 4]), f),
        (Inst::Load(1), f),
        (call(Prim::Mul, &[5, 6]), f),
    ];
    for width in [20, 40, 256, 260, 1000, 1001, 9000] {
        let kernel = Kernel::Loop {
            outer: 1,
            inner: 1,
            row_reads: vec![false; 2],
            body: body(softmax.clone(), &[f; 2], &[(7, false), (4, true)]),
        };
        let launch = dense(&[20_000 / width + 3, width], &[&[0, 1], &[1]], &[&[0, 1], &[0]]);
        check(&kernel, &launch, &[f; 4], &[], 1e-6);
    }
}

#[test]
fn products() {
    let f = DType::F32;
    let insts = vec![(Inst::Hole(0), f), (Inst::Load(2), f), (call(Prim::Add, &[0, 1]), f)];
    let sizes = [
        [1, 40, 44, 2000],
        [1, 7, 5, 900],
        [34, 130, 132, 20],
        [33, 128, 256, 32],
        [2, 64, 64, 64],
        [1, 1, 64, 300],
        [3, 65, 1, 17],
    ];
    for dims in sizes {
        for (a, b) in [([0, 1, 3], [0, 3, 2]), ([0, 3, 1], [0, 2, 3])] {
            for dtype in [f, DType::F16] {
                if dtype == DType::F16 && dims[0] > 30 {
                    continue;
                }
                let reads = [dtype, dtype, f];
                let kernel = Kernel::Matmul {
                    batch: 1,
                    dtype,
                    acc: f,
                    body: body(insts.clone(), &reads, &[(2, false)]),
                };
                let launch = dense(&dims, &[&a, &b, &[2]], &[&[0, 1, 2]]);
                check(&kernel, &launch, &[dtype, dtype, f, f], &[], 1e-3);
            }
        }
    }
}

#[test]
fn running_reductions() {
    for op in [ScanOp::Sum, ScanOp::Max, ScanOp::Min, ScanOp::LogSumExp] {
        for dtype in [DType::F32, DType::I64] {
            if op == ScanOp::LogSumExp && dtype == DType::I64 {
                continue;
            }
            for dims in [[3, 40], [3, 5000], [2, 1024], [9000, 66]] {
                let writes: &[&[usize]] = if op.has_positions() { &[&[0, 1], &[0, 1]] } else { &[&[0, 1]] };
                let launch = dense(&dims, &[&[0, 1]], writes);
                check(&Kernel::Scan { op, dtype }, &launch, &[dtype, dtype, DType::I64], &[], 1e-2);
            }
        }
    }
}

#[test]
fn sorts() {
    for dtype in [DType::F32, DType::I64, DType::U8, DType::Bool] {
        for descending in [false, true] {
            for (dims, kept) in [([3, 40], 40), ([3, 256], 5), ([3, 257], 257), ([2, 3000], 10)] {
                let mut launch = dense(&dims, &[&[0, 1]], &[&[0, 1], &[0, 1]]);
                launch.ints = vec![kept];
                launch.writes.iter_mut().for_each(|w| w.strides[0] = kept as isize);
                check(&Kernel::Sort { descending, dtype }, &launch, &[dtype, dtype, DType::I64], &[], 0.0);
            }
        }
    }
}

#[test]
fn attention_and_its_gradients() {
    let (q, k, v, mask, out, log): (&[usize], &[usize], &[usize], &[usize], &[usize], &[usize]) =
        (&[0, 1, 3], &[0, 2, 3], &[0, 2, 4], &[0, 1, 2], &[0, 1, 4], &[0, 1]);
    let f = DType::F32;
    for (mask_dtype, causal) in [(None, true), (Some(DType::Bool), false), (Some(f), false)] {
        for dims in [[2, 70, 90, 24, 40], [1, 64, 64, 64, 64], [1, 65, 66, 72, 130], [2, 1, 77, 16, 15]] {
            let kernel = |backward| Kernel::Attention { backward, dtype: f, mask: mask_dtype, causal };
            let scale = [Scalar::Float(0.2)];
            let mut reads = vec![q, k, v];
            let mut dtypes = vec![f; 3];
            if let Some(dtype) = mask_dtype {
                reads.push(mask);
                dtypes.push(dtype);
            }
            let launch = dense(&dims, &reads, &[out, log]);
            let mut memory: Memory = Vec::new();
            for (i, access) in launch.reads.iter().chain(&launch.writes).enumerate() {
                let far: usize = access.strides.iter().zip(&dims).map(|(s, n)| *s as usize * (n - 1)).sum();
                let dtype = dtypes.get(i).copied().unwrap_or(f);
                memory.push((dtype, elements(dtype, far + 1, i)));
            }
            let made = check_memory(&kernel(false), &launch, memory, &scale, 1e-4);
            // The gradients read what forward made, and the result's gradient.
            let mut reads = reads;
            reads.extend([out, log, out]);
            let launch = dense(&dims, &reads, &[q, k, v]);
            let mut memory = made;
            let sizes = [dims[1] * dims[4], dims[1] * dims[3], dims[2] * dims[3], dims[2] * dims[4]];
            sizes.iter().enumerate().for_each(|(i, n)| memory.push((f, elements(f, dims[0] * n, 20 + i))));
            check_memory(&kernel(true), &launch, memory, &scale, 1e-3);
        }
    }
}
