//! The fixed list of programs whose rendered kernels stand in `snapshots`, and launches of them at edge sizes.
//!
//! The tests of this crate compare their texts; those of `st-emulator` run them.
#![allow(dead_code, unreachable_pub)] // Each test uses its own part.

pub mod write;

use st_kernel::render::Machine;
use st_kernel::{ConvKind, DType, Kernel, Launch, Prim, ReduceOp, Scalar, ScanOp, ScatterOp};
use write::{Launcher, Writer};

use DType::{BF16, F16, F32, F64, I8, I32, I64, U8};

/// A kernel and how it is launched; the first launch decides how it is written.
pub struct Program {
    pub name: String,
    pub kernel: Kernel,
    pub cases: Vec<Case>,
}

/// A launch, its memory and its parameters.
pub struct Case {
    pub launch: Launch,
    pub memory: Vec<Memory>,
    pub params: Vec<Scalar>,
}

/// What kernels are written for.
pub const MACHINE: Machine = Machine {
    shared_memory: 32 << 10,
    threads: 256,
    cooperative: false,
    ampere: false,
    hopper: false,
    doubles: true,
};

/// GPUs of NVIDIA with matrix units that CUDA C speaks to.
pub const AMPERE: Machine = Machine { ampere: true, ..MACHINE };
pub const HOPPER: Machine = Machine { hopper: true, ..AMPERE };

/// What is in a buffer before the launch.
#[derive(Clone, Copy)]
pub struct Memory {
    pub dtype: DType,
    pub len: usize,
    pub fill: Fill,
}

/// Which numbers a buffer starts with.
#[derive(Clone, Copy, PartialEq)]
pub enum Fill {
    /// Small numbers of either sign.
    Random,
    /// Positions in a dimension of this size, negative ones among them.
    Below(usize),
    /// Positions in a dimension of this size.
    Until(usize),
    /// Zeros of both signs, infinities, NaN and a few others.
    Extremes,
    /// The smallest numbers that there are.
    Subnormal,
    /// Nothing that may be read.
    Nothing,
}

/// Every program.
pub fn all() -> Vec<Program> {
    [pointwise(), rows(), blocks(), reductions(), lines(), indices(), products(), attention()]
        .into_iter()
        .flatten()
        .collect()
}

const PLANES: [[usize; 2]; 3] = [[33, 257], [1, 1], [3, 5]];

pub fn program(name: &str, kernel: Kernel, cases: impl IntoIterator<Item = Case>) -> Program {
    Program { name: name.to_owned(), kernel, cases: cases.into_iter().collect() }
}

