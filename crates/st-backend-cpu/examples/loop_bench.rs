//! Times loop kernels: `cargo run --release --example loop_bench -p st-backend-cpu [filter]`.

use st_backend_cpu::CpuDevice;
use st_kernel::view::{contiguous_strides, numel};
use st_kernel::{
    Access, Body, Buffer, DType, Device, Inst, Kernel, Launch, Prim, Program, ReduceOp, Scalar, Store, Val,
};
use std::time::Instant;

/// A buffer of float32 numbers between -2 and 2.
fn buffer(device: &CpuDevice, bytes: usize) -> Buffer {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 22) as f32 - 2.0
    };
    let mut data: Vec<u8> = (0..bytes.div_ceil(4)).flat_map(|_| next().to_ne_bytes()).collect();
    data.truncate(bytes);
    let buffer = device.alloc(bytes).expect("memory");
    device.upload(&data, &buffer).expect("the sizes agree");
    buffer
}

/// Writes a body one instruction after the other.
#[derive(Default)]
struct Writer {
    body: Body,
    row_reads: Vec<bool>,
    reads: Vec<Access>,
    writes: Vec<Access>,
    /// Bytes of each buffer.
    buffers: Vec<usize>,
    params: Vec<Scalar>,
}

impl Writer {
    fn push(&mut self, inst: Inst, dtype: DType) -> Val {
        self.body.insts.push((inst, dtype));
        Val(self.body.insts.len() as u32 - 1)
    }
    fn dtype(&self, v: Val) -> DType {
        self.body.insts[v.at()].1
    }
    fn access(&mut self, bytes: usize, strides: &[isize]) -> Access {
        self.buffers.push(bytes);
        Access { buffer: self.buffers.len() as u32 - 1, offset: 0, strides: strides.into(), gather: vec![] }
    }
    fn load(&mut self, dtype: DType, dims: &[usize], strides: &[isize], row: bool) -> Val {
        let len: usize = 1 + dims.iter().zip(strides).map(|(&n, &s)| (n - 1) * s as usize).sum::<usize>();
        let access = self.access(len * dtype.size(), strides);
        self.reads.push(access);
        self.row_reads.push(row);
        self.body.reads.push(dtype);
        self.push(Inst::Load(self.body.reads.len() as u16 - 1), dtype)
    }
    fn call(&mut self, prim: Prim, args: &[Val]) -> Val {
        let mut vals = [Val::NONE; 3];
        vals[..args.len()].copy_from_slice(args);
        let dtype = self.dtype(args[args.len() - 1]);
        self.push(Inst::Call(prim, vals), dtype)
    }
    fn number(&mut self, x: f64) -> Val {
        self.push(Inst::Const(Scalar::Float(x)), DType::F32)
    }
    fn reduce(&mut self, op: ReduceOp, v: Val) -> Val {
        let dtype = if op == ReduceOp::ArgMax { DType::I64 } else { self.dtype(v) };
        self.push(Inst::Reduce(op, v), dtype)
    }
    fn store(&mut self, v: Val, dims: &[usize], strides: &[isize], per_row: bool) {
        let len: usize = 1 + dims.iter().zip(strides).map(|(&n, &s)| (n - 1) * s as usize).sum::<usize>();
        let access = self.access(len * self.dtype(v).size(), strides);
        self.writes.push(access);
        self.body.stores.push(Store { value: v, per_row });
    }
    fn time(self, name: &str, dims: &[usize], outer: usize, bytes: usize) {
        if std::env::args().nth(1).is_some_and(|only| !name.contains(&only)) {
            return;
        }
        let kernel =
            Kernel::Loop { outer, inner: dims.len() - outer, row_reads: self.row_reads, body: self.body };
        let device = CpuDevice::new();
        let program = device.compile(&kernel).expect("the kernel compiles");
        let launch = Launch { dims: dims.into(), reads: self.reads, writes: self.writes, ints: vec![] };
        let buffers: Vec<Buffer> = self.buffers.iter().map(|&bytes| buffer(&device, bytes)).collect();
        let seconds = best(&*program, &launch, &buffers, &self.params);
        println!("{name:34} {:10.2} us {:7.1} GB/s", seconds * 1e6, bytes as f64 / seconds / 1e9);
    }
}

/// The median of the fastest repetitions.
fn best(program: &dyn Program, launch: &Launch, buffers: &[Buffer], params: &[Scalar]) -> f64 {
    let run = |times: usize| {
        let start = Instant::now();
        (0..times).for_each(|_| program.launch(launch, buffers, params).expect("the launch works"));
        start.elapsed().as_secs_f64() / times as f64
    };
    run(3);
    let times = (5e-3 / run(3)).clamp(1.0, 20_000.0) as usize;
    let mut all: Vec<f64> = (0..40).map(|_| run(times)).collect();
    all.sort_by(f64::total_cmp);
    all[8]
}

