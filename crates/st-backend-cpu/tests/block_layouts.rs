//! Random bodies on random layouts, compared bit for bit with the naive interpreter.
//!
//! Numbers are small integers and primitives exact, so that sums come out the same in any order.

mod support;

use st_backend_cpu::isa::{Isa, set_isa};
use st_backend_cpu::pool::set_num_threads;
use st_kernel::dtype::Category;
use st_kernel::view::numel;
use st_kernel::{Access, Body, DType, Inst, Launch, Prim, ReduceOp, Scalar, Store, Val};
use support::{Case, call, check};

/// A small generator of numbers; equal seeds give equal cases.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

struct Maker {
    dice: Dice,
    outer: usize,
    dims: Vec<usize>,
    case: Case,
}

const DTYPES: [DType; 12] = [
    DType::F32,
    DType::F32,
    DType::F32,
    DType::F64,
    DType::BF16,
    DType::F16,
    DType::I64,
    DType::I32,
    DType::I16,
    DType::U8,
    DType::I8,
    DType::Bool,
];

impl Maker {
    fn new(seed: u64, outer: usize, inner: usize, sizes: &[usize]) -> Maker {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let _ = (0..4).map(|_| dice.below(2)).sum::<usize>();
        let mut dims: Vec<usize> = Vec::new();
        for _ in 0..outer + inner {
            let size = dice.pick(sizes);
            dims.push(if numel(&dims) * size <= 6000 { size } else { dice.pick(&[1, 2]) });
        }
        let launch = Launch { dims: dims.as_slice().into(), ..Launch::default() };
        let case =
            Case { outer, row_reads: vec![], body: Body::default(), launch, memory: vec![], params: vec![] };
        Maker { dice, outer, dims, case }
    }

    /// A way to lie in memory: permuted, stepped, reversed; reads may also be broadcast. Returns the buffer's length.
    fn layout(&mut self, read: bool, row: bool) -> (Access, usize) {
        let rank = self.dims.len();
        let mut order: Vec<usize> = (0..rank).collect();
        if self.dice.one_in(2) {
            (1..rank).for_each(|i| order.swap(i, self.dice.below(i + 1)));
        }
        let mut access =
            Access { buffer: 0, offset: 0, strides: vec![0; rank].as_slice().into(), gather: vec![] };
        let mut len = 1;
        for &d in order.iter().rev() {
            let still = row && d >= self.outer || read && self.dice.one_in(6);
            if still {
                continue;
            }
            let step = if self.dice.one_in(6) { 2 } else { 1 };
            access.strides[d] = (len * step) as isize;
            len *= self.dims[d] * step;
            if self.dice.one_in(8) && self.dims[d] > 0 {
                access.offset += (self.dims[d] - 1) as isize * access.strides[d];
                access.strides[d] = -access.strides[d];
            }
        }
        let lead = self.dice.below(3);
        access.offset += lead as isize;
        (access, len + lead)
    }

    fn values(&mut self, dtype: DType, n: usize) -> Vec<Scalar> {
        let nan = dtype.is_float() && self.dice.one_in(8);
        (0..n)
            .map(|_| match dtype.category() {
                Category::Bool => Scalar::Bool(self.dice.one_in(2)),
                Category::Int => Scalar::Int(self.dice.below(7) as i64 - 3).cast(dtype),
                Category::Float if nan && self.dice.one_in(50) => Scalar::Float(f64::NAN),
                Category::Float => Scalar::Float(self.dice.below(7) as f64 - 3.0),
            })
            .collect()
    }

    fn push(&mut self, inst: Inst, dtype: DType) -> Val {
        self.case.body.insts.push((inst, dtype));
        Val(self.case.body.insts.len() as u32 - 1)
    }

    fn dtype(&self, v: Val) -> DType {
        self.case.body.insts[v.at()].1
    }

    fn read(&mut self, dtype: DType, row: bool, values: impl FnOnce(&mut Self, usize) -> Vec<Scalar>) -> u16 {
        let (mut access, len) = self.layout(true, row);
        access.buffer = self.case.memory.len() as u32;
        let values = values(self, len);
        self.case.memory.push((dtype, values));
        self.case.launch.reads.push(access);
        self.case.body.reads.push(dtype);
        self.case.row_reads.push(row);
        self.case.body.reads.len() as u16 - 1
    }