fn pointwise() -> Vec<Program> {
    let mut all = Vec::new();

    // A row is added to all rows of a matrix.
    let mut w = Writer::new();
    let (a, b) = (w.load(F32), w.load(F32));
    let sum = w.call(Prim::Add, &[a, b], F32);
    w.store(sum);
    let case =
        |d: [usize; 2]| Launcher::new(&d).read(F32, &[0, 1]).read(F32, &[1]).write(F32, &[0, 1]).case();
    // Rows of the last one begin anywhere, and are walked by groups.
    let planes = PLANES.into_iter().chain([[520, 1027]]);
    all.push(program("add_f32", w.loops(2, 0), planes.map(case)));

    // A matrix is added to a transposed one.
    let mut w = Writer::new();
    let (a, b) = (w.load(F32), w.load(F32));
    let sum = w.call(Prim::Add, &[a, b], F32);
    w.store(sum);
    let case =
        |d: [usize; 2]| Launcher::new(&d).read(F32, &[1, 0]).read(F32, &[0, 1]).write(F32, &[0, 1]).case();
    let sizes = [[130, 300], [97, 1030], [3, 5]];
    all.push(program("add_transposed_f32", w.loops(2, 0), sizes.map(case)));

    // x / 2 (1 + erf(x / sqrt 2)), computed in single precision.
    let mut w = Writer::new();
    let x = w.load(F16);
    let x = w.cast(x, F32);
    let (half, one, root) = (w.float(0.5), w.float(1.0), w.float(std::f64::consts::FRAC_1_SQRT_2));
    let scaled = w.call(Prim::Mul, &[x, root], F32);
    let erf = w.call(Prim::Erf, &[scaled], F32);
    let share = w.call(Prim::Add, &[erf, one], F32);
    let y = w.call(Prim::Mul, &[x, half], F32);
    let y = w.call(Prim::Mul, &[y, share], F32);
    let y = w.cast(y, F16);
    w.store(y);
    let case = |d: [usize; 2]| Launcher::new(&d).read(F16, &[0, 1]).write(F16, &[1, 0]).case();
    all.push(program("gelu_f16", w.loops(2, 0), PLANES.map(case)));

    // Much work at a single point: each result is another group's.
    let mut w = Writer::new();
    let mut few = Launcher::new(&[]);
    for _ in 0..12 {
        let x = w.load(F32);
        let power = w.call(Prim::Exp2, &[x], F32);
        let one = w.float(1.0);
        let rest = w.call(Prim::Add, &[one, power], F32);
        let root = w.call(Prim::Sqrt, &[rest], F32);
        w.store(root);
        few = few.read(F32, &[]).write(F32, &[]);
    }
    all.push(program("roots_f32", w.loops(0, 0), [few.case()]));

    // a x + y with a number of the launch.
    let mut w = Writer::new();
    let (x, y) = (w.load(BF16), w.load(BF16));
    let a = w.param(F32);
    let (x, y) = (w.cast(x, F32), w.cast(y, F32));
    let product = w.call(Prim::Mul, &[a, x], F32);
    let sum = w.call(Prim::Add, &[product, y], F32);
    let sum = w.cast(sum, BF16);
    w.store(sum);
    let case = |d: [usize; 2]| {
        let plane = Launcher::new(&d).read(BF16, &[0, 1]).read(BF16, &[0, 1]).write(BF16, &[0, 1]);
        plane.param(Scalar::Float(-1.75)).case()
    };
    all.push(program("axpy_bf16", w.loops(2, 0), PLANES.map(case)));

    // Whole numbers of 64 bits: ((x * large + column) rounded down by 7), by a wrapping product.
    let mut w = Writer::new();
    let x = w.load(I64);
    let large = w.param(I64);
    let (column, seven) = (w.coordinate(1), w.constant(Scalar::Int(-7), I64));
    let y = w.call(Prim::Mul, &[x, large], I64);
    let y = w.call(Prim::Add, &[y, column], I64);
    let y = w.call(Prim::FloorDiv, &[y, seven], I64);
    w.store(y);
    let case = |d: [usize; 2]| {
        let plane = Launcher::new(&d).read(I64, &[0, 1]).write(I64, &[0, 1]);
        plane.param(Scalar::Int(0x1234_5678_9abc_def1)).case()
    };
    all.push(program("hash_i64", w.loops(2, 0), PLANES.map(case)));

    // Bytes wrap.
    let mut w = Writer::new();
    let (a, b) = (w.load(U8), w.load(I8));
    let a = w.cast(a, I8);
    let sum = w.call(Prim::Mul, &[a, b], I8);
    let less = w.call(Prim::Lt, &[sum, b], DType::Bool);
    w.store(sum);
    w.store(less);
    let case = |d: [usize; 2]| {
        let plane = Launcher::new(&d).read(U8, &[0, 1]).read(I8, &[1, 0]);
        plane.write(I8, &[0, 1]).write(DType::Bool, &[0, 1]).case()
    };
    all.push(program("bytes", w.loops(2, 0), PLANES.map(case)));

    // Doubles, on devices that have them.
    let mut w = Writer::new();
    let (x, y) = (w.load(F64), w.load(F64));
    let zero = w.constant(Scalar::Float(0.0), F64);
    let positive = w.call(Prim::Lt, &[zero, x], DType::Bool);
    let (rest, e) = (w.call(Prim::Mod, &[x, y], F64), w.call(Prim::Exp, &[y], F64));
    let z = w.call(Prim::Select, &[positive, rest, e], F64);
    w.store(z);
    let case =
        |d: [usize; 2]| Launcher::new(&d).read(F64, &[0, 1]).read(F64, &[0, 1]).write(F64, &[0, 1]).case();
    all.push(program("select_f64", w.loops(2, 0), PLANES.map(case)));

    // A number and itself, which compilers may take for equal.
    for (name, dtype) in [("itself_f32", F32), ("itself_f64", F64)] {
        let mut w = Writer::new();
        let x = w.load(dtype);
        let (one, zero) = (w.call(Prim::Div, &[x, x], dtype), w.call(Prim::Sub, &[x, x], dtype));
        let is_number = w.call(Prim::Eq, &[x, x], DType::Bool);
        let y = w.call(Prim::Select, &[is_number, one, zero], dtype);
        w.store(y);
        let case = |d: [usize; 2]| Launcher::new(&d).read(dtype, &[0, 1]).write(dtype, &[0, 1]).case();
        all.push(program(name, w.loops(2, 0), PLANES.map(case)));
    }

    // Functions that some dialects have, and some that none has.
    let mut w = Writer::new();
    let (x, y) = (w.load(F32), w.load(F32));
    let size = w.call(Prim::Abs, &[x], F32);
    let sine = w.call(Prim::Sin, &[x], F32);
    let power = w.call(Prim::Pow, &[size, y], F32);
    let one = w.float(1.0);
    let above = w.call(Prim::Add, &[size, one], F32);
    let gamma = w.call(Prim::Digamma, &[above], F32);
    let z = w.call(Prim::Mul, &[sine, power], F32);
    let z = w.call(Prim::Add, &[z, gamma], F32);
    w.store(z);
    let case =
        |d: [usize; 2]| Launcher::new(&d).read(F32, &[0, 1]).read(F32, &[0, 1]).write(F32, &[0, 1]).case();
    all.push(program("functions_f32", w.loops(2, 0), PLANES.map(case)));

    // Numbers from 0 to 1 from a key and a position.
    let mut w = Writer::new();
    let key = w.param(I64);
    let (row, column, width) = (w.coordinate(0), w.coordinate(1), w.constant(Scalar::Int(1000), I64));
    let at = w.call(Prim::Mul, &[row, width], I64);
    let at = w.call(Prim::Add, &[at, column], I64);
    let bits = w.call(Prim::Random, &[key, at], I64);
    let eight = w.constant(Scalar::Int(8), I64);
    let bits = w.call(Prim::Shr, &[bits, eight], I64);
    let number = w.cast(bits, F32);
    let step = w.float(f64::from(2f32.powi(-24)));
    let number = w.call(Prim::Mul, &[number, step], F32);
    w.store(number);
    let case = |d: [usize; 2]| {
        Launcher::new(&d).write(F32, &[0, 1]).param(Scalar::Int(0x0123_4567_89ab_cdef)).case()
    };
    all.push(program("random_f32", w.loops(2, 0), PLANES.map(case)));
    all
}

