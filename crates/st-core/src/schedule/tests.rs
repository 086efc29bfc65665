//! What is fused, and that fusing changes no bit.

use crate::graph::{Arg, Args, Node, Op};
use crate::ops::pointwise::{Operand, Pointwise, apply};
use crate::runtime::{explain, set_fusion};
use crate::tensor::Tensor;
use proptest::prelude::*;
use st_kernel::expr::{erf, exp, fmod, max};
use st_kernel::view::{Dims, View, broadcast};
use st_kernel::{
    Buffer, DType, Device, DeviceInfo, Ex, Expr, Inst, Kernel, Launch, Program, ReduceOp, Result, Scalar,
};
use std::sync::Arc;

const F32: DType = DType::F32;

fn pointwise(name: &'static str, inputs: &[&Tensor], f: impl Fn(&[Ex]) -> Ex) -> Tensor {
    let dtypes: Vec<DType> = inputs.iter().map(|t| t.dtype()).collect();
    let expr = Expr::build(&dtypes, |x| vec![f(x)]);
    let operands: Vec<Operand> = inputs.iter().map(|&t| t.into()).collect();
    apply(Pointwise::intern(name, expr, None), &operands).unwrap()
}

fn node(op: Op, inputs: &[&Tensor], shape: &[usize]) -> Tensor {
    let args: Args = inputs.iter().map(|t| t.arg()).collect();
    Tensor::from_node(Node::new(op, args, Dims::from_slice(shape), inputs[0].dtype(), 0), 0)
}

fn reduce(op: ReduceOp, x: &Tensor, axes: &[usize]) -> Tensor {
    let mut shape = Dims::from_slice(x.shape());
    axes.iter().for_each(|&a| shape[a] = 1);
    node(Op::Reduce(op, axes.iter().map(|a| 1 << a).sum()), &[x], &shape)
}

fn matmul(a: &Tensor, b: &Tensor) -> Tensor {
    let mut shape = a.shape().to_vec();
    *shape.last_mut().unwrap() = *b.shape().last().unwrap();
    node(Op::Matmul, &[a, b], &shape)
}

fn data(shape: &[usize]) -> Tensor {
    let n: usize = shape.iter().product();
    let x: Vec<f32> = (0..n).map(|i| ((i * 7919 + 13) % 1009) as f32 / 331.0 - 1.5).collect();
    Tensor::from_slice(&x, shape).unwrap()
}

fn gelu(x: &Tensor) -> Tensor {
    pointwise("gelu", &[x], |x| x[0] * 0.5 * (1.0 + erf(x[0] * std::f64::consts::FRAC_1_SQRT_2)))
}

fn add(a: &Tensor, b: &Tensor) -> Tensor {
    pointwise("add", &[a, b], |x| x[0] + x[1])
}

fn softmax(x: &Tensor, axis: usize) -> Tensor {
    let e = pointwise(
        "exp",
        &[&pointwise("sub", &[x, &reduce(ReduceOp::Max, x, &[axis])], |x| x[0] - x[1])],
        |x| exp(x[0]),
    );
    let total = reduce(ReduceOp::Sum, &e, &[axis]);
    pointwise("div", &[&e, &total], |x| x[0] / x[1])
}

/// The kernels of a piece of work, and its value with and without fusion.
fn kernels(work: impl Fn() -> Tensor) -> (Vec<String>, Vec<f32>) {
    let run = || {
        let (value, report) = explain(|| {
            let t = work();
            t.storage()?;
            Ok(t)
        })
        .unwrap();
        let steps = report.steps.iter().map(|s| format!("{} {}", s.kind, s.operators)).collect::<Vec<_>>();
        (steps, value.to_vec::<f32>().unwrap())
    };
    let (steps, fused) = run();
    set_fusion(false);
    let (_, plain) = run();
    set_fusion(true);
    assert_eq!(fused.len(), plain.len());
    for (i, (a, b)) in fused.iter().zip(&plain).enumerate() {
        assert!(
            (a - b).abs() <= 1e-5 * b.abs().max(1.0) || a.to_bits() == b.to_bits(),
            "element {i}: {a} and {b}"
        );
    }
    (steps, fused)
}

#[test]
fn a_chain_is_one_loop() {
    let (x, w) = (data(&[6, 8]), data(&[8]));
    let (steps, y) = kernels(|| add(&gelu(&add(&add(&x, &x), &w)), &x));
    assert_eq!(steps, ["loop add x2+gelu+add"]);
    assert_eq!(y.len(), 48);
}

