//! A naive interpreter of loop kernels, and memory for tests.
#![allow(dead_code, unreachable_pub)] // Each test file uses its own part.

use st_backend_cpu::CpuDevice;
use st_kernel::view::{contiguous_strides, numel};
use st_kernel::{
    Access, Body, Buffer, DType, Device, Inst, Kernel, Launch, Prim, ReduceOp, Result, Scalar, Store, Val,
};

/// The dtypes whose numbers scalars order right: as scalars, those of `uint64` from 2^63 on are negative.
pub fn ordered() -> impl Iterator<Item = DType> {
    DType::ALL.into_iter().filter(|dtype| *dtype != DType::U64)
}

/// A buffer of these numbers.
pub fn buffer(dtype: DType, values: &[Scalar]) -> Buffer {
    let mut bytes = Vec::new();
    values.iter().for_each(|v| v.write(dtype, &mut bytes));
    let device = CpuDevice::new();
    let buffer = device.alloc(bytes.len()).expect("memory");
    device.upload(&bytes, &buffer).expect("the sizes agree");
    buffer
}

/// The numbers in a buffer.
pub fn numbers(dtype: DType, buffer: &Buffer) -> Vec<Scalar> {
    let mut bytes = vec![0; buffer.len()];
    CpuDevice::new().download(buffer, &mut bytes).expect("the sizes agree");
    bytes.chunks_exact(dtype.size()).map(|b| Scalar::read(dtype, b)).collect()
}

/// A kernel, its launch and its memory.
#[derive(Clone, Debug)]
pub struct Case {
    pub outer: usize,
    pub row_reads: Vec<bool>,
    pub body: Body,
    pub launch: Launch,
    pub memory: Vec<(DType, Vec<Scalar>)>,
    pub params: Vec<Scalar>,
}

impl Case {
    pub fn kernel(&self) -> Kernel {
        Kernel::Loop {
            outer: self.outer,
            inner: self.launch.dims.len() - self.outer,
            row_reads: self.row_reads.clone(),
            body: self.body.clone(),
        }
    }

    /// What the backend makes of the memory.
    pub fn run(&self) -> Result<Vec<Vec<Scalar>>> {
        let program = st_backend_cpu::block::compile(&self.kernel())?;
        let buffers: Vec<Buffer> = self.memory.iter().map(|(d, v)| buffer(*d, v)).collect();
        program.launch(&self.launch, &buffers, &self.params)?;
        Ok(buffers.iter().zip(&self.memory).map(|(b, (d, _))| numbers(*d, b)).collect())
    }

    /// What it should be.
    pub fn expected(&self) -> Vec<Vec<Scalar>> {
        let mut memory: Vec<Vec<Scalar>> = self.memory.iter().map(|m| m.1.clone()).collect();
        let dims = &self.launch.dims;
        for outer in points(&dims[..self.outer]) {
            let mut row = vec![None; self.body.insts.len()];
            for (i, (inst, dtype)) in self.body.insts.iter().enumerate() {
                if let Inst::Reduce(op, v) = inst {
                    let values: Vec<Scalar> = points(&dims[self.outer..])
                        .map(|inner| self.value(*v, &[&outer[..], &inner].concat(), &memory, &row))
                        .collect();
                    row[i] = Some(reduce(*op, &values, self.body.insts[v.at()].1).cast(*dtype));
                }
            }
            let mut writes = Vec::new();
            for (store, access) in self.body.stores.iter().zip(&self.launch.writes) {
                let dtype = self.body.insts[store.value.at()].1;
                let inner: Vec<Vec<usize>> = if store.per_row {
                    vec![vec![0; dims.len() - self.outer]]
                } else {
                    points(&dims[self.outer..]).collect()
                };
                for inner in inner {
                    let point = [&outer[..], &inner].concat();
                    let value = self.value(store.value, &point, &memory, &row).cast(dtype);
                    writes.push((access.buffer as usize, position(access, &point), value));
                }
            }
            writes.into_iter().for_each(|(b, at, value)| memory[b][at] = value);
        }
        memory
    }

    fn value(&self, v: Val, point: &[usize], memory: &[Vec<Scalar>], row: &[Option<Scalar>]) -> Scalar {
        let mut done: Vec<Option<Scalar>> = Vec::new();
        for (i, (inst, dtype)) in self.body.insts[..=v.at()].iter().enumerate() {
            let value = self.evaluate(inst, &done, point, memory);
            done.push(row[i].or(value).map(|x| x.cast(*dtype)));
        }
        done.pop().flatten().expect("everything below the value is known")
    }

    /// An instruction's value, unless it needs one that is not known yet.
    fn evaluate(
        &self,
        inst: &Inst,
        done: &[Option<Scalar>],
        point: &[usize],
        memory: &[Vec<Scalar>],
    ) -> Option<Scalar> {
        let at = |access: &Access| position(access, point);
        Some(match inst {
            Inst::Const(c) => *c,
            Inst::Param(p) => self.params[*p as usize],
            Inst::Coord(d) => Scalar::Int(point[*d as usize] as i64),
            Inst::Call(p, args) => {
                let args = args.iter().filter(|a| **a != Val::NONE).map(|a| done[a.at()]);
                p.eval(&args.collect::<Option<Vec<_>>>()?)
            }
            Inst::Cast(v) => done[v.at()]?,
            Inst::Load(r) => {
                let access = &self.launch.reads[*r as usize];
                *memory[access.buffer as usize].get(at(access))?
            }
            Inst::Gather(r, index) => {
                let access = &self.launch.reads[*r as usize];
                let mut at = at(access) as isize;
                for (v, (size, stride)) in index.iter().zip(&access.gather) {
                    let i = done[v.at()]?.to_i64();
                    at += (if i < 0 { i + *size as i64 } else { i }) as isize * stride;
                }
                *memory[access.buffer as usize].get(at as usize)?
            }
            Inst::Reduce(..) => return None,
            other => unreachable!("{other:?}"),
        })
    }
}