/// Work on rows: long ones have a group of threads, short ones a thread.
fn rows() -> Vec<Program> {
    let softmax = || {
        let mut w = Writer::new();
        let x = w.load(F32);
        let high = w.reduce(ReduceOp::Max, x, F32);
        let below = w.call(Prim::Sub, &[x, high], F32);
        let e = w.call(Prim::Exp, &[below], F32);
        let sum = w.reduce(ReduceOp::Sum, e, F32);
        let y = w.call(Prim::Div, &[e, sum], F32);
        w.store(y);
        w.loops(1, 1)
    };
    let case = |d: [usize; 2]| Launcher::new(&d).read(F32, &[0, 1]).write(F32, &[0, 1]).case();
    let long = program("softmax_f32", softmax(), [[3, 300], [2, 33], [1, 1025]].map(case));
    let short = program("softmax_short_f32", softmax(), [[300, 7], [1, 1], [257, 32]].map(case));

    // The share of each element in its row's sum.
    let mut w = Writer::new();
    let x = w.load(F32);
    let sum = w.reduce(ReduceOp::Sum, x, F32);
    let share = w.call(Prim::Div, &[x, sum], F32);
    w.store(share);
    let shares = program("shares_f32", w.loops(1, 1), [[3, 300], [2, 33], [1, 1025]].map(case));

    let mut w = Writer::new();
    let (x, gain, bias) = (w.load(F32), w.load(F32), w.load(F32));
    let (share, epsilon) = (w.param(F32), w.param(F32));
    let sum = w.reduce(ReduceOp::Sum, x, F32);
    let mean = w.call(Prim::Mul, &[sum, share], F32);
    let apart = w.call(Prim::Sub, &[x, mean], F32);
    let square = w.call(Prim::Mul, &[apart, apart], F32);
    let sum = w.reduce(ReduceOp::Sum, square, F32);
    let variance = w.call(Prim::Mul, &[sum, share], F32);
    let variance = w.call(Prim::Add, &[variance, epsilon], F32);
    let scale = w.call(Prim::Rsqrt, &[variance], F32);
    let y = w.call(Prim::Mul, &[apart, scale], F32);
    let y = w.call(Prim::Mul, &[y, gain], F32);
    let y = w.call(Prim::Add, &[y, bias], F32);
    w.store(y);
    w.row_store(scale);
    let case = |d: [usize; 2]| {
        let rows = Launcher::new(&d).read(F32, &[0, 1]).read(F32, &[1]).read(F32, &[1]);
        let rows = rows.write(F32, &[0, 1]).write(F32, &[0]);
        rows.param(Scalar::Float(1.0 / d[1] as f64)).param(Scalar::Float(1e-5)).case()
    };
    // Many rows have smaller groups.
    let sizes = [[3, 300], [2, 33], [1, 1025], [4100, 260]];
    let norm = program("layer_norm_f32", w.loops(1, 1), sizes.map(case));
    [long, short, shares, norm].into_iter().chain(losses()).collect()
}