#[test]
fn views_cost_nothing() {
    let x = data(&[4, 6, 5]);
    let view = |t: &Tensor, order: &[i64]| t.permute(order).unwrap();
    let (steps, _) =
        kernels(|| add(&view(&gelu(&x), &[2, 0, 1]), &view(&gelu(&view(&x, &[0, 2, 1])), &[1, 0, 2])));
    assert_eq!(steps.len(), 1, "{steps:?}");
    let (steps, _) = kernels(|| add(&gelu(&x).reshape(&[2, 60]).unwrap(), &data(&[2, 60])));
    assert_eq!(steps.len(), 1, "{steps:?}");
    let (steps, _) =
        kernels(|| add(&gelu(&view(&x, &[1, 0, 2])).reshape(&[12, 10]).unwrap(), &data(&[12, 10])));
    assert_eq!(steps.len(), 1, "{steps:?}");
}

#[test]
fn what_follows_from_two_sums_of_the_same_columns_is_one_kernel() {
    let (x, y, w, b) = (data(&[200, 120]), data(&[200, 120]), data(&[1, 120]), data(&[1, 120]));
    let (steps, _) = kernels(|| {
        let weight = reduce(ReduceOp::Sum, &pointwise("mul", &[&x, &y], |x| x[0] * x[1]), &[0]);
        let bias = reduce(ReduceOp::Sum, &y, &[0]);
        let step = |old: &Tensor, by: &Tensor| pointwise("step", &[old, by], |x| x[0] - x[1] * 0.1);
        matmul(&step(&w, &weight), &step(&b, &bias).permute(&[1, 0]).unwrap())
    });
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert_eq!(steps[0].matches("sum").count(), 2, "{steps:?}");
    assert_eq!(steps[0].matches("step").count(), 2, "{steps:?}");
    // What follows from both waits for the first kernel alone, and nothing for itself.
    let (steps, _) = kernels(|| {
        let weight = reduce(ReduceOp::Sum, &pointwise("mul", &[&x, &y], |x| x[0] * x[1]), &[0]);
        let bias = pointwise("scale", &[&reduce(ReduceOp::Sum, &y, &[0]), &weight], |x| x[0] * x[1]);
        add(&pointwise("step", &[&w, &weight], |x| x[0] - x[1]), &gelu(&bias))
    });
    assert_eq!(steps.len(), 1, "{steps:?}");
}

#[test]
fn softmax_is_one_pass_over_rows() {
    let x = data(&[16, 33]);
    let (steps, y) = kernels(|| softmax(&x, 1));
    assert_eq!(steps, ["rows max+sub+exp+sum+div"]);
    assert!((y[..33].iter().sum::<f32>() - 1.0).abs() < 1e-5);
    // The gradient: (g - sum(g y)) y.
    let (y, g) = (data(&[16, 33]), data(&[16, 33]));
    let (steps, _) = kernels(|| {
        let dot = reduce(ReduceOp::Sum, &pointwise("mul", &[&y, &g], |x| x[0] * x[1]), &[1]);
        pointwise("back", &[&y, &g, &dot], |x| (x[1] - x[2]) * x[0])
    });
    assert_eq!(steps.len(), 1, "{steps:?}");
}

#[test]
fn norms_are_one_pass_over_rows() {
    let (x, w) = (data(&[16, 40]), data(&[40]));
    let norm = || {
        let mean = pointwise("scale", &[&reduce(ReduceOp::Sum, &x, &[1])], |x| x[0] * (1.0 / 40.0));
        let centred = pointwise("sub", &[&x, &mean], |x| x[0] - x[1]);
        let variance = reduce(ReduceOp::Sum, &pointwise("square", &[&centred], |x| x[0] * x[0]), &[1]);
        let scale = pointwise("rsqrt", &[&variance], |x| st_kernel::expr::rsqrt(x[0] * (1.0 / 40.0) + 1e-5));
        pointwise("scale", &[&centred, &scale, &w], |x| x[0] * x[1] * x[2])
    };
    let (steps, _) = kernels(norm);
    assert_eq!(steps.len(), 1, "{steps:?}");
}

