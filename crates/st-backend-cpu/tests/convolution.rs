//! Convolutions, their gradients and epilogues against naive loops; numbers are small, so every sum is exact.

mod common;

use common::epilogue::{AFTER, After, Part, body, exact};
use common::{Rng, Tensor, assert_same, coordinates};
use st_backend_cpu::CpuDevice;
use st_kernel::{ConvKind, DType, Device, Kernel, Launch};

/// Sizes as a launch gives them.
struct Sizes {
    batch: usize,
    groups: usize,
    in_group: usize,
    out_group: usize,
    /// Input, kernel, output, stride, padding, dilation.
    windows: Vec<[usize; 6]>,
}

impl Sizes {
    fn random(rng: &mut Rng, spatial: usize, most: usize) -> Sizes {
        let window = |rng: &mut Rng| {
            let (kernel, stride, dilation) = (1 + rng.below(3), 1 + rng.below(3), 1 + rng.below(2));
            let reach = dilation * (kernel - 1) + 1;
            let (padding, input) = (rng.below(reach), reach + rng.below(most));
            [input, kernel, (input + 2 * padding - reach) / stride + 1, stride, padding, dilation]
        };
        Sizes {
            batch: 1 + rng.below(3),
            groups: 1 + rng.below(2),
            in_group: 1 + rng.below(4),
            out_group: 1 + rng.below(5),
            windows: (0..spatial).map(|_| window(rng)).collect(),
        }
    }

    fn dims(&self, first: usize, second: usize, size: usize) -> Vec<usize> {
        [first, second].into_iter().chain(self.windows.iter().map(|w| w[size])).collect()
    }

    /// Shapes of input, weight and output.
    fn shapes(&self) -> [Vec<usize>; 3] {
        [
            self.dims(self.batch, self.groups * self.in_group, 0),
            self.dims(self.groups * self.out_group, self.in_group, 1),
            self.dims(self.batch, self.groups * self.out_group, 2),
        ]
    }

    /// Calls `f` with the flat positions of input, weight and output wherever they meet.
    fn each(&self, mut f: impl FnMut(usize, usize, usize)) {
        let [input, weight, output] = self.shapes();
        let flat = |dims: &[usize], at: &[usize]| at.iter().zip(dims).fold(0, |flat, (&c, &n)| flat * n + c);
        for o in 0..output.iter().product() {
            let at = coordinates(o, &output);
            let group = at[1] / self.out_group;
            for w in 0..weight[1..].iter().product() {
                let tap = coordinates(w, &weight[1..]);
                let mut from = vec![at[0], group * self.in_group + tap[0]];
                from.extend(self.windows.iter().enumerate().map(
                    |(d, &[_, _, _, stride, padding, dilation])| {
                        (at[2 + d] * stride + tap[1 + d] * dilation).wrapping_sub(padding)
                    },
                ));
                if from[2..].iter().zip(&input[2..]).all(|(&i, &n)| i < n) {
                    f(flat(&input, &from), at[1] * weight[1..].iter().product::<usize>() + w, o);
                }
            }
        }
    }
}

fn check(rng: &mut Rng, kind: ConvKind, dtype: DType, after: After, sizes: &Sizes, any_layout: bool) {
    let [input, weight, output] = sizes.shapes();
    let (first, second, dims) = match kind {
        ConvKind::Forward => (&input, &weight, &output),
        ConvKind::Input => (&output, &weight, &input),
        ConvKind::Weight => (&output, &input, &weight),
    };
    let all = |dims: &[usize]| (0..dims.len()).collect::<Vec<_>>();
    let mut parts =
        vec![Part::new(rng, dtype, first, all(first)), Part::new(rng, dtype, second, all(second))];
    for part in &mut parts {
        part.tensor = Tensor::new(dtype, &part.tensor.view.shape, &part.values);
    }
    if after == After::BiasResidualRelu {
        parts.push(Part::new(rng, dtype, dims, vec![1]));
        parts.push(Part::new(rng, dtype, dims, all(dims)));
    }
    let mut write = Part::new(rng, dtype, dims, all(dims));
    if !any_layout {
        write.tensor = Tensor::new(dtype, dims, &write.values);
    }
    let rank = dims.len();
    let ints = [sizes.batch, sizes.groups, sizes.in_group, sizes.out_group];
    let launch = Launch {
        dims: dims.as_slice().into(),
        reads: parts.iter().enumerate().map(|(i, part)| part.access(i, rank.max(part.dims.len()))).collect(),
        writes: vec![write.access(parts.len(), rank)],
        ints: ints.into_iter().chain(sizes.windows.iter().flatten().copied()).collect(),
    };
    let buffers: Vec<_> = parts.iter().chain([&write]).map(|part| part.tensor.buffer.clone()).collect();
    let spatial = sizes.windows.len();
    let kernel = Kernel::Conv { kind, spatial, dtype, acc: dtype.compute(), body: body(after, dtype) };
    CpuDevice::new().compile(&kernel).unwrap().launch(&launch, &buffers, &[]).unwrap();

    let mut sums = vec![0.0; dims.iter().product()];
    let [a, b] = [0, 1].map(|i| parts[i].values.iter().map(|x| x.to_f64()).collect::<Vec<_>>());
    sizes.each(|i, w, o| match kind {
        ConvKind::Forward => sums[o] += a[i] * b[w],
        ConvKind::Input => sums[i] += a[o] * b[w],
        ConvKind::Weight => sums[w] += a[o] * b[i],
    });
    let expected: Vec<_> = (0..sums.len())
        .map(|i| exact(after.apply(sums[i], dims, &coordinates(i, dims), &parts[2..]), dtype))
        .collect();
    let what = format!("{kind:?} of {dtype} {after:?} {ints:?} {:?}", sizes.windows);
    assert_same(&write.tensor.values(), &expected, &what);
}