/// Rows in blocks whose columns are summed on the way: a norm's gradient, and those of its weight and bias.
fn blocks() -> Vec<Program> {
    let mut w = Writer::new();
    let (x, gradient) = (w.load(F32), w.load(BF16));
    let (gradient, share) = (w.cast(gradient, F32), w.param(F32));
    let product = w.call(Prim::Mul, &[gradient, x], F32);
    let sum = w.reduce(ReduceOp::Sum, product, F32);
    let mean = w.call(Prim::Mul, &[sum, share], F32);
    let part = w.call(Prim::Mul, &[x, mean], F32);
    let y = w.call(Prim::Sub, &[gradient, part], F32);
    let half = w.cast(y, BF16);
    w.store(half);
    w.row_store(mean);
    w.store_down(product, F32);
    w.store_down(gradient, F32);
    let rounded = w.cast(half, F32);
    w.store_down(rounded, F32);
    let case = |d: [usize; 3]| {
        let rows = Launcher::new(&d).read(F32, &[0, 1, 2]).read(BF16, &[0, 1, 2]);
        let rows = rows.write(BF16, &[0, 1, 2]).write(F32, &[0, 1]);
        let rows = rows.write(F32, &[0, 2]).write(F32, &[0, 2]).write(F32, &[0, 2]);
        rows.param(Scalar::Float(1.0 / d[2] as f64)).case()
    };
    let sizes = [[3, 5, 300], [2, 1, 768], [1, 4, 1029], [5, 8, 66], [2, 3, 2052]];
    vec![program("norm_gradient_sums", w.loops(2, 1), sizes.map(case))]
}