#[test]
fn products_take_their_epilogues_along() {
    let (x, w, b, r) = (data(&[4, 6, 8]), data(&[1, 8, 10]), data(&[10]), data(&[4, 6, 10]));
    let w = w.expand(&[4, 8, 10]).unwrap();
    let (steps, _) =
        kernels(|| add(&pointwise("relu", &[&add(&matmul(&x, &w), &b)], |x| max(x[0], 0.0)), &r));
    assert_eq!(steps, ["matmul matmul+add+relu+add"]);
    // A reshape between product and epilogue.
    let (flat, square) = (data(&[24, 8]), data(&[8, 10]));
    let (steps, _) = kernels(|| add(&matmul(&flat, &square).reshape(&[4, 6, 10]).unwrap(), &r));
    assert_eq!(steps, ["matmul matmul+add"]);
}

#[test]
fn what_two_want_is_computed_once() {
    let x = data(&[300]);
    let (steps, _) = kernels(|| {
        let h = gelu(&x);
        let total = reduce(ReduceOp::Sum, &h, &[0]);
        let product = matmul(&h.reshape(&[3, 100]).unwrap(), &h.reshape(&[100, 3]).unwrap());
        add(&add(&product, &total), &reduce(ReduceOp::Max, &h, &[0]))
    });
    assert_eq!(steps.iter().filter(|s| s.contains("gelu")).count(), 1, "{steps:?}");
}

#[test]
fn joined_tensors_share_memory() {
    let (a, b) = (data(&[2, 3]), data(&[4, 3]));
    let (steps, y) = kernels(|| {
        let empty = Tensor::empty(&[6, 3], F32, 0).unwrap();
        let view = |start: usize, n: usize| Box::new(View::contiguous(&[6, 3]).slice(0, start, n, 1));
        let one = node(Op::Assign(view(0, 2)), &[&empty, &gelu(&a)], &[6, 3]);
        node(Op::Assign(view(2, 4)), &[&one, &b], &[6, 3])
    });
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert_eq!(y[6..], data(&[4, 3]).to_vec::<f32>().unwrap());
}

#[test]
fn writing_spares_what_others_hold() {
    let base = data(&[4]);
    let view = Box::new(View::contiguous(&[4]).slice(0, 1, 2, 1));
    let written = node(Op::Assign(view), &[&base, &data(&[2])], &[4]);
    let before = base.to_vec::<f32>().unwrap();
    written.storage().unwrap();
    assert_eq!(base.to_vec::<f32>().unwrap(), before);
    assert_ne!(written.to_vec::<f32>().unwrap(), before);
}

#[test]
fn plans_are_found_again_whatever_the_numbers() -> Result<()> {
    let x = data(&[5]);
    let step = |k: f32| {
        let scaled = Expr::build(&[F32, F32], |x| vec![x[0] * x[1]]);
        apply(Pointwise::intern("mul", scaled, None), &[(&x).into(), k.into()])?.to_vec::<f32>()
    };
    let first = step(2.0)?;
    let snapshot = |t: &Tensor| {
        let mut snapshot = crate::schedule::Snapshot::default();
        snapshot.take([t.0.storage.node().0].iter());
        snapshot.fingerprint()
    };
    let (a, b) = (add(&x, &x), add(&x, &x));
    assert_eq!(snapshot(&a), snapshot(&b));
    assert_ne!(snapshot(&a), snapshot(&gelu(&x)));
    let second = step(4.0)?;
    assert!(first.iter().zip(&second).all(|(a, b)| 2.0 * a == *b), "{first:?} {second:?}");
    Ok(())
}

#[test]
fn positions_follow_the_views() {
    let range = |shape: &[usize]| {
        let expr = Expr::build(&[], |_| vec![Ex::position().cast(F32)]);
        let node = Node::new(
            Op::Pointwise(Pointwise::intern("range", expr, None)),
            Args::new(),
            Dims::from_slice(shape),
            F32,
            0,
        );
        Tensor::from_node(node, 0)
    };
    let (steps, y) = kernels(|| gelu(&range(&[3, 4]).permute(&[1, 0]).unwrap()));
    assert_eq!(steps.len(), 1);
    assert_eq!(y[0], 0.0);
    let (_, y) = kernels(|| {
        add(&range(&[3, 4]).permute(&[1, 0]).unwrap(), &Tensor::full(&[4, 3], 0.0, F32, 0).unwrap())
    });
    assert_eq!(y, [0.0, 4.0, 8.0, 1.0, 5.0, 9.0, 2.0, 6.0, 10.0, 3.0, 7.0, 11.0]);
}

