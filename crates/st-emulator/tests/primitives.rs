//! Every primitive and every cast gives on numbers of every dtype what the CPU backend gives, in every dialect.

mod support;

use st_kernel::prim::{self, ResultType};
use st_kernel::render::c::{CUDA, HIP, METAL};
use st_kernel::{DType, Prim};
use support::all_agree;
use support::programs::write::{Launcher, Writer};
use support::programs::{Fill, Program, program};

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
/// Results of a kernel.
const RESULTS: usize = 8;

/// Whether a primitive has a meaning on a dtype, here and on all GPUs.
fn is_defined(prim: Prim, dtype: DType) -> bool {
    use Prim::*;
    let of_truths = matches!(prim, And | Or | Xor | Not | Select | Eq | Lt | Le | Max | Min);
    match dtype {
        DType::Bool => of_truths,
        d if d.is_float() => prim.def().float.is_some(),
        d => prim.def().int.is_some() && (prim != Random || d == DType::I64),
    }
}

/// Programs of some primitives each, on operands of one dtype.
fn primitives(dtype: DType) -> Vec<Program> {
    let all: Vec<Prim> = prim::ALL.iter().copied().filter(|&p| is_defined(p, dtype)).collect();
    let of = |(i, some): (usize, &[Prim])| {
        let mut w = Writer::new();
        let condition = w.load(DType::Bool);
        let operands = [w.load(dtype), w.load(dtype), w.load(dtype)];
        let mut launcher = Launcher::new(&[300]).read(DType::Bool, &[0]);
        launcher = (0..3).fold(launcher, |l, _| l.read(dtype, &[0]));
        for &prim in some {
            let mut args = operands;
            if prim == Prim::Select {
                args[0] = condition;
            }
            let result = match prim.def().result {
                ResultType::Same => dtype,
                ResultType::Bool => DType::Bool,
                ResultType::I64 => DType::I64,
            };
            let made = w.call(prim, &args[..prim.def().arity], result);
            w.store(made);
            launcher = launcher.write(result, &[0]);
        }
        program(&format!("{dtype:?}_{i}_{:?}", some[0]).to_lowercase(), w.loops(1, 0), [launcher.case()])
    };
    all.chunks(RESULTS).enumerate().map(of).collect()
}

/// Remainders by the smallest numbers.
fn remainders(dtype: DType) -> Program {
    let mut w = Writer::new();
    let operands = [w.load(dtype), w.load(dtype)];
    let mut launcher = Launcher::new(&[300]).read(dtype, &[0]).read_filled(dtype, &[0], Fill::Subnormal);
    for prim in [Prim::Fmod, Prim::Mod] {
        let made = w.call(prim, &operands, dtype);
        w.store(made);
        launcher = launcher.write(dtype, &[0]);
    }
    program(&format!("{dtype:?}_remainders").to_lowercase(), w.loops(1, 0), [launcher.case()])
}

/// One dtype as every other.
fn casts(from: DType, doubles: bool) -> Program {
    let mut w = Writer::new();
    let x = w.load(from);
    let mut launcher = Launcher::new(&[300]).read(from, &[0]);
    for to in DTYPES.into_iter().filter(|&d| doubles || d != DType::F64) {
        let made = w.cast(x, to);
        w.store(made);
        launcher = launcher.write(to, &[0]);
    }
    program(&format!("{from:?}_casts").to_lowercase(), w.loops(1, 0), [launcher.case()])
}

/// All of them. Operators on half precision are computed in single precision, so they are not here.
fn programs(doubles: bool) -> Vec<Program> {
    let known: Vec<DType> = DTYPES.into_iter().filter(|&d| doubles || d != DType::F64).collect();
    let computed = known.iter().filter(|d| !matches!(d, DType::F16 | DType::BF16));
    let casts = known.iter().map(|&d| casts(d, doubles));
    let wide = known.iter().filter(|d| matches!(d, DType::F32 | DType::F64));
    let remainders = wide.map(|&d| remainders(d));
    computed.flat_map(|&d| primitives(d)).chain(casts).chain(remainders).collect()
}

#[test]
fn cuda() {
    all_agree(&CUDA, "primitives", &programs(true));
}

#[test]
fn hip() {
    all_agree(&HIP, "primitives", &programs(true));
}

#[test]
fn metal() {
    all_agree(&METAL, "primitives", &programs(false));
}