/// The cross-entropy of long rows that begin anywhere, and its gradient.
fn losses() -> Vec<Program> {
    const SIZES: [[usize; 2]; 4] = [[5, 8195], [5, 8193], [3, 8198], [2, 40]];
    // Where the class is the target's, and the target.
    let hot = |w: &mut Writer| {
        let target = w.load(I64);
        let class = w.coordinate(1);
        (w.call(Prim::Eq, &[class, target], DType::Bool), target)
    };
    let mut w = Writer::new();
    let x = w.load(BF16);
    let x = w.cast(x, F32);
    let ((hot_here, target), zero) = (hot(&mut w), w.param(F32));
    let weight = w.gather(F32, target);
    let high = w.reduce(ReduceOp::Max, x, F32);
    let below = w.call(Prim::Sub, &[x, high], F32);
    let e = w.call(Prim::Exp, &[below], F32);
    let sum = w.reduce(ReduceOp::Sum, e, F32);
    let log = w.call(Prim::Log, &[sum], F32);
    let y = w.call(Prim::Sub, &[below, log], F32);
    let y = w.call(Prim::Mul, &[y, weight], F32);
    let y = w.call(Prim::Select, &[hot_here, y, zero], F32);
    let loss = w.reduce(ReduceOp::Sum, y, F32);
    w.row_store(loss);
    w.row_store(log);
    let case = |d: [usize; 2]| {
        let rows = Launcher::new(&d).read(BF16, &[0, 1]).read_filled(I64, &[0], Fill::Until(d[1]));
        rows.choose(F32, d[1]).write(F32, &[0]).write(F32, &[0]).param(Scalar::Float(0.0)).case()
    };
    let kernel = |w: Writer, row_reads: &[bool]| match w.loops(1, 1) {
        Kernel::Loop { outer, inner, body, .. } => {
            Kernel::Loop { outer, inner, row_reads: row_reads.into(), body }
        }
        other => other,
    };
    let forward = program("cross_entropy_bf16", kernel(w, &[false, true, false]), SIZES.map(case));

    let mut w = Writer::new();
    let x = w.load(BF16);
    let x = w.cast(x, F32);
    let (hot_here, zero, step, log) = (hot(&mut w).0, w.param(F32), w.param(F32), w.load(F32));
    let one = w.call(Prim::Select, &[hot_here, step, zero], F32);
    let sum = w.reduce(ReduceOp::Sum, one, F32);
    let below = w.call(Prim::Sub, &[x, log], F32);
    let e = w.call(Prim::Exp, &[below], F32);
    let e = w.call(Prim::Mul, &[e, sum], F32);
    let y = w.call(Prim::Sub, &[one, e], F32);
    let y = w.cast(y, BF16);
    w.store(y);
    let case = |d: [usize; 2]| {
        let rows = Launcher::new(&d).read(BF16, &[0, 1]).read_filled(I64, &[0], Fill::Until(d[1]));
        let rows = rows.read(F32, &[0]).write(BF16, &[0, 1]);
        rows.param(Scalar::Float(0.0)).param(Scalar::Float(0.5)).case()
    };
    let kernel = kernel(w, &[false, true, true]);
    vec![forward, program("cross_entropy_backward_bf16", kernel, SIZES.map(case))]
}

