//! Tensors of any layout and dtype, launched through the `Device` trait.

#![allow(dead_code, reason = "each test program uses some of it")]

pub(crate) mod epilogue;

use st_backend_cpu::CpuDevice;
use st_kernel::view::View;
use st_kernel::{Access, Buffer, DType, Device, Kernel, Launch, Result, Scalar};

/// The dtypes whose numbers scalars order right: as scalars, those of `uint64` from 2^63 on are negative.
pub(crate) fn ordered() -> impl Iterator<Item = DType> {
    DType::ALL.into_iter().filter(|dtype| *dtype != DType::U64)
}

/// A small deterministic generator (xorshift).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }
    /// In `0..n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    /// Sizes of `dims` dimensions, each in `1..=most`.
    pub(crate) fn shape(&mut self, dims: usize, most: usize) -> Vec<usize> {
        (0..dims).map(|_| 1 + self.below(most)).collect()
    }
    /// A number every dtype can hold; a float is NaN or infinite now and then.
    pub(crate) fn number(&mut self, dtype: DType) -> Scalar {
        let small = self.below(7) as i64 - if dtype.is_int() && dtype.integers().0 == 0 { 0 } else { 3 };
        match dtype {
            DType::Bool => Scalar::Bool(small > 0),
            d if d.is_int() => Scalar::Int(small),
            _ => match self.below(40) {
                0 => Scalar::Float(f64::NAN),
                1 => Scalar::Float(f64::INFINITY),
                2 => Scalar::Float(f64::NEG_INFINITY),
                3 => Scalar::Float(-0.0),
                _ => Scalar::Float(small as f64 / 2.0),
            },
        }
    }
}

/// A view of a device's buffer.
pub(crate) struct Tensor {
    pub(crate) dtype: DType,
    pub(crate) view: View,
    pub(crate) buffer: Buffer,
}

impl Tensor {
    /// Values in row-major order, laid out contiguously.
    pub(crate) fn new(dtype: DType, shape: &[usize], values: &[Scalar]) -> Tensor {
        let tensor = Tensor::place(dtype, View::contiguous(shape), shape.iter().product());
        tensor.fill(values);
        tensor
    }

    /// The same in a random layout: dimensions permuted, spread out, walked backwards, or contiguous.
    pub(crate) fn anyhow(rng: &mut Rng, dtype: DType, shape: &[usize], values: &[Scalar]) -> Tensor {
        let mut order: Vec<usize> = (0..shape.len()).collect();
        if rng.below(2) == 0 {
            (1..shape.len()).for_each(|i| order.swap(i, rng.below(i + 1)));
        }
        let (mut step, mut low) = (1, rng.below(3) as isize);
        let mut strides = vec![0; shape.len()];
        for &d in order.iter().rev() {
            step *= [1, 1, 1, 2][rng.below(4)];
            strides[d] = step;
            step *= shape[d].max(1) as isize;
            if rng.below(5) == 0 {
                low += (shape[d] as isize - 1).max(0) * strides[d];
                strides[d] = -strides[d];
            }
        }
        let view = View { shape: shape.into(), strides: strides.into(), offset: low };
        let length = view.bounds().map_or(0, |(_, high)| high + 1) as usize;
        let tensor = Tensor::place(dtype, view, length);
        tensor.fill(values);
        tensor
    }

    fn place(dtype: DType, view: View, length: usize) -> Tensor {
        let buffer = CpuDevice::new().alloc(length * dtype.size()).unwrap();
        Tensor { dtype, view, buffer }
    }

    fn positions(&self) -> Vec<usize> {
        let at = |mut i: usize| {
            let mut at = self.view.offset;
            for (&n, &s) in self.view.shape.iter().zip(&self.view.strides).rev() {
                at += (i % n) as isize * s;
                i /= n;
            }
            at as usize
        };
        (0..self.view.numel()).map(at).collect()
    }

    /// Writes values in row-major order.
    pub(crate) fn fill(&self, values: &[Scalar]) {
        let size = self.dtype.size();
        let mut bytes = vec![0x5a; self.buffer.len()];
        let mut element = Vec::new();
        for (at, value) in self.positions().into_iter().zip(values) {
            element.clear();
            value.write(self.dtype, &mut element);
            bytes[at * size..(at + 1) * size].copy_from_slice(&element);
        }
        CpuDevice::new().upload(&bytes, &self.buffer).unwrap();
    }

    /// The values in row-major order.
    pub(crate) fn values(&self) -> Vec<Scalar> {
        let size = self.dtype.size();
        let mut bytes = vec![0; self.buffer.len()];
        CpuDevice::new().download(&self.buffer, &mut bytes).unwrap();
        self.positions().into_iter().map(|at| Scalar::read(self.dtype, &bytes[at * size..])).collect()
    }

    /// How buffer `buffer` of a launch is accessed over this tensor's own dimensions.
    pub(crate) fn access(&self, buffer: u32) -> Access {
        Access { buffer, offset: self.view.offset, strides: self.view.strides.clone(), gather: vec![] }
    }
}

/// Launches a kernel whose reads and writes all step through `dims` as their own dimensions.
pub(crate) fn run(
    kernel: &Kernel,
    dims: &[usize],
    reads: &[&Tensor],
    writes: &[&Tensor],
    ints: &[usize],
) -> Result<()> {
    let access = |(i, tensor): (usize, &&Tensor)| tensor.access(i as u32);
    let launch = Launch {
        dims: dims.into(),
        reads: reads.iter().enumerate().map(access).collect(),
        writes: writes.iter().enumerate().map(|(i, t)| t.access((reads.len() + i) as u32)).collect(),
        ints: ints.to_vec(),
    };
    let buffers: Vec<Buffer> = reads.iter().chain(writes).map(|t| t.buffer.clone()).collect();
    CpuDevice::new().compile(kernel)?.launch(&launch, &buffers, &[])
}

/// Whether two numbers are the same, NaN being NaN.
pub(crate) fn same(a: Scalar, b: Scalar) -> bool {
    match (a, b) {
        (Scalar::Float(a), Scalar::Float(b)) => a == b || a.is_nan() && b.is_nan(),
        (a, b) => a == b,
    }
}

/// Fails naming the first difference.
pub(crate) fn assert_same(got: &[Scalar], expected: &[Scalar], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (i, (&g, &e)) in got.iter().zip(expected).enumerate() {
        assert!(same(g, e), "{what}: {g} instead of {e} at {i}");
    }
}

/// The coordinates of a point counted in row-major order.
pub(crate) fn coordinates(mut i: usize, dims: &[usize]) -> Vec<usize> {
    let mut at: Vec<usize> = dims.iter().rev().map(|n| (i % n, i /= n).0).collect();
    at.reverse();
    at
}