const F: DType = DType::F32;

fn gelu_chain(n: usize) {
    let mut w = Writer::default();
    let (x, y) = (w.load(F, &[n], &[1], false), w.load(F, &[n], &[1], false));
    let (two, half, one, scale) = (w.number(2.0), w.number(0.5), w.number(1.0), w.number(0.5f64.sqrt()));
    let z = w.call(Prim::Mul, &[x, two]);
    let z = w.call(Prim::Add, &[z, y]);
    let h = w.call(Prim::Mul, &[z, half]);
    let e = w.call(Prim::Mul, &[z, scale]);
    let e = w.call(Prim::Erf, &[e]);
    let e = w.call(Prim::Add, &[e, one]);
    let g = w.call(Prim::Mul, &[h, e]);
    let out = w.call(Prim::Add, &[g, x]);
    w.store(out, &[n], &[1], false);
    w.time(&format!("gelu(x*2+w)+x {n}"), &[n], 1, 12 * n);
}

fn copy(name: &str, dims: &[usize], strides: &[isize], dtype: DType) {
    let mut w = Writer::default();
    let x = w.load(dtype, dims, strides, false);
    w.store(x, dims, &contiguous_strides(dims), false);
    w.time(name, dims, dims.len(), 2 * numel(dims) * dtype.size());
}

fn add(name: &str, dims: &[usize], a: &[isize], b: &[isize]) {
    let mut w = Writer::default();
    let (x, y) = (w.load(F, dims, a, false), w.load(F, dims, b, false));
    let out = w.call(Prim::Add, &[x, y]);
    w.store(out, dims, &contiguous_strides(dims), false);
    w.time(name, dims, dims.len(), 12 * numel(dims));
}

fn reduce(name: &str, dims: &[usize], strides: &[isize], outer: usize, op: ReduceOp, dtype: DType) {
    let mut w = Writer::default();
    let mut x = w.load(dtype, dims, strides, false);
    if dtype == DType::BF16 {
        x = w.push(Inst::Cast(x), F);
    }
    let sum = w.reduce(op, x);
    let mut out = contiguous_strides(&dims[..outer]).to_vec();
    out.resize(dims.len(), 0);
    w.store(sum, dims, &out, true);
    w.time(name, dims, outer, numel(dims) * dtype.size());
}

fn softmax(name: &str, dims: &[usize], strides: &[isize], outer: usize) {
    let mut w = Writer::default();
    let x = w.load(F, dims, strides, false);
    let m = w.reduce(ReduceOp::Max, x);
    let d = w.call(Prim::Sub, &[x, m]);
    let e = w.call(Prim::Exp, &[d]);
    let s = w.reduce(ReduceOp::Sum, e);
    let y = w.call(Prim::Div, &[e, s]);
    w.store(y, dims, strides, false);
    w.time(name, dims, outer, 8 * numel(dims));
}

fn softmax_backward(dims: &[usize]) {
    let mut w = Writer::default();
    let strides = contiguous_strides(dims);
    let (g, y) = (w.load(F, dims, &strides, false), w.load(F, dims, &strides, false));
    let gy = w.call(Prim::Mul, &[g, y]);
    let s = w.reduce(ReduceOp::Sum, gy);
    let d = w.call(Prim::Sub, &[g, s]);
    let out = w.call(Prim::Mul, &[d, y]);
    w.store(out, dims, &strides, false);
    w.time(&format!("softmax backward {dims:?}"), dims, 1, 12 * numel(dims));
}

fn layer_norm(dims: &[usize]) {
    let mut w = Writer::default();
    let strides = contiguous_strides(dims);
    let x = w.load(F, dims, &strides, false);
    let (weight, bias) = (w.load(F, dims, &[0, 1], false), w.load(F, dims, &[0, 1], false));
    let (scale, eps) = (w.number(1.0 / dims[1] as f64), w.number(1e-5));
    let sum = w.reduce(ReduceOp::Sum, x);
    let mean = w.call(Prim::Mul, &[sum, scale]);
    let d = w.call(Prim::Sub, &[x, mean]);
    let square = w.call(Prim::Mul, &[d, d]);
    let sum = w.reduce(ReduceOp::Sum, square);
    let variance = w.call(Prim::Mul, &[sum, scale]);
    let variance = w.call(Prim::Add, &[variance, eps]);
    let r = w.call(Prim::Rsqrt, &[variance]);
    let y = w.call(Prim::Mul, &[d, r]);
    let y = w.call(Prim::Mul, &[y, weight]);
    let y = w.call(Prim::Add, &[y, bias]);
    w.store(y, dims, &strides, false);
    w.store(mean, dims, &[1, 0], true);
    w.store(r, dims, &[1, 0], true);
    w.time(&format!("layer_norm {dims:?}"), dims, 1, 8 * numel(dims));
}

