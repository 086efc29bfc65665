//! Reductions and row kernels against the naive interpreter.

mod support;

use st_kernel::{Body, DType, Inst, Launch, Prim, ReduceOp, Scalar, Store, Val};
use support::{Case, access, call, check, random, softmax};

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

#[test]
fn bodies_with_many_registers_get_small_blocks() {
    let f = DType::F64;
    const LIVE: u32 = 24;
    for (rows, length) in [(50, 400), (3, 1000), (40, 7)] {
        let mut insts = vec![(Inst::Load(0), f)];
        for k in 0..LIVE {
            insts.push((Inst::Const(Scalar::Int(i64::from(k)).cast(f)), f));
            insts.push((call(Prim::Mul, &[0, 1 + 2 * k]), f));
        }
        // Used in the order of their making, so that all are alive at once.
        let mut sum = 2 * LIVE;
        for k in 0..LIVE - 1 {
            insts.push((call(Prim::Sub, &[sum, 2 + 2 * k]), f));
            sum = insts.len() as u32 - 1;
        }
        insts.push((Inst::Reduce(ReduceOp::Max, Val(sum)), f));
        insts.push((call(Prim::Sub, &[sum, sum + 1]), f));
        let stores = vec![Store { value: Val(sum + 2), per_row: false }];
        let n = rows * length;
        let launch = Launch {
            dims: [rows, length].as_slice().into(),
            reads: vec![access(0, &[length as isize, 1])],
            writes: vec![access(1, &[length as isize, 1])],
            ints: vec![],
        };
        let body = Body { insts, reads: vec![f], params: vec![], stores };
        let memory = vec![(f, random(n, 3)), (f, random(n, 4))];
        check(&Case { outer: 1, row_reads: vec![false], body, launch, memory, params: vec![] }, 0.0, 1e-9);
    }
}
