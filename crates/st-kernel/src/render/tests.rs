//! Every primitive, dtype and kind of kernel is valid WGSL.

use super::{Shader, arranged, shader, wgsl};
use crate::device::{Access, Launch};
use crate::dtype::DType;
use crate::expr::{Inst, Val};
use crate::kernel::{Body, ConvKind, Kernel, ReduceOp, ScanOp, ScatterOp, Store};
use crate::prim::{self, Prim, ResultType};
use naga::valid::{Capabilities, ValidationFlags, Validator};

fn access(buffer: u32, rank: usize) -> Access {
    Access { buffer, offset: 0, strides: vec![1; rank].into(), gather: vec![] }
}

/// A launch of `rank` dimensions over buffers of their own.
fn launch(rank: usize, reads: usize, writes: usize, ints: usize) -> Launch {
    Launch {
        dims: vec![40; rank].into(),
        reads: (0..reads).map(|i| access(i as u32, rank)).collect(),
        writes: (0..writes).map(|i| access((reads + i) as u32, rank)).collect(),
        ints: vec![1; ints],
    }
}

fn written(kernel: &Kernel, launch: &Launch) -> Shader {
    let (launch, class) = arranged(kernel, launch);
    shader(kernel, &class, &launch).expect("there is a kernel")
}

fn check(kernel: &Kernel, launch: &Launch) {
    let text = wgsl::render(&written(kernel, launch)).expect("WGSL has it");
    let module =
        naga::front::wgsl::parse_str(&text).unwrap_or_else(|e| panic!("{}\n{text}", e.emit_to_string(&text)));
    Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .unwrap_or_else(|e| panic!("{}\n{text}", e.emit_to_string(&text)));
}

fn pointwise(body: Body) -> Kernel {
    Kernel::Loop { outer: 2, inner: 0, row_reads: vec![false; body.reads.len()], body }
}

/// A body that loads one element of each dtype, computes `inst` of them, and stores it.
fn body(reads: &[DType], inst: Inst, dtype: DType) -> Body {
    let mut insts: Vec<(Inst, DType)> =
        reads.iter().enumerate().map(|(i, &d)| (Inst::Load(i as u16), d)).collect();
    insts.push((inst, dtype));
    let value = Val(insts.len() as u32 - 1);
    Body { insts, reads: reads.to_vec(), params: vec![], stores: vec![Store { value, per_row: false }] }
}

const DTYPES: [DType; 9] = [
    DType::Bool,
    DType::U8,
    DType::I8,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::F16,
    DType::BF16,
    DType::F32,
];

#[test]
fn every_primitive_is_spelled() {
    for &p in prim::ALL {
        for dtype in [DType::Bool, DType::I8, DType::I32, DType::I64, DType::F32] {
            let def = p.def();
            let defined = if dtype.is_float() { def.float.is_some() } else { def.int.is_some() };
            // Booleans are added up by reductions only, and nobody divides or counts with them.
            let of_truths = matches!(
                p,
                Prim::And
                    | Prim::Or
                    | Prim::Xor
                    | Prim::Not
                    | Prim::Select
                    | Prim::Eq
                    | Prim::Lt
                    | Prim::Le
                    | Prim::Max
                    | Prim::Min
            );
            let random = p == Prim::Random && dtype != DType::I64;
            if !defined || dtype == DType::Bool && !of_truths || random {
                continue;
            }
            let mut reads = vec![dtype; def.arity];
            if p == Prim::Select {
                reads[0] = DType::Bool;
            }
            let mut args = [Val::NONE; 3];
            (0..def.arity).for_each(|i| args[i] = Val(i as u32));
            let result = match def.result {
                ResultType::Same => dtype,
                ResultType::Bool => DType::Bool,
                ResultType::I64 => DType::I64,
            };
            let kernel = pointwise(body(&reads, Inst::Call(p, args), result));
            check(&kernel, &launch(2, reads.len(), 1, 0));
        }
    }
}

#[test]
fn every_dtype_becomes_every_other() {
    for from in DTYPES {
        for to in DTYPES {
            check(&pointwise(body(&[from], Inst::Cast(Val(0)), to)), &launch(2, 1, 1, 0));
        }
    }
}