fn reductions() -> Vec<Program> {
    let along_rows = |name, op, dtype: DType, result: DType| {
        let mut w = Writer::new();
        let x = w.load(dtype);
        let y = w.reduce(op, x, result);
        w.row_store(y);
        let case = move |d: [usize; 2]| Launcher::new(&d).read(dtype, &[0, 1]).write(result, &[0]).case();
        program(name, w.loops(1, 1), [[3, 300], [1, 33], [2, 1024]].map(case))
    };
    // Columns are read with their neighbours.
    let mut w = Writer::new();
    let x = w.load(F32);
    let y = w.reduce(ReduceOp::Sum, x, F32);
    w.row_store(y);
    let case = |d: [usize; 2]| Launcher::new(&d).read(F32, &[1, 0]).write(F32, &[0]).case();
    // Parts are joined by groups of eight rows, which are as large as there are parts.
    let sizes = [[44, 9000], [5000, 40], [4097, 33], [36, 1003], [40, 1003], [1028, 800], [1032, 801]];
    let columns = program("sum_columns_f32", w.loops(1, 1), sizes.map(case));
    // Parts leave places, too.
    let mut w = Writer::new();
    let x = w.load(BF16);
    let y = w.reduce(ReduceOp::ArgMax, x, I64);
    w.row_store(y);
    let case = |d: [usize; 2]| Launcher::new(&d).read(BF16, &[1, 0]).write(I64, &[0]).case();
    let places = program("argmax_columns_bf16", w.loops(1, 1), [[36, 1003], [5000, 40], [5, 7]].map(case));
    // What is summed is stored on the way.
    let mut w = Writer::new();
    let x = w.load(F32);
    let square = w.call(Prim::Mul, &[x, x], F32);
    w.store(square);
    let y = w.reduce(ReduceOp::Sum, square, F32);
    w.row_store(y);
    let case =
        |d: [usize; 2]| Launcher::new(&d).read(F32, &[1, 0]).write(F32, &[1, 0]).write(F32, &[0]).case();
    let sizes = [[5000, 40], [4097, 33], [36, 1003], [48, 700], [44, 3000]];
    let stored = program("sum_stored_columns_f32", w.loops(1, 1), sizes.map(case));
    // In parts, too, and where something was found.
    let ragged = |name, op, result: DType| {
        let mut w = Writer::new();
        let x = w.load(F32);
        let y = w.reduce(op, x, result);
        w.row_store(y);
        let case = move |d: [usize; 2]| Launcher::new(&d).read(F32, &[0, 1]).write(result, &[0]).case();
        program(name, w.loops(1, 1), [[17, 1025], [3, 40_001], [2, 6]].map(case))
    };
    vec![
        ragged("sum_ragged_f32", ReduceOp::Sum, F32),
        ragged("argmin_ragged_f32", ReduceOp::ArgMin, I64),
        along_rows("sum_i64", ReduceOp::Sum, I64, I64),
        along_rows("any_bool", ReduceOp::Max, DType::Bool, DType::Bool),
        along_rows("argmax_f16", ReduceOp::ArgMax, F16, I64),
        along_rows("prod_f64", ReduceOp::Prod, F64, F64),
        columns,
        places,
        stored,
    ]
}

