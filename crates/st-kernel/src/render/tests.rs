//! Every primitive, dtype and kind of kernel is valid WGSL.

use super::{Machine, Shader, arranged, shader, wgsl};
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

const MACHINE: Machine = Machine {
    shared_memory: 48 << 10,
    threads: 1024,
    cooperative: true,
    ampere: false,
    hopper: false,
    doubles: true,
};

/// The kernels of a launch, one for each stage.
fn written(kernel: &Kernel, launch: &Launch) -> Vec<Shader> {
    let work = arranged(kernel, launch, &MACHINE).expect("there is a way");
    let write = |step: &super::Step| shader(kernel, &step.class, &work.launch).expect("there is a kernel");
    work.stages.iter().map(write).collect()
}

fn check(kernel: &Kernel, launch: &Launch) {
    for shader in written(kernel, launch) {
        let text = wgsl::render(&shader);
        let module = naga::front::wgsl::parse_str(&text)
            .unwrap_or_else(|e| panic!("{}\n{text}", e.emit_to_string(&text)));
        Validator::new(ValidationFlags::all(), Capabilities::all())
            .validate(&module)
            .unwrap_or_else(|e| panic!("{}\n{text}", e.emit_to_string(&text)));
    }
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

const DTYPES: [DType; 13] = [
    DType::Bool,
    DType::U8,
    DType::U16,
    DType::U32,
    DType::U64,
    DType::I8,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::F16,
    DType::BF16,
    DType::F32,
    DType::F64,
];

#[test]
fn every_primitive_is_spelled() {
    for &p in prim::ALL {
        for dtype in [DType::Bool, DType::I8, DType::I32, DType::I64, DType::F32, DType::F64] {
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
    let doubles = [0.0, -0.0, 1.5, -1e300, f64::INFINITY, f64::NAN, 1e-310].map(|x| (Float(x), DType::F64));
    let wholes = [i64::MIN, i64::MAX, -1].map(|x| (Int(x), DType::I64));
    for (value, dtype) in
        floats.into_iter().chain(doubles).chain(wholes).chain([(Int(i64::from(i32::MIN)), DType::I32)])
    {
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
            let mut launch = launch(2, 1, writes, 0);
            for size in [8, 300] {
                launch.dims[1] = size;
                check(&Kernel::Scan { op, dtype }, &launch);
            }
        }
        let mut sorted = launch(2, 1, 2, 1);
        for size in [8, 300, 5000] {
            sorted.dims[1] = size;
            check(&Kernel::Sort { descending: true, dtype }, &sorted);
        }
        for op in [ScatterOp::Set, ScatterOp::Add, ScatterOp::Prod, ScatterOp::Max, ScatterOp::Min] {
            check(&Kernel::Scatter { op, dtype, indices: 1 }, &launch(2, 2, 1, 2));
        }
    }
}

/// A launch over dense buffers: each access follows these of the dimensions, the last of them fastest.
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

fn text(shader: &Shader) -> String {
    wgsl::render(shader)
}

#[test]
fn light_work_on_many_points_is_read_and_written_by_fours() {
    for dtype in DTYPES {
        let kernel = pointwise(body(&[dtype, dtype], Inst::Cast(Val(0)), dtype));
        let contiguous = dense(&[300, 64], &[&[0, 1], &[1]], &[&[0, 1]]);
        check(&kernel, &contiguous);
        // Narrow elements need no atomic operations then.
        assert!(!text(&written(&kernel, &contiguous)[0]).contains("atomic<u32>"), "{dtype}");
        let mut shifted = contiguous.clone();
        shifted.reads[0].offset = 1;
        check(&kernel, &shifted);
    }
}

#[test]
fn few_rows_are_reduced_in_parts() {
    use ReduceOp::*;
    for op in [Sum, Max, ArgMin] {
        for dtype in DTYPES {
            if dtype == DType::Bool && op == Sum {
                continue;
            }
            let result = if op == ArgMin { DType::I64 } else { dtype };
            let mut body = body(&[dtype], Inst::Reduce(op, Val(0)), result);
            body.stores[0].per_row = true;
            let kernel = Kernel::Loop { outer: 1, inner: 1, row_reads: vec![false], body };
            // Along the rows, down the columns, and neither by fours.
            let along = dense(&[4, 40_000], &[&[0, 1]], &[&[0]]);
            let down = dense(&[40, 4000], &[&[1, 0]], &[&[0]]);
            let odd = dense(&[3, 40_001], &[&[0, 1]], &[&[0]]);
            for launch in [along, down, odd] {
                assert_eq!(written(&kernel, &launch).len(), 2);
                check(&kernel, &launch);
            }
        }
    }
}

#[test]
fn what_is_read_across_is_turned_in_squares() {
    for dtype in DTYPES {
        let kernel = pointwise(body(&[dtype, dtype], Inst::Cast(Val(1)), dtype));
        let launch = dense(&[300, 70], &[&[0, 1], &[1, 0]], &[&[0, 1]]);
        assert!(text(&written(&kernel, &launch)[0]).contains("workgroupBarrier"), "{dtype}");
        check(&kernel, &launch);
    }
}

#[test]
fn products_are_cut_by_their_sizes() {
    let f = DType::F32;
    let body = Body {
        insts: vec![(Inst::Hole(0), f)],
        reads: vec![f, f],
        params: vec![],
        stores: vec![Store { value: Val(0), per_row: false }],
    };
    // Long sums of few tiles are split, and short ones if even small tiles are few.
    for (dims, stages) in [
        ([1, 40, 40, 2000], 2),
        ([1, 760, 760, 512], 2),
        ([1, 760, 760, 256], 1),
        ([1, 256, 256, 256], 2),
        ([40, 256, 256, 32], 1),
        ([40, 250, 251, 33], 1),
    ] {
        let kernel = Kernel::Matmul { batch: 1, dtype: f, acc: f, body: body.clone() };
        for reads in [[&[0, 1, 3][..], &[0, 3, 2][..]], [&[0, 3, 1], &[0, 2, 3]]] {
            let launch = dense(&dims, &reads, &[&[0, 1, 2]]);
            assert_eq!(written(&kernel, &launch).len(), stages);
            check(&kernel, &launch);
        }
    }
}

#[test]
fn attention_and_its_gradients() {
    let [q, k, v, mask, out, log]: [&[usize]; 6] =
        [&[0, 1, 3], &[0, 2, 3], &[0, 2, 4], &[0, 1, 2], &[0, 1, 4], &[0, 1]];
    for dtype in [DType::F16, DType::BF16, DType::F32] {
        for (mask_dtype, causal) in [(None, true), (Some(DType::Bool), false), (Some(dtype), false)] {
            let kernel = |backward| Kernel::Attention { backward, dtype, mask: mask_dtype, causal };
            for dims in [[2, 70, 90, 24, 40], [2, 70, 90, 129, 130]] {
                let mut reads = vec![q, k, v];
                reads.extend(mask_dtype.map(|_| mask));
                check(&kernel(false), &dense(&dims, &reads, &[out, log]));
                reads.extend([out, log, out]);
                let launch = dense(&dims, &reads, &[q, k, v]);
                assert_eq!(written(&kernel(true), &launch).len(), 3);
                check(&kernel(true), &launch);
            }
        }
    }
}

/// Matrices begin at multiples of 16 bytes, and so does whatever memory comes after another; all of it is no more than there is.
fn check_places_of_matrices(text: &str) {
    assert!(text.contains("coopMultiplyAdd"));
    let mut all = 0;
    for memory in text.lines().filter(|line| line.starts_with("var<workgroup>")) {
        let (kind, count) = memory.rsplit_once(", ").expect("it is an array");
        let count: usize = count.trim_end_matches(">;").parse().expect("so many");
        let kinds = [("vec4<f16>", 8), ("vec4<f32>", 16), ("i32", 4), ("f32", 4)];
        let (_, size) = kinds.iter().find(|(name, _)| kind.contains(name)).expect("it is known");
        assert_eq!(size * count % 16, 0, "{memory}");
        all += size * count;
    }
    assert!(all <= MACHINE.shared_memory, "{all}");
}

#[test]
fn attention_in_half_precision_by_matrix_units() {
    let [q, k, v, mask, out, log]: [&[usize]; 6] =
        [&[0, 1, 3], &[0, 2, 3], &[0, 2, 4], &[0, 1, 2], &[0, 1, 4], &[0, 1]];
    for mask_dtype in [None, Some(DType::Bool), Some(DType::F16), Some(DType::BF16), Some(DType::F32)] {
        // Rows that fill their places in shared memory, and rows that do not.
        for dims in [[2, 70, 90, 128, 128], [2, 64, 64, 60, 20]] {
            let reads: Vec<_> = [q, k, v].into_iter().chain(mask_dtype.map(|_| mask)).collect();
            let forward = dense(&dims, &reads, &[out, log]);
            let backward = dense(&dims, &[&reads[..], &[out, log, out]].concat(), &[q, k, v]);
            for (causal, launch, is_backward) in [false, true]
                .into_iter()
                .flat_map(|causal| [(causal, &forward, false), (causal, &backward, true)])
            {
                let kernel =
                    Kernel::Attention { backward: is_backward, dtype: DType::F16, mask: mask_dtype, causal };
                // Before the gradients comes a pass without.
                let shaders = written(&kernel, launch);
                let shaders = &shaders[usize::from(is_backward)..];
                assert_eq!(shaders.len(), if is_backward { 2 } else { 1 });
                shaders.iter().for_each(|shader| check_places_of_matrices(&text(shader)));
                check(&kernel, launch);
            }
        }
    }
    // Rows that are too wide, or no multiples of four, are for the kernel without.
    for dims in [[2, 70, 90, 132, 128], [2, 64, 64, 62, 20]] {
        let kernel = Kernel::Attention { backward: false, dtype: DType::F16, mask: None, causal: true };
        assert!(
            !text(&written(&kernel, &dense(&dims, &[q, k, v], &[out, log]))[0]).contains("coopMultiplyAdd")
        );
    }
}

#[test]
fn products_in_half_precision_by_matrix_units() {
    let h = DType::F16;
    let body = Body {
        insts: vec![(Inst::Hole(0), DType::F32), (Inst::Cast(Val(0)), h)],
        reads: vec![h, h],
        params: vec![],
        stores: vec![Store { value: Val(1), per_row: false }],
    };
    let kernel = Kernel::Matmul { batch: 1, dtype: h, acc: DType::F32, body };
    // Small tiles and wide ones, long slices and short ones: the elements of a slice of the right operand tell.
    let cases = [
        ([3, 256, 256, 512], [32 * 136, 128 * 40]),
        ([3, 4096, 2048, 96], [32 * 264, 256 * 40]),
        ([9, 1024, 1024, 48], [16 * 264, 256 * 24]),
    ];
    for (sizes, elements) in cases {
        let layouts = [[&[0, 1, 3][..], &[0, 3, 2][..]], [&[0, 3, 1], &[0, 2, 3]]];
        for (reads, elements) in layouts.iter().zip(elements) {
            let launch = dense(&sizes, reads, &[&[0, 1, 2]]);
            let text = text(&written(&kernel, &launch)[0]);
            assert!(text.contains("coopMultiplyAdd"));
            assert!(text.contains(&format!("s1: array<vec4<f16>, {}>", elements / 4)), "{text}");
            check(&kernel, &launch);
        }
    }
}
