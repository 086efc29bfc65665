//! Every primitive and cast on every dtype it is defined for, against its exact evaluation, on each instruction set.

mod support;

use st_backend_cpu::isa::{Isa, set_isa};
use st_kernel::dtype::Category;
use st_kernel::prim::{ALL, ResultType};
use st_kernel::{Body, DType, Inst, Launch, Prim, Scalar, Store, Val};
use support::{Case, access, call, near, ordered};

/// Values where something changes, for a dtype.
fn edges(dtype: DType) -> Vec<Scalar> {
    let numbers: Vec<Scalar> = match dtype.category() {
        Category::Bool => vec![Scalar::Bool(false), Scalar::Bool(true)],
        Category::Int => {
            [0, 1, -1, 2, -2, 3, 5, 7, -7, 31, 32, 33, 63, 64, 100, 127, 128, -128, 255, 32767, -32768]
                .into_iter()
                .chain([i64::from(i32::MAX), i64::from(i32::MIN), i64::MAX, i64::MIN, 1 << 40, -(1 << 40)])
                .map(Scalar::Int)
                .collect()
        }
        Category::Float => {
            [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, 3.0, -3.0, 0.1, -0.7, 0.999, 10.0, -10.0]
                .into_iter()
                .chain([
                    f64::INFINITY,
                    f64::NEG_INFINITY,
                    f64::NAN,
                    1e-30,
                    1e30,
                    -1e30,
                    1e-41,
                    20.0,
                    88.0,
                    100.0,
                    1e4,
                ])
                .map(Scalar::Float)
                .collect()
        }
    };
    numbers.into_iter().map(|x| x.cast(dtype)).collect()
}

/// One row for each combination of the operands' edge values.
fn operands(dtypes: &[DType]) -> Vec<Vec<Scalar>> {
    let mut columns: Vec<Vec<Scalar>> = vec![vec![]; dtypes.len()];
    let values: Vec<Vec<Scalar>> = dtypes.iter().map(|&d| edges(d)).collect();
    let rows: usize = values.iter().map(Vec::len).product();
    for row in 0..rows {
        let mut rest = row;
        for (column, values) in columns.iter_mut().zip(&values) {
            column.push(values[rest % values.len()]);
            rest /= values.len();
        }
    }
    columns
}

/// `inst` of contiguous operands of these dtypes.
fn case(inst: Inst, dtypes: &[DType], result: DType) -> Case {
    let columns = operands(dtypes);
    let n = columns[0].len();
    let mut insts: Vec<(Inst, DType)> =
        dtypes.iter().enumerate().map(|(i, &d)| (Inst::Load(i as u16), d)).collect();
    insts.push((inst, result));
    let stores = vec![Store { value: Val(dtypes.len() as u32), per_row: false }];
    let body = Body { insts, reads: dtypes.to_vec(), params: vec![], stores };
    let launch = Launch {
        dims: [n].as_slice().into(),
        reads: (0..dtypes.len() as u32).map(|i| access(i, &[1])).collect(),
        writes: vec![access(dtypes.len() as u32, &[1])],
        ints: vec![],
    };
    let mut memory: Vec<_> = dtypes.iter().copied().zip(columns).collect();
    memory.push((result, vec![Scalar::Int(0); n]));
    Case { outer: 1, row_reads: vec![false; dtypes.len()], body, launch, memory, params: vec![] }
}

/// Last places a float result may be off by: what `math` promises, and the rounding of its arguments.
fn allowed(prim: Prim) -> f64 {
    use Prim::*;
    match prim {
        Lgamma | Digamma | Trigamma | Erfinv | Erfc => 64.0,
        Tan | Pow | Erf | Sinh | Cosh | Acosh | Atanh | Asinh | Expm1 | Atan2 | Sigmoid => 8.0,
        _ => 4.0,
    }
}