/// Scans and sorts.
fn lines() -> Vec<Program> {
    let scan = |name, op: ScanOp, dtype| {
        let case = move |d: [usize; 2]| {
            let lines = Launcher::new(&d).read(dtype, &[0, 1]).write(dtype, &[0, 1]);
            if op.has_positions() { lines.write(I64, &[0, 1]).case() } else { lines.case() }
        };
        program(name, Kernel::Scan { op, dtype }, [[300, 5], [1, 1], [3, 70]].map(case))
    };
    let sort = |name, descending, dtype| {
        let case = move |[lines, size, kept]: [usize; 3]| {
            let sorted = Launcher::new(&[lines, size]).read(dtype, &[0, 1]);
            sorted.write_some(dtype, kept).write_some(I64, kept).int(kept).case()
        };
        let sizes = [[7, 50, 50], [1, 1, 1], [3, 33, 5]];
        program(name, Kernel::Sort { descending, dtype }, sizes.map(case))
    };
    // Lines that are neighbours in memory, in parts.
    let columns = |name, op: ScanOp, dtype| {
        let case = move |d: [usize; 2]| {
            let lines = Launcher::new(&d).read(dtype, &[1, 0]).write(dtype, &[1, 0]);
            if op.has_positions() { lines.write(I64, &[1, 0]).case() } else { lines.case() }
        };
        program(name, Kernel::Scan { op, dtype }, [[40, 300], [33, 129], [32, 1025]].map(case))
    };
    // Few long lines: a group for each, and sorts by bits, of one tile and of several.
    let case = |d: [usize; 2]| Launcher::new(&d).read(F32, &[0, 1]).write(F32, &[0, 1]).case();
    let kernel = Kernel::Scan { op: ScanOp::Sum, dtype: F32 };
    let long_scan = program("cumsum_long_f32", kernel, [[2, 400], [1, 257]].map(case));
    let long_sort = |name, descending, dtype, sizes: [[usize; 3]; 3]| {
        let case = move |[lines, size, kept]: [usize; 3]| {
            let fill = if dtype == F32 { Fill::Random } else { Fill::Extremes };
            let sorted = Launcher::new(&[lines, size]).read_filled(dtype, &[1, 0], fill);
            sorted.write_some(dtype, kept).write_some(I64, kept).int(kept).case()
        };
        program(name, Kernel::Sort { descending, dtype }, sizes.map(case))
    };
    let (of_one_tile, of_many) =
        ([[2, 300, 300], [1, 257, 5], [1, 2048, 2047]], [[2, 2049, 2049], [1, 4500, 77], [1, 68000, 9]]);
    vec![
        long_scan,
        long_sort("sort_long_bf16", true, BF16, of_one_tile),
        long_sort("sort_long_i64", false, I64, of_one_tile),
        long_sort("sort_tiles_f32", false, F32, of_many),
        long_sort("sort_tiles_f64", true, F64, of_many),
        long_sort("sort_tiles_i8", true, I8, of_many),
        columns("cumsum_columns_f32", ScanOp::Sum, F32),
        columns("cummax_columns_f16", ScanOp::Max, F16),
        scan("cumsum_f32", ScanOp::Sum, F32),
        scan("cummax_f16", ScanOp::Max, F16),
        sort("sort_f32", false, F32),
        sort("sort_descending_i64", true, I64),
    ]
}

/// Reads and writes at indices.
fn indices() -> Vec<Program> {
    let mut w = Writer::new();
    let index = w.load(I64);
    let element = w.gather(F32, index);
    w.store(element);
    let case = |[rows, width, places]: [usize; 3]| {
        let points = Launcher::new(&[rows, width]).read_filled(I64, &[0], Fill::Below(places));
        points.gather(F32, places, 1).write(F32, &[0, 1]).case()
    };
    let gather = program("gather_f32", w.loops(2, 0), [[33, 20, 7], [1, 1, 1], [9, 257, 3]].map(case));

    let of_sizes = |name, op, dtype, sizes: [[usize; 3]; 3]| {
        let case = move |[rows, width, places]: [usize; 3]| {
            let points = Launcher::new(&[rows, width]).read(dtype, &[0, 1]);
            points.read_filled(I64, &[0], Fill::Below(places)).scatter(dtype, places, 1).case()
        };
        program(name, Kernel::Scatter { op, dtype, indices: 1 }, sizes.map(case))
    };
    let scatter = |name, op, dtype| of_sizes(name, op, dtype, [[33, 20, 7], [1, 1, 1], [9, 257, 3]]);
    let long = |name, op, dtype| of_sizes(name, op, dtype, [[70, 20, 7], [64, 1, 1], [130, 65, 200]]);
    vec![
        gather,
        scatter("scatter_add_f32", ScatterOp::Add, F32),
        scatter("scatter_set_u8", ScatterOp::Set, U8),
        long("scatter_add_long_f32", ScatterOp::Add, F32),
        long("scatter_add_long_bf16", ScatterOp::Add, BF16),
        long("scatter_set_long_u8", ScatterOp::Set, U8),
    ]
}