#[test]
fn long_chains_do_not_overflow_the_stack() {
    let mut x = data(&[4]);
    for _ in 0..20_000 {
        x = pointwise("scale", &[&x], |x| x[0] * 0.999);
    }
    assert!(x.to_vec::<f32>().unwrap().iter().all(|v| v.abs() < 1e-6));
}

/// A step of a random program: an operator applied to tensors made before.
#[derive(Clone, Copy, Debug)]
enum Act {
    Add(usize, usize),
    Max(usize, usize),
    Halve(usize),
    Permute(usize, usize),
    Reshape(usize, usize),
    Slice(usize, usize),
    Flip(usize, usize),
    Reduce(usize, usize, bool),
    Expand(usize),
    Product(usize),
    Assign(usize, usize),
    Position(usize),
    Keep(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let n = 0usize..64;
    let act = prop_oneof![
        4 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Add(a, b)),
        2 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Max(a, b)),
        2 => n.clone().prop_map(Act::Halve),
        2 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Permute(a, b)),
        2 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Reshape(a, b)),
        1 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Slice(a, b)),
        1 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Flip(a, b)),
        3 => (n.clone(), n.clone(), any::<bool>()).prop_map(|(a, b, c)| Act::Reduce(a, b, c)),
        1 => n.clone().prop_map(Act::Expand),
        1 => n.clone().prop_map(Act::Product),
        2 => (n.clone(), n.clone()).prop_map(|(a, b)| Act::Assign(a, b)),
        1 => n.clone().prop_map(Act::Position),
        1 => n.prop_map(Act::Keep),
    ];
    prop::collection::vec(act, 1..24)
}