/// Whether a result is comparable: the reference works in double precision, where float32 overflows or loses the point.
fn comparable(prim: Prim, dtype: DType, args: &[Scalar], expected: Scalar) -> bool {
    use Prim::*;
    let x = args[0].to_f64();
    match prim {
        // Their doubles round an argument that single precision does not hold, or the quotient changes its floor.
        TruncDiv | FloorDiv | Fmod | Mod if dtype.is_float() => {
            let quotient = x / args[1].to_f64();
            quotient.abs() < 1e6
                && !args[1].to_f64().is_infinite()
                && (prim != TruncDiv
                    || quotient == quotient.round()
                    || (quotient - quotient.round()).abs() > 1e-2)
        }
        Sin | Cos | Tan => x.abs() < 1e6,
        // The reference loses small arguments beside one.
        Erfinv => x == 0.0 || x.abs() > 1e-6,
        Lgamma | Digamma | Trigamma => x > 0.0 && x < 1e30,
        // Subnormal results may be flushed by a few last places.
        _ => expected.to_f64() == 0.0 || expected.to_f64().abs() > 1e-37 || dtype != DType::F32,
    }
}

fn check(prim: Prim, dtype: DType) {
    let def = prim.def();
    let dtypes = match prim {
        Prim::Select => vec![DType::Bool, dtype, dtype],
        _ => vec![dtype; def.arity],
    };
    let result = match def.result {
        ResultType::Same => dtype,
        ResultType::Bool => DType::Bool,
        ResultType::I64 => DType::I64,
    };
    let args: Vec<u32> = (0..def.arity as u32).collect();
    let mut case = case(call(prim, &args), &dtypes, result);
    if dtype.category() == Category::Int
        && matches!(prim, Prim::TruncDiv | Prim::FloorDiv | Prim::Fmod | Prim::Mod)
    {
        case.memory[1].1.iter_mut().filter(|x| x.to_i64() == 0).for_each(|x| *x = Scalar::Int(3));
    }
    let got = case.run().unwrap_or_else(|e| panic!("{prim:?} on {dtype}: {e}")).pop().expect("a result");
    for (i, got) in got.into_iter().enumerate() {
        let args: Vec<Scalar> = case.memory[..def.arity].iter().map(|m| m.1[i]).collect();
        let expected = prim.eval(&args).cast(result);
        // Near the roots of these only the absolute error is small.
        let absolute = if matches!(prim, Prim::Lgamma | Prim::Digamma) { 1e-6 } else { 0.0 };
        let fine = near(got, expected, result, allowed(prim), absolute);
        assert!(
            fine || !comparable(prim, dtype, &args, expected),
            "{prim:?} on {dtype} of {args:?}: {got} and not {expected}"
        );
    }
}

#[test]
fn primitives_agree_with_their_evaluation() {
    let _alone = support::alone();
    for isa in Isa::available() {
        set_isa(isa);
        for &prim in ALL {
            let def = prim.def();
            for dtype in ordered() {
                let defined = match dtype.category() {
                    Category::Float => def.float.is_some(),
                    Category::Int => def.int.is_some() && (prim != Prim::Random || dtype == DType::I64),
                    // Logic and comparisons; the rest of arithmetic has no meaning on booleans.
                    Category::Bool => matches!(
                        prim,
                        Prim::And
                            | Prim::Or
                            | Prim::Xor
                            | Prim::Not
                            | Prim::Eq
                            | Prim::Lt
                            | Prim::Le
                            | Prim::Select
                            | Prim::Max
                            | Prim::Min
                            | Prim::Mul
                    ),
                };
                if defined {
                    check(prim, dtype);
                }
            }
        }
    }
}