fn products() -> Vec<Program> {
    let matmul = |name, dtype: DType| {
        let acc = if dtype == F16 { F32 } else { dtype };
        let mut w = Writer::new();
        w.operands(dtype);
        let mut y = w.hole(acc);
        if acc != dtype {
            // The bias of a column, and nothing below zero.
            let bias = w.load(dtype);
            let bias = w.cast(bias, acc);
            let (sum, zero) = (w.call(Prim::Add, &[y, bias], acc), w.float(0.0));
            let high = w.call(Prim::Max, &[sum, zero], acc);
            y = w.cast(high, dtype);
        }
        w.store(y);
        let kernel = Kernel::Matmul { batch: 1, dtype, acc, body: w.body() };
        let case = move |d: [usize; 4]| {
            let product = Launcher::new(&d).read(dtype, &[0, 1, 3]).read(dtype, &[0, 3, 2]);
            let product = if acc == dtype { product } else { product.read(dtype, &[2]) };
            product.write(dtype, &[0, 1, 2]).case()
        };
        program(name, kernel, [[2, 65, 70, 33], [1, 1, 1, 1], [1, 64, 128, 16]].map(case))
    };
    let conv = |name, kind| {
        let mut w = Writer::new();
        w.operands(F32);
        let y = w.hole(F32);
        w.store(y);
        let kernel = Kernel::Conv { kind, spatial: 2, dtype: F32, acc: F32, body: w.body() };
        let case = move |image: usize| Launcher::convolution(kind, F32, image);
        program(name, kernel, [7, 1].map(case))
    };
    vec![
        matmul("matmul_f32", F32),
        matmul("matmul_relu_f16", F16),
        matmul("matmul_i32", I32),
        conv("conv2d_f32", ConvKind::Forward),
        conv("conv2d_weight_f32", ConvKind::Weight),
    ]
}

/// Attention and its gradients, of queries that see only keys before them.
fn attention() -> Vec<Program> {
    attention_of(F32, "f32", SIZES)
}

/// Sizes of attention: batch, queries, keys, width of queries and keys, width of values.
const SIZES: [[usize; 5]; 3] = [[2, 33, 40, 16, 8], [1, 1, 1, 1, 1], [1, 70, 70, 64, 64]];

/// The same by matrix units, and the machine that has them.
pub fn by_matrix_units() -> Vec<(Program, Machine)> {
    let ampere = [attention_of(F16, "f16_by_units", SIZES), attention_of(BF16, "bf16_by_units", SIZES)];
    let hopper = attention_of(BF16, "bf16_by_groups", [[2, 200, 136, 128, 120]]);
    let on = |programs: Vec<Program>, machine| programs.into_iter().map(move |program| (program, machine));
    on(ampere.into_iter().flatten().collect(), AMPERE).chain(on(hopper, HOPPER)).collect()
}

fn attention_of<const N: usize>(dtype: DType, name: &str, sizes: [[usize; 5]; N]) -> Vec<Program> {
    let kernel = |backward| Kernel::Attention { backward, dtype, mask: None, causal: true };
    let inputs = |d: [usize; 5]| {
        let launcher = Launcher::new(&d).param(Scalar::Float(0.01));
        launcher.read(dtype, &[0, 1, 3]).read(dtype, &[0, 2, 3]).read(dtype, &[0, 2, 4])
    };
    let forward = |d| inputs(d).write(dtype, &[0, 1, 4]).write(F32, &[0, 1]).case();
    let backward = |d| {
        let all = inputs(d).read(dtype, &[0, 1, 4]).read(F32, &[0, 1]).read(dtype, &[0, 1, 4]);
        all.write(dtype, &[0, 1, 3]).write(dtype, &[0, 2, 3]).write(dtype, &[0, 2, 4]).case()
    };
    vec![
        program(&format!("attention_{name}"), kernel(false), sizes.map(forward)),
        program(&format!("attention_backward_{name}"), kernel(true), sizes.map(backward)),
    ]
}
