//! What the programs are written with: bodies instruction by instruction, launches array by array.

use super::{Case, Fill, Memory};
use st_kernel::{Access, Body, ConvKind, DType, Inst, Kernel, Launch, Prim, ReduceOp, Scalar, Store, Val};

/// A body being written.
pub struct Writer {
    body: Body,
}

impl Writer {
    pub fn new() -> Writer {
        Writer { body: Body::default() }
    }

    fn push(&mut self, inst: Inst, dtype: DType) -> Val {
        self.body.insts.push((inst, dtype));
        Val(self.body.insts.len() as u32 - 1)
    }

    pub fn load(&mut self, dtype: DType) -> Val {
        self.body.reads.push(dtype);
        self.push(Inst::Load(self.body.reads.len() as u16 - 1), dtype)
    }

    pub fn gather(&mut self, dtype: DType, index: Val) -> Val {
        self.body.reads.push(dtype);
        self.push(Inst::Gather(self.body.reads.len() as u16 - 1, [index].into()), dtype)
    }

    /// Both operands of a product, which its body does not load.
    pub fn operands(&mut self, dtype: DType) {
        self.body.reads.extend([dtype, dtype]);
    }

    pub fn param(&mut self, dtype: DType) -> Val {
        self.body.params.push(dtype);
        self.push(Inst::Param(self.body.params.len() as u16 - 1), dtype)
    }

    pub fn constant(&mut self, value: Scalar, dtype: DType) -> Val {
        self.push(Inst::Const(value), dtype)
    }

    pub fn float(&mut self, value: f64) -> Val {
        self.constant(Scalar::Float(value).cast(DType::F32), DType::F32)
    }

    pub fn coordinate(&mut self, d: u8) -> Val {
        self.push(Inst::Coord(d), DType::I64)
    }

    pub fn hole(&mut self, dtype: DType) -> Val {
        self.push(Inst::Hole(0), dtype)
    }

    pub fn call(&mut self, prim: Prim, args: &[Val], dtype: DType) -> Val {
        let all = std::array::from_fn(|i| args.get(i).copied().unwrap_or(Val::NONE));
        self.push(Inst::Call(prim, all), dtype)
    }

    pub fn cast(&mut self, value: Val, to: DType) -> Val {
        self.push(Inst::Cast(value), to)
    }

    pub fn reduce(&mut self, op: ReduceOp, value: Val, result: DType) -> Val {
        self.push(Inst::Reduce(op, value), result)
    }

    /// Stores the sum of a value down the columns of each block of rows.
    pub fn store_down(&mut self, value: Val, dtype: DType) {
        let sum = self.push(Inst::Down(value), dtype);
        self.store(sum);
    }

    pub fn store(&mut self, value: Val) {
        self.body.stores.push(Store { value, per_row: false });
    }

    pub fn row_store(&mut self, value: Val) {
        self.body.stores.push(Store { value, per_row: true });
    }

    pub fn body(self) -> Body {
        self.body
    }

    pub fn loops(self, outer: usize, inner: usize) -> Kernel {
        Kernel::Loop { outer, inner, row_reads: vec![false; self.body.reads.len()], body: self.body }
    }
}

/// A launch being written, each array in a buffer of its own.
pub struct Launcher {
    case: Case,
}

impl Launcher {
    pub fn new(dims: &[usize]) -> Launcher {
        let launch = Launch { dims: dims.into(), ..Launch::default() };
        Launcher { case: Case { launch, memory: Vec::new(), params: Vec::new() } }
    }

    /// A dense array over these dimensions of the launch, the last of which runs fastest.
    fn array(&mut self, dtype: DType, along: &[usize], fill: Fill) -> Access {
        let dims = &self.case.launch.dims;
        let mut strides = vec![0; dims.len()];
        let mut len = 1;
        for &d in along.iter().rev() {
            strides[d] = len as isize;
            len *= dims[d];
        }
        self.memory(dtype, len, fill, strides)
    }