#[test]
fn casts_agree_with_their_evaluation() {
    let _alone = support::alone();
    for isa in Isa::available() {
        set_isa(isa);
        for from in ordered() {
            for to in ordered() {
                let case = case(Inst::Cast(Val(0)), &[from], to);
                let got = case.run().expect("casts do not fail").pop().expect("a result");
                for (&x, got) in case.memory[0].1.iter().zip(got) {
                    // What a float outside an integer's range becomes is the processor's affair.
                    if from.is_float() && to.is_int() && !(x.to_f64() >= -128.0 && x.to_f64() <= 127.0)
                        || to.is_int() && to.integers().0 == 0 && x.to_f64() < 0.0 && from.is_float()
                    {
                        continue;
                    }
                    let expected = x.cast(to);
                    assert!(
                        near(got, expected, to, 1.0, 0.0),
                        "{x} of {from} as {to}: {got} and not {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn integer_division_by_zero_is_reported() {
    for dtype in [DType::U8, DType::I32, DType::I64] {
        for prim in [Prim::TruncDiv, Prim::FloorDiv, Prim::Fmod, Prim::Mod] {
            let error = case(call(prim, &[0, 1]), &[dtype; 2], dtype).run().expect_err("edges contain zero");
            assert_eq!(error.message(), "ZeroDivisionError");
        }
    }
}

#[test]
fn random_words_are_those_of_the_stream() {
    // Words one, two or four apart, from any start on, take the fast way, others the slow one.
    let fast = (0..5).flat_map(|start| [1, 2, 4].map(|step| (start, step)));
    for (start, step) in fast.chain([(7i64, 5i64), (3, -1), (1 << 40, 1), (i64::MAX, 2)]) {
        let mut case = case(call(Prim::Random, &[0, 1]), &[DType::I64; 2], DType::I64);
        let n = case.launch.dims[0] as i64;
        case.launch.reads[0].strides[0] = 0;
        case.memory[0].1 = vec![Scalar::Int(0x1234_5678_9abc); 1];
        case.memory[1].1 = (0..n).map(|i| Scalar::Int(start.wrapping_add(i * step))).collect();
        support::check(&case, 0.0, 0.0);
    }
}

#[test]
fn blocks_without_extreme_numbers_give_the_same_exponentials() {
    let _alone = support::alone();
    for (isa, prim) in Isa::available().flat_map(|isa| [(isa, Prim::Exp), (isa, Prim::Sigmoid)]) {
        set_isa(isa);
        let results = [87.0, f64::INFINITY].map(|last| {
            let mut case = case(call(prim, &[0]), &[DType::F32], DType::F32);
            let moderate = (0..1000).map(|i| Scalar::Float(f64::from(i) * 0.174 - 87.0));
            case.memory[0].1 = moderate.chain([Scalar::Float(last)]).collect();
            case.memory[1].1 = vec![Scalar::Int(0); 1001];
            case.launch.dims[0] = 1001;
            case.run().expect("a function").pop().expect("a result")
        });
        assert_eq!(results[0][..1000], results[1][..1000], "{prim:?}");
        let expected = prim.eval(&[Scalar::Float(f64::INFINITY)]);
        assert_eq!(results[1][1000], expected, "{prim:?}");
    }
}

#[test]
fn division_by_one_number_is_rounded_correctly() {
    let _alone = support::alone();
    set_isa(Isa::Avx512);
    let mut state = 1u64;
    let mut bits = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    };
    // Mantissas full of ones and zeros are the hard ones; exponents within the fast way's bounds and beyond.
    let mut number = |spread: u32| {
        let mantissa = match bits() % 4 {
            0 => 0x7f_ffff,
            1 => bits() & 0xf,
            _ => bits() & 0x7f_ffff,
        };
        f32::from_bits((127 - spread / 2 + bits() % spread.max(1)) << 23 | mantissa)
            * if bits() & 1 == 0 { 1.0 } else { -1.0 }
    };
    for round in 0..300 {
        let divisor = number(if round % 10 == 0 { 200 } else { 24 });
        let n = 2000;
        let mut case = case(call(Prim::Div, &[0, 1]), &[DType::F32; 2], DType::F32);
        let mut x: Vec<f32> = (0..n).map(|_| number(if round % 7 == 0 { 250 } else { 40 })).collect();
        (x[0], x[1]) = (0.0, -0.0);
        case.launch.dims[0] = n;
        case.launch.reads[1].strides[0] = 0;
        case.memory[0].1 = x.iter().map(|&x| Scalar::from(x)).collect();
        case.memory[1].1 = vec![Scalar::from(divisor)];
        case.memory[2].1 = vec![Scalar::Int(0); n];
        let got = case.run().expect("division does not fail").pop().expect("a result");
        for (x, got) in x.iter().zip(got) {
            let quotient = x / divisor;
            assert_eq!((got.to_f64() as f32).to_bits(), quotient.to_bits(), "{x:e} / {divisor:e}");
        }
    }
}