    fn leaf(&mut self) -> Val {
        let row = self.outer < self.dims.len() && self.dice.one_in(4);
        let dtype = self.dice.pick(&DTYPES);
        match self.dice.below(12) {
            0 => self.push(Inst::Const(Scalar::Int(2).cast(dtype)), dtype),
            1 => {
                self.case.params.push(Scalar::Int(3));
                self.case.body.params.push(dtype);
                self.push(Inst::Param(self.case.params.len() as u16 - 1), dtype)
            }
            2 if !self.dims.is_empty() => {
                let d = self.dice.below(self.dims.len()) as u8;
                self.push(Inst::Coord(d), DType::I64)
            }
            3 => {
                // Rows of a small table, by an index that may count from the end.
                let size = 1 + self.dice.below(5);
                let index_dtype = self.dice.pick(&[DType::I64, DType::I32]);
                let index = self.read(index_dtype, row, |m, n| {
                    (0..n).map(|_| Scalar::Int(m.dice.below(2 * size) as i64 - size as i64)).collect()
                });
                if self.dice.one_in(2)
                    && let Some(last) = self.case.launch.reads[index as usize].strides.last_mut()
                {
                    *last = 0; // Then whole rows are gathered.
                }
                let index = self.push(Inst::Load(index), index_dtype);
                let table = self.read(dtype, row, |m, n| m.values(dtype, n * size));
                let access = &mut self.case.launch.reads[table as usize];
                let stride = self.case.memory[access.buffer as usize].1.len() / size;
                access.gather = vec![(size, stride as isize)];
                self.push(Inst::Gather(table, vec![index].into()), dtype)
            }
            _ => {
                let read = self.read(dtype, row, |m, n| m.values(dtype, n));
                self.push(Inst::Load(read), dtype)
            }
        }
    }

    /// Any value so far, as `dtype`.
    fn operand(&mut self, dtype: DType) -> Val {
        let v = Val(self.dice.below(self.case.body.insts.len()) as u32);
        let from = self.dtype(v);
        if from == dtype {
            return v;
        }
        // What NaN is as an integer depends on the processor.
        if from.is_float() && dtype.is_int() {
            let truth = self.push(Inst::Cast(v), DType::Bool);
            return self.push(Inst::Cast(truth), dtype);
        }
        self.push(Inst::Cast(v), dtype)
    }

    fn step(&mut self) {
        let dtype = self.dice.pick(&DTYPES);
        let (a, b) = (self.operand(dtype), self.operand(dtype));
        let args = &[a.0, b.0];
        if dtype == DType::Bool {
            let prim = self.dice.pick(&[Prim::And, Prim::Or, Prim::Xor, Prim::Not]);
            self.push(call(prim, &args[..prim.def().arity]), dtype);
            return;
        }
        match self.dice.below(10) {
            0..=2 => _ = self.push(call(Prim::Add, args), dtype),
            3 => _ = self.push(call(Prim::Sub, args), dtype),
            4 => _ = self.push(call(Prim::Max, args), dtype),
            5 => _ = self.push(call(Prim::Neg, &args[..1]), dtype),
            6 => _ = self.push(call(Prim::Abs, &args[..1]), dtype),
            7 => _ = self.push(call(Prim::Le, args), DType::Bool),
            _ => {
                let condition = self.operand(DType::Bool);
                self.push(call(Prim::Select, &[condition.0, a.0, b.0]), dtype);
            }
        }
    }

    fn reduce(&mut self) {
        let dtype = self.dice.pick(&[
            DType::F32,
            DType::F32,
            DType::F64,
            DType::I64,
            DType::I32,
            DType::BF16,
            DType::U8,
        ]);
        let v = self.operand(dtype);
        let op = self.dice.pick(&[
            ReduceOp::Sum,
            ReduceOp::Sum,
            ReduceOp::Max,
            ReduceOp::Min,
            ReduceOp::ArgMax,
            ReduceOp::ArgMin,
        ]);
        let arg = matches!(op, ReduceOp::ArgMax | ReduceOp::ArgMin);
        self.push(Inst::Reduce(op, v), if arg { DType::I64 } else { dtype });
    }

    /// Whether a value depends on the inner dimensions, by the rule of `Kernel::Loop`.
    fn full(&self, v: Val) -> bool {
        let (inst, _) = &self.case.body.insts[v.at()];
        let mut full = match inst {
            Inst::Load(r) | Inst::Gather(r, _) => !self.case.row_reads[*r as usize],
            Inst::Coord(d) => *d as usize >= self.outer,
            Inst::Reduce(..) => return false,
            _ => false,
        };
        inst.operands(|u| full |= self.full(u));
        full
    }