    fn memory(&mut self, dtype: DType, len: usize, fill: Fill, strides: Vec<isize>) -> Access {
        let buffer = self.case.memory.len() as u32;
        self.case.memory.push(Memory { dtype, len, fill });
        Access { buffer, offset: 0, strides: strides.into(), gather: vec![] }
    }

    pub fn read(self, dtype: DType, along: &[usize]) -> Launcher {
        self.read_filled(dtype, along, Fill::Random)
    }

    pub fn read_filled(mut self, dtype: DType, along: &[usize], fill: Fill) -> Launcher {
        let access = self.array(dtype, along, fill);
        self.case.launch.reads.push(access);
        self
    }

    pub fn write(mut self, dtype: DType, along: &[usize]) -> Launcher {
        let access = self.array(dtype, along, Fill::Nothing);
        self.case.launch.writes.push(access);
        self
    }

    /// Writes fewer elements along the last dimension than the launch has.
    pub fn write_some(mut self, dtype: DType, kept: usize) -> Launcher {
        let lines = self.case.launch.dims[0];
        let access = self.memory(dtype, lines * kept, Fill::Nothing, vec![kept as isize, 1]);
        self.case.launch.writes.push(access);
        self
    }

    /// Reads dimension `d` of an array whose other dimension has so many places, chosen by an index.
    pub fn gather(mut self, dtype: DType, places: usize, d: usize) -> Launcher {
        let (strides, size) = self.displaced(d);
        let mut access = self.memory(dtype, size * places, Fill::Random, strides);
        access.gather = vec![(places, size as isize)];
        self.case.launch.reads.push(access);
        self
    }

    /// Reads one of so many elements, chosen by an index.
    pub fn choose(mut self, dtype: DType, places: usize) -> Launcher {
        let strides = vec![0; self.case.launch.dims.len()];
        let mut access = self.memory(dtype, places, Fill::Random, strides);
        access.gather = vec![(places, 1)];
        self.case.launch.reads.push(access);
        self
    }

    /// As [`Launcher::gather`], written; what is there may be read.
    pub fn scatter(mut self, dtype: DType, places: usize, d: usize) -> Launcher {
        let (strides, size) = self.displaced(d);
        let access = self.memory(dtype, size * places, Fill::Random, strides);
        self.case.launch.writes.push(access);
        self.int(places).int(size)
    }

    fn displaced(&self, d: usize) -> (Vec<isize>, usize) {
        let dims = &self.case.launch.dims;
        let strides = (0..dims.len()).map(|i| isize::from(i == d)).collect();
        (strides, dims[d])
    }

    pub fn int(mut self, int: usize) -> Launcher {
        self.case.launch.ints.push(int);
        self
    }

    pub fn param(mut self, value: Scalar) -> Launcher {
        self.case.params.push(value);
        self
    }

    pub fn case(self) -> Case {
        self.case
    }

    /// Square images of some size: two in two groups, three channels in and four out each, 3 x 3, stride 2, padded by 1.
    pub fn convolution(kind: ConvKind, dtype: DType, image: usize) -> Case {
        let (batch, groups, channels_in, channels_out, kernel) = (2, 2, 3, 4, 3);
        let output = (image + 2 - kernel) / 2 + 1;
        let input = [batch, groups * channels_in, image, image];
        let weight = [groups * channels_out, channels_in, kernel, kernel];
        let result = [batch, groups * channels_out, output, output];
        let (made, first, second) = match kind {
            ConvKind::Forward => (result, input, weight),
            ConvKind::Input => (input, result, weight),
            ConvKind::Weight => (weight, result, input),
        };
        let mut launcher = Launcher::new(&made);
        for operand in [first, second] {
            let access =
                launcher.memory(dtype, operand.iter().product(), Fill::Random, vec![0; operand.len()]);
            launcher.case.launch.reads.push(access);
        }
        let spatial = [image, kernel, output, 2, 1, 1];
        launcher.case.launch.ints =
            [vec![batch, groups, channels_in, channels_out], spatial.to_vec(), spatial.to_vec()].concat();
        launcher.write(dtype, &[0, 1, 2, 3]).case()
    }
}
