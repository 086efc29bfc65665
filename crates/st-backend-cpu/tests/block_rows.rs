//! Reductions and row kernels against the naive interpreter.

mod support;

use st_kernel::view::contiguous_strides;
use st_kernel::{Access, Body, DType, Inst, Launch, Prim, ReduceOp, Scalar, Store, Val};
use support::{Case, check};

fn call(prim: Prim, args: &[u32]) -> Inst {
    let mut vals = [Val::NONE; 3];
    vals.iter_mut().zip(args).for_each(|(v, &a)| *v = Val(a));
    Inst::Call(prim, vals)
}

fn random(n: usize, seed: u64) -> Vec<Scalar> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..n)
        .map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            Scalar::Float(((state >> 40) as f64 / (1u64 << 24) as f64 - 0.5) * 4.0)
        })
        .collect()
}

fn access(buffer: u32, strides: &[isize]) -> Access {
    Access { buffer, offset: 0, strides: strides.into(), gather: vec![] }
}

/// Softmax over the inner dimensions of a contiguous tensor whose dimensions are permuted by `order`.
fn softmax(dims: &[usize], order: &[usize], outer: usize) -> Case {
    let f = DType::F32;
    let insts = vec![
        (Inst::Load(0), f),
        (Inst::Reduce(ReduceOp::Max, Val(0)), f),
        (call(Prim::Sub, &[0, 1]), f),
        (call(Prim::Exp, &[2]), f),
        (Inst::Reduce(ReduceOp::Sum, Val(3)), f),
        (call(Prim::Div, &[3, 4]), f),
    ];
    let stores = vec![Store { value: Val(5), per_row: false }, Store { value: Val(4), per_row: true }];
    let body = Body { insts, reads: vec![f], params: vec![], stores };
    let contiguous = contiguous_strides(dims);
    let strides: Vec<isize> = order.iter().map(|&d| contiguous[d]).collect();
    let sizes: Vec<usize> = order.iter().map(|&d| dims[d]).collect();
    let rows: usize = sizes[..outer].iter().product();
    let mut row_strides = contiguous_strides(&sizes[..outer]).to_vec();
    row_strides.resize(sizes.len(), 0);
    let n = dims.iter().product();
    let launch = Launch {
        dims: sizes.as_slice().into(),
        reads: vec![access(0, &strides)],
        writes: vec![access(1, &strides), access(2, &row_strides)],
        ints: vec![],
    };
    let memory = vec![(f, random(n, 7)), (f, random(n, 1)), (f, random(rows, 2))];
    Case { outer, row_reads: vec![false], body, launch, memory, params: vec![] }
}

#[test]
fn softmax_in_every_layout() {
    for (dims, order, outer) in [
        (&[5, 7][..], &[0, 1][..], 1),
        (&[3, 2000], &[0, 1], 1),
        (&[300, 10], &[0, 1], 1),
        (&[7, 300], &[1, 0], 1),
        (&[3, 5, 70], &[0, 2, 1], 2),
        (&[3, 5, 7], &[1, 0, 2], 1),
        (&[40, 3, 70], &[1, 0, 2], 1),
        (&[6, 9], &[0, 1], 0),
        (&[4, 0], &[0, 1], 1),
        (&[0, 4], &[0, 1], 1),
        (&[2000], &[0], 0),
        (&[2, 1, 3], &[0, 1, 2], 2),
    ] {
        check(&softmax(dims, order, outer), 8.0, 1e-6);
    }
}

#[test]
fn long_rows_are_cut() {
    check(&softmax(&[2, 140_000], &[0, 1], 1), 32.0, 1e-6);
    check(&softmax(&[5000, 64], &[1, 0], 1), 32.0, 1e-6);
}