    fn store(&mut self, v: Val) {
        let dtype = self.dtype(v);
        let per_row = self.outer < self.dims.len() && !self.full(v) && !self.dice.one_in(3);
        let (mut access, len) = self.layout(false, per_row);
        access.buffer = self.case.memory.len() as u32;
        self.case.memory.push((dtype, vec![Scalar::Int(1).cast(dtype); len]));
        // Sometimes over a read of the same elements.
        let same = (0..self.case.body.reads.len()).find(|&r| {
            let read = &self.case.launch.reads[r];
            self.case.body.reads[r] == dtype
                && self.case.row_reads[r] == per_row
                && read.gather.is_empty()
                && !self.case.launch.writes.iter().any(|w| w.buffer == read.buffer)
                && read
                    .strides
                    .iter()
                    .zip(&self.dims)
                    .enumerate()
                    .all(|(d, (&s, &n))| s != 0 || n == 1 || (per_row && d >= self.outer))
        });
        if let Some(r) = same
            && self.dice.one_in(2)
        {
            access = self.case.launch.reads[r].clone();
        }
        self.case.launch.writes.push(access);
        self.case.body.stores.push(Store { value: v, per_row });
    }

    fn make(mut self, steps: usize, reduces: usize) -> Case {
        for _ in 0..1 + self.dice.below(4) {
            self.leaf();
        }
        for i in 0..steps {
            if reduces > 0 && i % (steps / reduces).max(1) == 1 {
                self.reduce();
            }
            self.step();
        }
        let last = Val(self.case.body.insts.len() as u32 - 1);
        self.store(last);
        for _ in 0..self.dice.below(3) {
            let v = Val(self.dice.below(self.case.body.insts.len()) as u32);
            self.store(v);
        }
        self.case
    }
}

const SIZES: [usize; 12] = [1, 2, 3, 5, 8, 17, 33, 40, 70, 130, 1030, 2100];

#[test]
fn what_is_written_over_is_stored_elsewhere_first() {
    let _alone = support::alone();
    let n = 1500;
    let sum = call(Prim::Add, &[0, 0]);
    let insts = vec![(Inst::Load(0), DType::F32), (sum, DType::F32)];
    let store = |value| Store { value: Val(value), per_row: false };
    let body = Body { insts, reads: vec![DType::F32], params: vec![], stores: vec![store(1), store(0)] };
    let launch = Launch {
        dims: [n].as_slice().into(),
        reads: vec![support::access(0, &[1])],
        writes: vec![support::access(0, &[1]), support::access(1, &[1])],
        ints: vec![],
    };
    let memory = vec![(DType::F32, support::random(n, 1)), (DType::F32, vec![Scalar::Float(0.0); n])];
    check(&Case { outer: 1, row_reads: vec![false], body, launch, memory, params: vec![] }, 0.0, 0.0);
}

#[test]
fn pointwise_bodies() {
    let _alone = support::alone();
    let isas: Vec<Isa> = Isa::available().collect();
    for seed in 0..300 {
        set_isa(isas[seed as usize % isas.len()]);
        let maker = Maker::new(seed, seed as usize % 5, 0, &SIZES);
        check(&maker.make(1 + seed as usize % 9, 0), 0.0, 0.0);
    }
}

#[test]
fn pointwise_bodies_over_many_short_dimensions() {
    let _alone = support::alone();
    let isas: Vec<Isa> = Isa::available().collect();
    for seed in 0..300 {
        set_isa(isas[seed as usize % isas.len()]);
        let maker = Maker::new(seed + 30_000, 3 + seed as usize % 4, 0, &[1, 2, 3, 5, 7, 14, 20]);
        check(&maker.make(1 + seed as usize % 9, 0), 0.0, 0.0);
    }
}

#[test]
fn row_bodies() {
    let _alone = support::alone();
    let isas: Vec<Isa> = Isa::available().collect();
    for seed in 0..400 {
        set_isa(isas[seed as usize % isas.len()]);
        let maker = Maker::new(seed + 10_000, seed as usize % 3, 1 + seed as usize / 3 % 2, &SIZES);
        check(&maker.make(2 + seed as usize % 9, 1 + seed as usize % 3), 0.0, 0.0);
    }
}

#[test]
fn dimensions_of_size_zero() {
    for seed in 0..100 {
        let maker = Maker::new(seed + 20_000, seed as usize % 3, seed as usize / 3 % 3, &[0, 1, 3]);
        check(&maker.make(2 + seed as usize % 4, seed as usize / 3 % 3), 0.0, 0.0);
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let _alone = support::alone();
    for (dims, order, outer) in [(&[3usize, 150_000][..], &[0usize, 1][..], 1), (&[3000, 100], &[1, 0], 1)] {
        let case = support::softmax(dims, order, outer);
        let results = [1, 2, 5].map(|threads| {
            set_num_threads(threads);
            case.run().expect("softmax does not fail")
        });
        assert!(results[0] == results[1] && results[1] == results[2]);
    }
}
