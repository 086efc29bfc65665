//! Scatters against naive loops in row-major order.

mod common;

use common::{Rng, Tensor, assert_same, coordinates, ordered};
use st_backend_cpu::CpuDevice;
use st_kernel::{Access, Buffer, DType, Device, Error, Kernel, Launch, Result, Scalar, ScatterOp};

/// A scatter: source dimensions, where the write steps by itself, and indices with their dimensions.
struct Case {
    dims: Vec<usize>,
    /// For each dimension of the source the dimension of the target it walks, if any.
    own: Vec<Option<usize>>,
    target: Vec<usize>,
    /// For each index the dimension of the target, and the dimensions of the source it depends on.
    indices: Vec<(usize, Vec<usize>)>,
}

fn combine(op: ScatterOp, dtype: DType, old: Scalar, new: Scalar) -> Scalar {
    let (a, b) = (old, new);
    let exact = |float: f64, int: i64| {
        if dtype.is_float() { Scalar::Float(float).cast(dtype) } else { Scalar::Int(int).cast(dtype) }
    };
    let (x, y, i, j) = (a.to_f64(), b.to_f64(), a.to_i64(), b.to_i64());
    let nan = x.is_nan() || y.is_nan();
    match op {
        ScatterOp::Set => new,
        ScatterOp::Add => exact(x + y, i.wrapping_add(j)),
        ScatterOp::Prod => exact(x * y, i.wrapping_mul(j)),
        ScatterOp::Max => exact(if nan { f64::NAN } else { x.max(y) }, i.max(j)),
        ScatterOp::Min => exact(if nan { f64::NAN } else { x.min(y) }, i.min(j)),
    }
}

impl Case {
    fn index_values(&self, rng: &mut Rng) -> Vec<Vec<Scalar>> {
        let one = |(of, on): &(usize, Vec<usize>)| {
            let (count, size) = (on.iter().map(|&d| self.dims[d]).product(), self.target[*of]);
            (0..count).map(|_| Scalar::Int(rng.below(2 * size) as i64 - size as i64)).collect()
        };
        self.indices.iter().map(one).collect()
    }

    /// Launches it; gives the target before and after, the source, and what the loops compute.
    fn run(&self, rng: &mut Rng, op: ScatterOp, dtype: DType, index_values: &[Vec<Scalar>]) -> Result<()> {
        let count = |shape: &[usize]| shape.iter().product::<usize>();
        let number = |rng: &mut Rng| rng.number(dtype);
        let source_values: Vec<Scalar> = (0..count(&self.dims)).map(|_| number(rng)).collect();
        let old: Vec<Scalar> = (0..count(&self.target)).map(|_| number(rng)).collect();
        let source = Tensor::anyhow(rng, dtype, &self.dims, &source_values);
        let target = Tensor::anyhow(rng, dtype, &self.target, &old);
        let mut reads = vec![source.access(0)];
        let mut buffers: Vec<Buffer> = vec![source.buffer.clone()];
        let mut ints = Vec::new();
        // Ints are unsigned, so indexed dimensions of the target must not be walked backwards.
        if self.indices.iter().any(|(of, _)| target.view.strides[*of] < 0) {
            return self.run(rng, op, dtype, index_values);
        }
        for ((of, on), values) in self.indices.iter().zip(index_values) {
            let shape: Vec<usize> = on.iter().map(|&d| self.dims[d]).collect();
            let index = Tensor::anyhow(rng, DType::I64, &shape, values);
            let mut strides = vec![0; self.dims.len()];
            on.iter().zip(&index.view.strides).for_each(|(&d, &s)| strides[d] = s);
            let buffer = buffers.len() as u32;
            reads.push(Access { buffer, offset: index.view.offset, strides: strides.into(), gather: vec![] });
            buffers.push(index.buffer);
            ints.extend([self.target[*of], target.view.strides[*of] as usize]);
        }
        let strides = self.own.iter().map(|own| own.map_or(0, |d| target.view.strides[d])).collect();
        let write =
            Access { buffer: buffers.len() as u32, offset: target.view.offset, strides, gather: vec![] };
        buffers.push(target.buffer.clone());
        let launch = Launch { dims: self.dims.as_slice().into(), reads, writes: vec![write], ints };
        let kernel = Kernel::Scatter { op, dtype, indices: self.indices.len() };
        CpuDevice::new().compile(&kernel)?.launch(&launch, &buffers, &[])?;

        let mut expected = old;
        for (i, &value) in source_values.iter().enumerate() {
            let at: Vec<usize> = coordinates(i, &self.dims);
            let mut to = vec![0; self.target.len()];
            self.own.iter().zip(&at).for_each(|(own, &c)| own.iter().for_each(|&d| to[d] = c));
            for ((of, on), values) in self.indices.iter().zip(index_values) {
                let flat = on.iter().fold(0, |flat, &d| flat * self.dims[d] + at[d]);
                to[*of] = values[flat].to_i64().rem_euclid(self.target[*of] as i64) as usize;
            }
            let flat = to.iter().zip(&self.target).fold(0, |flat, (&c, &n)| flat * n + c);
            expected[flat] = combine(op, dtype, expected[flat], value);
        }
        let what = format!("{op:?} of {dtype}, {:?} into {:?} {:?}", self.dims, self.target, target.view);
        assert_same(&target.values(), &expected, &what);
        Ok(())
    }
}