fn position(access: &Access, point: &[usize]) -> usize {
    let along: isize = access.strides.iter().zip(point).map(|(s, &i)| s * i as isize).sum();
    (access.offset + along) as usize
}

/// Every point of these dimensions, in row-major order.
pub fn points(dims: &[usize]) -> impl Iterator<Item = Vec<usize>> + '_ {
    (0..numel(dims)).map(|mut i| {
        let mut point = vec![0; dims.len()];
        for d in (0..dims.len()).rev() {
            point[d] = i % dims[d];
            i /= dims[d];
        }
        point
    })
}

fn reduce(op: ReduceOp, values: &[Scalar], dtype: DType) -> Scalar {
    let fold = |prim: Prim, start: Scalar| values.iter().fold(start, |sum, &x| prim.eval(&[sum, x]));
    let limits = |low: i64, high: i64| (Scalar::Int(low), Scalar::Int(high));
    let (lowest, highest) = match dtype {
        DType::Bool => (Scalar::Bool(false), Scalar::Bool(true)),
        DType::U8 => limits(0, 255),
        DType::I8 => limits(-128, 127),
        DType::I16 => limits(i64::from(i16::MIN), i64::from(i16::MAX)),
        DType::I32 => limits(i64::from(i32::MIN), i64::from(i32::MAX)),
        DType::I64 => limits(i64::MIN, i64::MAX),
        _ => (Scalar::Float(f64::NEG_INFINITY), Scalar::Float(f64::INFINITY)),
    };
    let number = |n: i64| if dtype.is_float() { Scalar::Float(n as f64) } else { Scalar::Int(n) };
    let first = |beats: fn(f64, f64) -> bool| {
        let better = |a: &Scalar, b: &Scalar| match (a, b) {
            (Scalar::Int(a), Scalar::Int(b)) => beats((*a > *b) as i64 as f64, (*b > *a) as i64 as f64),
            _ => beats(a.to_f64(), b.to_f64()) || (a.to_f64().is_nan() && !b.to_f64().is_nan()),
        };
        let best = (0..values.len()).reduce(|b, i| if better(&values[i], &values[b]) { i } else { b });
        Scalar::Int(best.unwrap_or(0) as i64)
    };
    match op {
        ReduceOp::Sum => fold(Prim::Add, number(0)),
        ReduceOp::Prod => fold(Prim::Mul, number(1)),
        ReduceOp::Max => fold(Prim::Max, lowest),
        ReduceOp::Min => fold(Prim::Min, highest),
        ReduceOp::ArgMax => first(|a, b| a > b),
        ReduceOp::ArgMin => first(|a, b| a < b),
    }
}

/// Whether `got` is as near to `expected` as the dtype lets it be, allowing `ulps` and an absolute error.
pub fn near(got: Scalar, expected: Scalar, dtype: DType, ulps: f64, absolute: f64) -> bool {
    let (a, b) = (got.to_f64(), expected.to_f64());
    if !dtype.is_float() {
        return got.to_i64() == expected.to_i64();
    }
    let (epsilon, tiny) = match dtype {
        DType::F16 => (2f64.powi(-10), 2f64.powi(-24)),
        DType::BF16 => (2f64.powi(-7), 2f64.powi(-133)),
        DType::F32 => (2f64.powi(-23), 2f64.powi(-149)),
        _ => (2f64.powi(-52), f64::from_bits(1)),
    };
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= ulps * (epsilon * b.abs()).max(tiny) + absolute
}

/// Fails where a case's result is not what it should be.
pub fn check(case: &Case, ulps: f64, absolute: f64) {
    let got = case.run().unwrap_or_else(|e| panic!("{e} in {case:#?}"));
    for (b, (got, expected)) in got.iter().zip(case.expected()).enumerate() {
        let dtype = case.memory[b].0;
        for (i, (&got, &expected)) in got.iter().zip(&expected).enumerate() {
            assert!(
                near(got, expected, dtype, ulps, absolute),
                "element {i} of buffer {b}: {got} and not {expected}\n{:#?}\n{:?}",
                case.body,
                case.launch
            );
        }
    }
}

/// A primitive of earlier instructions.
pub fn call(prim: Prim, args: &[u32]) -> Inst {
    let mut vals = [Val::NONE; 3];
    vals.iter_mut().zip(args).for_each(|(v, &a)| *v = Val(a));
    Inst::Call(prim, vals)
}

/// An access from a buffer's first element on.
pub fn access(buffer: u32, strides: &[isize]) -> Access {
    Access { buffer, offset: 0, strides: strides.into(), gather: vec![] }
}

/// Numbers between -2 and 2.
pub fn random(n: usize, seed: u64) -> Vec<Scalar> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Scalar::Float(((state >> 40) as f64 / (1u64 << 24) as f64 - 0.5) * 4.0)
    };
    (0..n).map(|_| next()).collect()
}

/// Softmax over the inner dimensions of a contiguous tensor whose dimensions are permuted by `order`.
pub fn softmax(dims: &[usize], order: &[usize], outer: usize) -> Case {
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

/// Held by tests that choose the instruction set, which is one for the process.
pub fn alone() -> std::sync::MutexGuard<'static, ()> {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    LOCK.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