/// Runs a program on whole numbers small enough that every sum is exact, whatever its order.
fn run_program(acts: &[Act]) -> Vec<Vec<f32>> {
    let small = |shape: &[usize], seed: usize| {
        let n: usize = shape.iter().product();
        let x: Vec<f32> = (0..n).map(|i| ((i * 37 + seed * 11) % 13) as f32 - 6.0).collect();
        Tensor::from_slice(&x, shape).unwrap()
    };
    let mut made = vec![small(&[4, 6], 1), small(&[6], 2), small(&[2, 3, 4], 3), small(&[4, 1], 4)];
    let mut kept = Vec::new();
    let pick = |made: &[Tensor], i: usize| made[made.len() - 1 - i % made.len()].clone();
    for &act in acts {
        let next = match act {
            Act::Add(a, b) | Act::Max(a, b) => {
                let (x, y) = (pick(&made, a), pick(&made, b));
                if broadcast(x.shape(), y.shape()).is_none_or(|s| s.iter().product::<usize>() > 600) {
                    continue;
                }
                // The remainder keeps numbers small.
                let small = |x: Ex| fmod(x, 101.0);
                match act {
                    Act::Add(..) => pointwise("add", &[&x, &y], |x| small(x[0] + x[1])),
                    _ => pointwise("max", &[&x, &y], |x| max(x[0], x[1])),
                }
            }
            Act::Halve(a) => pointwise("halve", &[&pick(&made, a)], |x| st_kernel::expr::floor(x[0] * 0.5)),
            Act::Position(a) => {
                pointwise("position", &[&pick(&made, a)], |x| fmod(x[0] + Ex::position().cast(F32), 101.0))
            }
            Act::Permute(a, k) => {
                let x = pick(&made, a);
                let mut order: Vec<i64> = (0..x.dim() as i64).collect();
                order.rotate_left(k % x.dim().max(1));
                x.permute(&order).unwrap()
            }
            Act::Reshape(a, k) => {
                let x = pick(&made, a);
                let n = x.numel() as i64;
                let shapes = [vec![n], vec![n, 1], vec![2, -1], vec![3, -1], vec![-1, 4], vec![2, 2, -1]];
                let shape = &shapes[k % shapes.len()];
                let known: i64 = shape.iter().filter(|&&s| s > 0).product();
                if n % known != 0 {
                    continue;
                }
                x.reshape(shape).unwrap()
            }
            Act::Slice(a, k) => {
                let x = pick(&made, a);
                if x.dim() == 0 {
                    continue;
                }
                x.slice((k % x.dim()) as i64, Some((k % 2) as i64), None, 1 + (k % 3) as i64).unwrap()
            }
            Act::Flip(a, k) => {
                let x = pick(&made, a);
                if x.dim() == 0 {
                    continue;
                }
                let view = x.reversed(&[k % x.dim()]);
                pointwise("flip", &[&x.alias(view)], |x| x[0])
            }
            Act::Reduce(a, k, largest) => {
                let x = pick(&made, a);
                if x.dim() == 0 || x.numel() == 0 {
                    continue;
                }
                let axes: Vec<usize> = if k % 3 == 0 { (0..x.dim()).collect() } else { vec![k % x.dim()] };
                let op = if largest { ReduceOp::Max } else { ReduceOp::Sum };
                pointwise("small", &[&reduce(op, &x, &axes)], |x| fmod(x[0], 101.0))
            }
            Act::Expand(a) => {
                let x = pick(&made, a);
                if x.numel() > 100 {
                    continue;
                }
                let sizes: Vec<i64> = [2].into_iter().chain(x.shape().iter().map(|&n| n as i64)).collect();
                x.expand(&sizes).unwrap()
            }
            Act::Product(a) => {
                let x = pick(&made, a);
                if x.dim() != 2 || x.numel() == 0 {
                    continue;
                }
                let y = matmul(&x, &x.permute(&[1, 0]).unwrap());
                pointwise("small", &[&y], |x| fmod(x[0], 101.0))
            }
            Act::Assign(a, b) => {
                let (base, value) = (pick(&made, a), pick(&made, b));
                if base.dim() == 0 || base.shape()[0] < 2 {
                    continue;
                }
                let base = base.contiguous().unwrap();
                if base.0.storage.numel != base.numel() {
                    continue;
                }
                let view = View::contiguous(base.shape()).slice(0, 1, base.shape()[0] / 2, 1);
                if broadcast(&view.shape, value.shape()).as_deref() != Some(&view.shape[..]) {
                    continue;
                }
                let value = value.expand(&view.shape.iter().map(|&n| n as i64).collect::<Vec<_>>()).unwrap();
                node(Op::Assign(Box::new(view)), &[&base, &value], base.shape())
            }
            Act::Keep(a) => {
                kept.push(pick(&made, a));
                continue;
            }
        };
        made.push(next);
    }
    kept.extend(made.pop());
    drop(made);
    kept.iter().map(|t| t.to_vec::<f32>().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn fusing_changes_no_bit(acts in acts()) {
        let fused = run_program(&acts);
        set_fusion(false);
        let plain = run_program(&acts);
        set_fusion(true);
        prop_assert_eq!(fused, plain);
    }
}

#[test]
fn sums_of_the_same_memory_are_one_kernel() {
    let (x, g) = (data(&[64, 512]), data(&[64, 512]));
    let (steps, _) = kernels(|| {
        let (bias, scale) = (
            reduce(ReduceOp::Sum, &g, &[0]),
            reduce(ReduceOp::Sum, &pointwise("mul", &[&x, &g], |x| x[0] * x[1]), &[0]),
        );
        let both = [bias.storage(), scale.storage()];
        assert!(both.iter().all(Result::is_ok));
        add(&bias, &scale)
    });
    assert_eq!(steps.len(), 3, "run one by one: {steps:?}");
    let (steps, _) = kernels(|| {
        let halves = pointwise("halve", &[&reduce(ReduceOp::Sum, &g, &[0])], |x| x[0] * 0.5);
        let scale = reduce(ReduceOp::Sum, &pointwise("mul", &[&x, &g], |x| x[0] * x[1]), &[0]);
        crate::runtime::realize(&[scale.clone(), halves.clone()]).unwrap();
        add(&halves, &scale)
    });
    assert_eq!(steps.len(), 2, "{steps:?}");
    // Each is followed by work of its own, as gradients are by an optimizer's.
    let (steps, _) = kernels(|| {
        let halves = |x: &Tensor| pointwise("halve", &[&reduce(ReduceOp::Sum, x, &[0])], |x| x[0] * 0.5);
        let (bias, scale) = (halves(&g), halves(&pointwise("mul", &[&x, &g], |x| x[0] * x[1])));
        crate::runtime::realize(&[bias.clone(), scale.clone()]).unwrap();
        add(&bias, &scale)
    });
    assert_eq!(steps.iter().filter(|s| s.contains("sum")).count(), 1, "{steps:?}");
}

#[test]
fn what_follows_from_rows_is_stored_with_them() {
    // A gradient of a norm or of a softmax: others want it, and its columns are summed.
    let (x, g) = (data(&[64, 512]), data(&[64, 512]));
    let (steps, _) = kernels(|| {
        let dot = reduce(ReduceOp::Sum, &pointwise("mul", &[&x, &g], |x| x[0] * x[1]), &[1]);
        let gradient = pointwise("back", &[&x, &g, &dot], |x| x[1] - x[0] * x[2]);
        let columns = reduce(ReduceOp::Sum, &gradient, &[0]);
        crate::runtime::realize(&[gradient.clone(), columns.clone()]).unwrap();
        add(&gradient, &columns)
    });
    assert_eq!(steps[..2], ["rows mul+sum+back", "reduce sum"], "{steps:?}");
}

#[test]
fn numbers_that_are_narrowed_back_are_what_they_were() {
    let cast = |x: &Tensor, to: DType| pointwise("cast", &[x], |x| x[0].cast(to));
    let half = cast(&data(&[8, 8]), DType::F16);
    half.storage().unwrap();
    let product = |x: &Tensor| cast(&matmul(x, x), F32);
    let (plain, direct) = kernels(|| product(&half));
    let (steps, back) = kernels(|| product(&cast(&cast(&half, F32), DType::F16)));
    assert_eq!((steps, back), (plain, direct));
    // Elsewhere both are needed: here the second rounds, there the order is another one.
    let third = pointwise("third", &[&data(&[8, 8])], |x| x[0] / 3.0);
    let (_, rounded) = kernels(|| cast(&cast(&third, DType::F16), F32));
    assert_ne!(rounded, third.to_vec::<f32>().unwrap());
    let turned = |x: &Tensor| cast(&cast(x, F32).permute(&[1, 0]).unwrap(), DType::F16);
    let (_, turned) = kernels(|| product(&turned(&half)));
    let (_, wanted) = kernels(|| product(&half.permute(&[1, 0]).unwrap().contiguous().unwrap()));
    assert_eq!(turned, wanted);
}

/// The kernels of a plan, and the sizes that each is launched with, for a device that sums columns where it walks rows, and
/// whose products want narrow biases.
fn planned(roots: &[Tensor]) -> Vec<(Kernel, Dims)> {
    struct Nothing;
    impl Program for Nothing {
        fn launch(&self, _: &Launch, _: &[Buffer], _: &[Scalar]) -> Result<()> {
            Ok(())
        }
    }
    let node = |root: &Tensor| match root.arg() {
        Arg::Of { node, .. } => node,
        Arg::Number(_) => unreachable!("it is a tensor"),
    };
    let nodes: Vec<_> = roots.iter().map(node).collect();
    let mut snapshot = super::Snapshot::default();
    snapshot.take(nodes.iter());
    let info =
        DeviceInfo { sums_down: true, adds_bias: true, ..st_backend_cpu::CpuDevice::new().info().clone() };
    let mut kernels = Vec::new();
    let mut compile = |kernel: &Kernel| -> Result<Arc<dyn Program>> {
        kernels.push(kernel.clone());
        Ok(Arc::new(Nothing))
    };
    let plan = super::plan(&snapshot, true, &info, &mut compile).unwrap();
    kernels.into_iter().zip(plan.steps.into_iter().map(|step| step.launch.dims.clone())).collect()
}

#[test]
fn columns_are_summed_where_rows_are_walked() {
    let sums_down = |kernel: &Kernel| {
        let body = kernel.body().expect("they are loops");
        body.insts.iter().filter(|(inst, _)| matches!(inst, Inst::Down(_))).count()
    };
    let roots = |rows: usize| {
        let (x, g) = (data(&[rows, 96]), data(&[rows, 96]));
        let scaled = pointwise("scale", &[&x], |x| x[0] * 3.0);
        let dot = reduce(ReduceOp::Sum, &pointwise("mul", &[&scaled, &g], |x| x[0] * x[1]), &[1]);
        let back = pointwise("back", &[&scaled, &g, &dot], |x| x[1] - x[0] * x[2]);
        let weight = reduce(ReduceOp::Sum, &pointwise("mul", &[&scaled, &g], |x| x[0] * x[1]), &[0]);
        let bias = reduce(ReduceOp::Sum, &back, &[0]);
        [back, weight, bias]
    };
    // Nobody holds what they are made of.
    let gradient = |rows| planned(&roots(rows));
    let all = gradient(8192);
    assert_eq!(all.iter().map(|(kernel, _)| sums_down(kernel)).sum::<usize>(), 2, "{all:?}");
    let (rows, dims) = all.iter().find(|(kernel, _)| sums_down(kernel) > 0).expect("one does");
    assert_eq!(dims[..], [1024, 8, 96]);
    // What only the sums would have read again is not stored.
    assert_eq!(rows.body().expect("it has one").stores.len(), 3, "{rows:?}");
    // What is left of both sums is one kernel.
    let others: Vec<_> = all.iter().filter(|(kernel, _)| sums_down(kernel) == 0).collect();
    let [(rest, dims)] = &others[..] else { panic!("{all:?}") };
    assert_eq!((rest.body().expect("it is a loop").stores.len(), &dims[..]), (2, &[96, 1024][..]));
    // Too few rows for blocks of them, and a number of rows that has no blocks.
    for rows in [200, 8191] {
        assert!(gradient(rows).iter().all(|(kernel, _)| sums_down(kernel) == 0));
    }
}

#[test]
fn biases_are_rounded_by_one_kernel() {
    let half = |x: &Tensor| pointwise("cast", &[x], |x| x[0].cast(DType::F16));
    let product = |x: &Tensor, bias: &Tensor| {
        let weight = half(&data(&[64, 64]));
        weight.storage().unwrap();
        let sums = x.wide_matmul(&weight).unwrap();
        pointwise("add", &[&sums, &half(bias)], |x| (x[0] + x[1].cast(F32)).cast(DType::F16))
    };
    let network = |bias: &dyn Fn() -> Tensor| {
        let x = half(&data(&[32, 64]));
        x.storage().unwrap();
        planned(&[(0..3).fold(x, |x, _| product(&x, &bias()))])
    };
    let wide_reads = |kernel: &Kernel| {
        let body = kernel.body().expect("it has one");
        body.reads.iter().filter(|dtype| **dtype == F32).count()
    };
    let all = network(&|| data(&[1, 64]));
    let (products, loops): (Vec<_>, Vec<_>) =
        all.iter().partition(|(kernel, _)| matches!(kernel, Kernel::Matmul { .. }));
    assert!(products.len() == 3 && products.iter().all(|(kernel, _)| wide_reads(kernel) == 0), "{all:?}");
    let [(rounding, dims)] = &loops[..] else { panic!("{all:?}") };
    assert_eq!((wide_reads(rounding), &dims[..]), (3, &[64][..]));
    // What is computed in this run, or differs from row to row, is rounded where it is added.
    let computed = || pointwise("double", &[&data(&[1, 64])], |x| x[0] * 2.0);
    for all in [network(&computed), network(&|| data(&[32, 64]))] {
        assert!(all.iter().all(|(kernel, _)| matches!(kernel, Kernel::Matmul { .. })), "{all:?}");
    }
}

#[test]
fn casts_of_memory_are_some_at_a_time() {
    let half = |x: &Tensor| pointwise("cast", &[x], |x| x[0].cast(DType::F16));
    let stores = |kernel: &Kernel| kernel.body().expect("it is a loop").stores.len();
    let counts = |side: usize| {
        let all: Vec<Tensor> = (0..6).map(|_| half(&data(&[side, 128]))).collect();
        planned(&all).iter().map(|(kernel, _)| stores(kernel)).collect::<Vec<_>>()
    };
    assert_eq!(counts(256), [4, 2]);
    assert_eq!(counts(128), [6]);
    // One that follows another kernel is done after it, and one of other sizes alone.
    let (x, y) = (data(&[256, 128]), data(&[256, 128]));
    let sums = reduce(ReduceOp::Sum, &data(&[256, 128, 40]), &[2]).reshape(&[256, 128]).unwrap();
    let all = planned(&[half(&x), half(&sums), half(&data(&[128, 128])), half(&y), sums]);
    let mut found: Vec<usize> = all.iter().map(|(kernel, _)| stores(kernel)).collect();
    found.sort_unstable();
    assert_eq!(found, [1, 2, 2], "{all:?}");
}