fn cases(rng: &mut Rng) -> Vec<Case> {
    let (r, c, d, n) = (1 + rng.below(9), 1 + rng.below(40), 1 + rng.below(50), 1 + rng.below(30));
    vec![
        // index_add and the gradient of an embedding: rows.
        Case { dims: vec![n, d], own: vec![None, Some(1)], target: vec![r, d], indices: vec![(0, vec![0])] },
        // scatter along the last and along the first dimension, an index for each element.
        Case {
            dims: vec![r, n],
            own: vec![Some(0), None],
            target: vec![r, c],
            indices: vec![(1, vec![0, 1])],
        },
        Case {
            dims: vec![n, c],
            own: vec![None, Some(1)],
            target: vec![r, c],
            indices: vec![(0, vec![0, 1])],
        },
        // index_add along the middle.
        Case {
            dims: vec![r, n, c],
            own: vec![Some(0), None, Some(2)],
            target: vec![r, 3, c],
            indices: vec![(1, vec![1])],
        },
        // index_put by two indices that are broadcast together, with and without rest.
        Case {
            dims: vec![r, n],
            own: vec![None, None],
            target: vec![3, c],
            indices: vec![(0, vec![0]), (1, vec![1])],
        },
        Case {
            dims: vec![n, 4],
            own: vec![None, Some(1)],
            target: vec![r, 4, 5],
            indices: vec![(2, vec![0]), (0, vec![0])],
        },
        // A histogram.
        Case { dims: vec![n * 20], own: vec![None], target: vec![r], indices: vec![(0, vec![0])] },
    ]
}

const OPS: [ScatterOp; 5] = [ScatterOp::Set, ScatterOp::Add, ScatterOp::Prod, ScatterOp::Max, ScatterOp::Min];

#[test]
fn every_rule_dtype_and_layout() {
    let mut rng = Rng(31);
    for op in OPS {
        for dtype in ordered() {
            for case in cases(&mut rng) {
                let index_values = case.index_values(&mut rng);
                case.run(&mut rng, op, dtype, &index_values).unwrap();
            }
        }
    }
}

#[test]
fn large_scatters_are_shared_by_the_threads() {
    let mut rng = Rng(32);
    let big = [
        Case {
            dims: vec![300, 200],
            own: vec![None, Some(1)],
            target: vec![7, 200],
            indices: vec![(0, vec![0])],
        },
        Case {
            dims: vec![64, 900],
            own: vec![Some(0), None],
            target: vec![64, 50],
            indices: vec![(1, vec![0, 1])],
        },
        Case {
            dims: vec![300, 200],
            own: vec![None, Some(1)],
            target: vec![7, 200],
            indices: vec![(0, vec![0, 1])],
        },
    ];
    for case in big {
        let index_values = case.index_values(&mut rng);
        case.run(&mut rng, ScatterOp::Add, DType::F32, &index_values).unwrap();
        case.run(&mut rng, ScatterOp::Set, DType::I16, &index_values).unwrap();
    }
}

#[test]
fn an_index_out_of_range_is_an_error_that_names_it() {
    let mut rng = Rng(33);
    for case in cases(&mut rng) {
        let mut index_values = case.index_values(&mut rng);
        let size = case.target[case.indices[0].0] as i64;
        let middle = index_values[0].len() / 2;
        for wrong in [size, -size - 1] {
            index_values[0][middle] = Scalar::Int(wrong);
            let error = case.run(&mut rng, ScatterOp::Add, DType::F32, &index_values).unwrap_err();
            let Error::Index(message) = error else { panic!("{error:?}") };
            assert!(
                message.contains(&wrong.to_string()) && message.contains(&format!("size {size}")),
                "{message}"
            );
        }
    }
}