const KINDS: [ConvKind; 3] = [ConvKind::Forward, ConvKind::Input, ConvKind::Weight];

#[test]
fn every_kind_epilogue_and_layout() {
    let mut rng = Rng(51);
    for kind in KINDS {
        for after in AFTER {
            for spatial in 1..=3 {
                for round in 0..6 {
                    let sizes = Sizes::random(&mut rng, spatial, [12, 7, 4][spatial - 1]);
                    check(&mut rng, kind, DType::F32, after, &sizes, round % 2 == 0);
                }
            }
        }
    }
}

#[test]
fn other_dtypes() {
    let mut rng = Rng(52);
    for kind in KINDS {
        for dtype in [DType::F64, DType::I32, DType::F16, DType::BF16] {
            for after in AFTER {
                let mut sizes = Sizes::random(&mut rng, 2, 4);
                // A gradient in half precision is rounded before its epilogue: keep it within the mantissa.
                (sizes.batch, sizes.in_group, sizes.out_group) = (1, sizes.in_group.min(2), 1);
                check(&mut rng, kind, dtype, after, &sizes, false);
            }
        }
    }
}

#[test]
fn large_convolutions_are_shared_by_the_threads() {
    let mut rng = Rng(53);
    let window = [24, 3, 24, 1, 1, 1];
    let sizes = Sizes { batch: 2, groups: 1, in_group: 9, out_group: 12, windows: vec![window; 2] };
    for kind in KINDS {
        check(&mut rng, kind, DType::F32, After::BiasResidualRelu, &sizes, false);
        check(&mut rng, kind, DType::F32, After::Nothing, &sizes, false);
    }
}

#[test]
fn sizes_that_do_not_fit_are_errors() {
    let kernel = Kernel::Conv {
        kind: ConvKind::Forward,
        spatial: 1,
        dtype: DType::F32,
        acc: DType::F32,
        body: body(After::Nothing, DType::F32),
    };
    let program = CpuDevice::new().compile(&kernel).unwrap();
    let tensors = [&[1, 1, 8][..], &[1, 1, 3], &[1, 1, 6]].map(|shape| Tensor::new(DType::F32, shape, &[]));
    let buffers = tensors.each_ref().map(|t| t.buffer.clone());
    let launch = |ints: &[usize], dims: &[usize]| Launch {
        dims: dims.into(),
        reads: vec![tensors[0].access(0), tensors[1].access(1)],
        writes: vec![tensors[2].access(2)],
        ints: ints.to_vec(),
    };
    let good = launch(&[1, 1, 1, 1, 8, 3, 6, 1, 0, 1], &[1, 1, 6]);
    program.launch(&good, &buffers, &[]).unwrap();
    let wrong = [
        launch(&[1, 1, 1, 1], &[1, 1, 6]),
        launch(&[1, 1, 1, 1, 8, 3, 6, 0, 0, 1], &[1, 1, 6]),
        launch(&[1, 1, 1, 1, 8, 3, 6, 1, 0, 1], &[1, 1, 7]),
        launch(&[1, 1, 1, 1, 80, 3, 6, 1, 0, 1], &[1, 1, 6]),
    ];
    wrong.iter().for_each(|launch| assert!(program.launch(launch, &buffers, &[]).is_err(), "{launch:?}"));
}