fn layer_norm_backward(dims: &[usize]) {
    let mut w = Writer::default();
    let strides = contiguous_strides(dims);
    let (g, x) = (w.load(F, dims, &strides, false), w.load(F, dims, &strides, false));
    let weight = w.load(F, dims, &[0, 1], false);
    let (mean, r) = (w.load(F, dims, &[1, 0], true), w.load(F, dims, &[1, 0], true));
    let scale = w.number(1.0 / dims[1] as f64);
    let gw = w.call(Prim::Mul, &[g, weight]);
    let d = w.call(Prim::Sub, &[x, mean]);
    let h = w.call(Prim::Mul, &[d, r]);
    let gh = w.call(Prim::Mul, &[gw, h]);
    let (a, b) = (w.reduce(ReduceOp::Sum, gw), w.reduce(ReduceOp::Sum, gh));
    let (a, b) = (w.call(Prim::Mul, &[a, scale]), w.call(Prim::Mul, &[b, scale]));
    let t = w.call(Prim::Mul, &[h, b]);
    let t = w.call(Prim::Add, &[t, a]);
    let t = w.call(Prim::Sub, &[gw, t]);
    let t = w.call(Prim::Mul, &[t, r]);
    w.store(t, dims, &strides, false);
    w.time(&format!("layer_norm backward {dims:?}"), dims, 1, 12 * numel(dims));
}

fn main() {
    [8, 1000, 100_000, 1_000_000, 16_000_000].into_iter().for_each(gelu_chain);
    let n = 4096;
    let (row, col, flipped) = ([n, n], [1isize], [1isize, n as isize]);
    let dense = [n as isize, 1];
    copy("copy 4096^2", &row, &dense, F);
    copy("copy 8", &[8], &col, F);
    copy("transposed copy 4096^2", &row, &flipped, F);
    copy("transposed copy 4096^2 bf16", &row, &flipped, DType::BF16);
    copy("transposed copy 1000x1000", &[1000, 1000], &[1, 1000], F);
    copy("NCHW to NHWC 32x64x56x56", &[32, 56, 56, 64], &[64 * 3136, 56, 1, 3136], F);
    add("x.t() + y 4096^2", &row, &flipped, &dense);
    add("x + bias 4096^2", &row, &dense, &[0, 1]);
    add("x + column 4096^2", &row, &dense, &[1, 0]);
    add("x + y 1e6", &[1_000_000], &[1], &[1]);
    for op in [ReduceOp::Sum, ReduceOp::ArgMax] {
        reduce(&format!("{op:?} dim 1 4096^2"), &row, &dense, 1, op, F);
        reduce(&format!("{op:?} dim 0 4096^2"), &row, &flipped, 1, op, F);
        reduce(&format!("{op:?} all 4096^2"), &row, &dense, 0, op, F);
    }
    reduce("Sum dim 1 4096^2 bf16", &row, &dense, 1, ReduceOp::Sum, DType::BF16);
    reduce("Max dim 1 4096^2", &row, &dense, 1, ReduceOp::Max, F);
    reduce("Sum dim 1 1e6x10", &[1_000_000, 10], &[10, 1], 1, ReduceOp::Sum, F);
    reduce("Sum dim 0 1e6x32", &[32, 1_000_000], &[1, 32], 1, ReduceOp::Sum, F);
    reduce("Sum middle 64x256x1024", &[64, 1024, 256], &[256 * 1024, 1, 1024], 2, ReduceOp::Sum, F);
    reduce("Sum N,H,W of 32x64x56x56", &[64, 32, 3136], &[3136, 64 * 3136, 1], 1, ReduceOp::Sum, F);
    reduce("Sum all 1000", &[1000], &[1], 0, ReduceOp::Sum, F);
    for dims in [[n, n], [1000, 64], [100_000, 10], [8192, 128]] {
        softmax(&format!("softmax {dims:?}"), &dims, &[dims[1] as isize, 1], 1);
    }
    softmax("softmax dim 1 of 16x100x56x56", &[16, 3136, 100], &[313_600, 1, 3136], 2);
    softmax("softmax of 1 x 4e6", &[4_000_000], &[1], 0);
    softmax_backward(&[n, n]);
    layer_norm(&[n, n]);
    layer_norm(&[4096, 256]);
    layer_norm(&[128, 256]);
    layer_norm_backward(&[n, n]);
}