#[test]
fn constants_and_parameters_are_spelled() {
    use crate::scalar::Scalar::{Float, Int};
    let floats = [0.0, -0.0, 1.5, -1e30, f64::INFINITY, f64::NAN, 1e-42].map(|x| (Float(x), DType::F32));
    let wholes = [i64::MIN, i64::MAX, -1].map(|x| (Int(x), DType::I64));
    for (value, dtype) in floats.into_iter().chain(wholes).chain([(Int(i64::from(i32::MIN)), DType::I32)]) {
        check(&pointwise(body(&[], Inst::Const(value), dtype)), &launch(2, 0, 1, 0));
    }
    for dtype in DTYPES {
        let mut body = body(&[], Inst::Param(0), dtype);
        body.params = vec![dtype];
        check(&pointwise(body), &launch(2, 0, 1, 0));
    }
    check(&pointwise(body(&[], Inst::Coord(1), DType::I64)), &launch(2, 0, 1, 0));
}

#[test]
fn reductions_by_threads_and_by_groups() {
    use ReduceOp::*;
    for op in [Sum, Prod, Max, Min, ArgMax, ArgMin] {
        for dtype in DTYPES {
            if dtype == DType::Bool && matches!(op, Sum | Prod) {
                continue;
            }
            let result = if matches!(op, ArgMax | ArgMin) { DType::I64 } else { dtype };
            let mut body = body(&[dtype], Inst::Reduce(op, Val(0)), result);
            body.stores[0].per_row = true;
            let kernel = Kernel::Loop { outer: 1, inner: 1, row_reads: vec![false], body };
            let mut launch = launch(2, 1, 1, 0);
            for size in [8, 4000] {
                launch.dims[1] = size;
                check(&kernel, &launch);
            }
        }
    }
}

#[test]
fn rows_with_two_reductions_store_at_every_point() {
    // A softmax.
    let call = |p, args: [u32; 2]| Inst::Call(p, [Val(args[0]), Val(args[1]), Val::NONE]);
    let f = DType::F32;
    let body = Body {
        insts: vec![
            (Inst::Load(0), f),
            (Inst::Reduce(ReduceOp::Max, Val(0)), f),
            (call(Prim::Sub, [0, 1]), f),
            (Inst::Call(Prim::Exp, [Val(2), Val::NONE, Val::NONE]), f),
            (Inst::Reduce(ReduceOp::Sum, Val(3)), f),
            (call(Prim::Div, [3, 4]), f),
        ],
        reads: vec![f],
        params: vec![],
        stores: vec![Store { value: Val(5), per_row: false }, Store { value: Val(4), per_row: true }],
    };
    let kernel = Kernel::Loop { outer: 1, inner: 1, row_reads: vec![false], body };
    let mut launch = launch(2, 1, 2, 0);
    for size in [8, 4000] {
        launch.dims[1] = size;
        check(&kernel, &launch);
    }
}

#[test]
fn products_convolutions_lines_and_scatters() {
    let own = |dtype| Body {
        insts: vec![(Inst::Hole(0), dtype)],
        reads: vec![dtype, dtype],
        params: vec![],
        stores: vec![Store { value: Val(0), per_row: false }],
    };
    for dtype in [DType::U8, DType::I64, DType::F32] {
        let product = Kernel::Matmul { batch: 1, dtype, acc: dtype, body: own(dtype) };
        check(&product, &launch(4, 2, 1, 0));
        for kind in [ConvKind::Forward, ConvKind::Input, ConvKind::Weight] {
            let conv = Kernel::Conv { kind, spatial: 2, dtype, acc: dtype, body: own(dtype) };
            check(&conv, &launch(4, 2, 1, 16));
        }
    }
    for dtype in DTYPES {
        for op in [ScanOp::Sum, ScanOp::Prod, ScanOp::Max, ScanOp::Min, ScanOp::LogSumExp] {
            if op == ScanOp::LogSumExp && !dtype.is_float() || dtype == DType::Bool && !op.has_positions() {
                continue;
            }
            let writes = 1 + usize::from(op.has_positions());
            check(&Kernel::Scan { op, dtype }, &launch(2, 1, writes, 0));
        }
        check(&Kernel::Sort { descending: true, dtype }, &launch(2, 1, 2, 1));
        for op in [ScatterOp::Set, ScatterOp::Add, ScatterOp::Prod, ScatterOp::Max, ScatterOp::Min] {
            check(&Kernel::Scatter { op, dtype, indices: 1 }, &launch(2, 2, 1, 2));
        }
    }
}
