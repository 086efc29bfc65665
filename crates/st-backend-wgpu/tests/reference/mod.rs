//! What kernels mean, one element after the other in double precision: slow, plain, and independent of any backend.

use st_kernel::{Access, Body, DType, Inst, Kernel, Launch, ReduceOp, Scalar, ScanOp, Val};

/// The host's memory of a launch's buffers: a dtype and the elements of each.
pub type Memory = Vec<(DType, Vec<Scalar>)>;

/// Does what a launch of a kernel does.
pub fn run(kernel: &Kernel, launch: &Launch, memory: &mut Memory, params: &[Scalar]) {
    match kernel {
        Kernel::Loop { outer, body, .. } => loops(*outer, body, launch, memory),
        Kernel::Matmul { batch, body, .. } => product(*batch, body, launch, memory),
        Kernel::Scan { op, .. } => lines(launch, |line| scan(*op, launch, memory, line)),
        Kernel::Sort { descending, .. } => lines(launch, |line| sort(*descending, launch, memory, line)),
        Kernel::Attention { backward, mask, causal, .. } => {
            let scale = params[0].to_f64();
            attention(*backward, mask.is_some(), *causal, scale, launch, memory);
        }
        other => unimplemented!("{other:?}"),
    }
}

/// Calls `f` with every point of some dimensions.
fn points(dims: &[usize], mut f: impl FnMut(&[usize])) {
    for at in 0..dims.iter().product() {
        let mut rest = at;
        let mut point = vec![0; dims.len()];
        for (d, &size) in dims.iter().enumerate().rev() {
            point[d] = rest % size;
            rest /= size;
        }
        f(&point);
    }
}

fn place(access: &Access, point: &[usize]) -> usize {
    let steps: isize = point.iter().zip(&access.strides).map(|(&c, &s)| c as isize * s).sum();
    (access.offset + steps) as usize
}

fn load(memory: &Memory, access: &Access, point: &[usize]) -> Scalar {
    memory[access.buffer as usize].1[place(access, point)]
}

fn store(memory: &mut Memory, access: &Access, point: &[usize], value: Scalar) {
    let (dtype, elements) = &mut memory[access.buffer as usize];
    elements[place(access, point)] = value.cast(*dtype);
}

/// Value `v` of a body at a point, where some are known.
fn value(
    body: &Body,
    v: Val,
    launch: &Launch,
    memory: &Memory,
    point: &[usize],
    known: &[Option<Scalar>],
) -> Scalar {
    if let Some(known) = known[v.at()] {
        return known;
    }
    let (inst, dtype) = &body.insts[v.at()];
    let operand = |v: Val| value(body, v, launch, memory, point, known);
    match inst {
        Inst::Const(c) => *c,
        Inst::Call(prim, args) => {
            let args: Vec<Scalar> = args.iter().filter(|&&a| a != Val::NONE).map(|&a| operand(a)).collect();
            prim.eval(&args).cast(*dtype)
        }
        Inst::Cast(from) => operand(*from).cast(*dtype),
        Inst::Load(read) => load(memory, &launch.reads[usize::from(*read)], point),
        Inst::Coord(d) => Scalar::Int(point[usize::from(*d)] as i64),
        other => unimplemented!("{other:?}"),
    }
}

fn loops(outer: usize, body: &Body, launch: &Launch, memory: &mut Memory) {
    let (rows, inner) = launch.dims.split_at(outer);
    points(rows, |row| {
        let mut known = vec![None; body.insts.len()];
        for (i, (inst, dtype)) in body.insts.iter().enumerate() {
            let Inst::Reduce(op, of) = inst else { continue };
            let mut all = Vec::new();
            points(inner, |at| {
                all.push(value(body, *of, launch, memory, &[row, at].concat(), &known));
            });
            known[i] = Some(reduced(*op, &all).cast(*dtype));
        }
        let mut stored = Vec::new();
        for (i, s) in body.stores.iter().enumerate() {
            let each: &[usize] = if s.per_row { &[] } else { inner };
            points(each, |at| {
                let mut point = [row, at].concat();
                point.resize(launch.dims.len(), 0);
                stored.push((i, point.clone(), value(body, s.value, launch, memory, &point, &known)));
            });
        }
        stored.into_iter().for_each(|(i, point, value)| store(memory, &launch.writes[i], &point, value));
    });
}

fn reduced(op: ReduceOp, all: &[Scalar]) -> Scalar {
    let numbers = all.iter().map(|x| x.to_f64());
    let best = |wins: fn(f64, f64) -> bool| {
        (1..all.len()).fold(0, |best, i| if wins(all[i].to_f64(), all[best].to_f64()) { i } else { best })
    };
    match op {
        ReduceOp::Sum if matches!(all[0], Scalar::Int(_)) => {
            Scalar::Int(all.iter().map(|x| x.to_i64()).sum())
        }
        ReduceOp::Sum => Scalar::Float(numbers.sum()),
        ReduceOp::Prod => Scalar::Float(numbers.product()),
        ReduceOp::Max => all[best(|a, b| a > b)],
        ReduceOp::Min => all[best(|a, b| a < b)],
        ReduceOp::ArgMax => Scalar::Int(best(|a, b| a > b) as i64),
        ReduceOp::ArgMin => Scalar::Int(best(|a, b| a < b) as i64),
    }
}

fn product(batch: usize, body: &Body, launch: &Launch, memory: &mut Memory) {
    let k = launch.dims[batch + 2];
    points(&launch.dims[..batch + 2], |at| {
        let mut point = [at, &[0]].concat();
        let mut sum = 0.0;
        for p in 0..k {
            point[batch + 2] = p;
            let [a, b] = [0, 1].map(|i| load(memory, &launch.reads[i], &point).to_f64());
            sum += a * b;
        }
        let known: Vec<Option<Scalar>> = body
            .insts
            .iter()
            .map(|(inst, _)| matches!(inst, Inst::Hole(_)).then_some(Scalar::Float(sum)))
            .collect();
        for (i, s) in body.stores.iter().enumerate() {
            let value = value(body, s.value, launch, memory, &point, &known);
            store(memory, &launch.writes[i], &point, value);
        }
    });
}

/// Calls `f` with every line of the last dimension.
fn lines(launch: &Launch, f: impl FnMut(&[usize])) {
    points(&launch.dims[..launch.dims.len() - 1], f);
}

fn scan(op: ScanOp, launch: &Launch, memory: &mut Memory, line: &[usize]) {
    let mut so_far: Option<(f64, usize)> = None;
    for i in 0..*launch.dims.last().expect("there is a line") {
        let point = [line, &[i]].concat();
        let x = load(memory, &launch.reads[0], &point).to_f64();
        let (value, place) = match so_far {
            None => (x, i),
            Some((before, place)) => match op {
                ScanOp::Sum => (before + x, i),
                ScanOp::Prod => (before * x, i),
                ScanOp::Max if x >= before => (x, i),
                ScanOp::Min if x <= before => (x, i),
                ScanOp::Max | ScanOp::Min => (before, place),
                ScanOp::LogSumExp => ((before.exp() + x.exp()).ln(), i),
            },
        };
        so_far = Some((value, place));
        store(memory, &launch.writes[0], &point, Scalar::Float(value));
        if op.has_positions() {
            store(memory, &launch.writes[1], &point, Scalar::Int(place as i64));
        }
    }
}

fn sort(descending: bool, launch: &Launch, memory: &mut Memory, line: &[usize]) {
    let size = *launch.dims.last().expect("there is a line");
    let all: Vec<Scalar> =
        (0..size).map(|i| load(memory, &launch.reads[0], &[line, &[i]].concat())).collect();
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| {
        let order = all[a].to_f64().total_cmp(&all[b].to_f64());
        if descending { order.reverse() } else { order }
    });
    for (i, &from) in order.iter().take(launch.ints[0]).enumerate() {
        let point = [line, &[i]].concat();
        store(memory, &launch.writes[0], &point, all[from]);
        store(memory, &launch.writes[1], &point, Scalar::Int(from as i64));
    }
}

fn attention(backward: bool, masked: bool, causal: bool, scale: f64, launch: &Launch, memory: &mut Memory) {
    let batch = launch.dims.len() - 4;
    let &[m, n, d, dv] = &launch.dims[batch..] else { panic!("four are left") };
    let grad = &launch.reads[launch.reads.len() - 1];
    points(&launch.dims[..batch], |item| {
        let at = |memory: &Memory, access: &Access, own: [usize; 4]| {
            load(memory, access, &[item, &own].concat()).to_f64()
        };
        let mut grads = [vec![0.0; m * d], vec![0.0; n * d], vec![0.0; n * dv]];
        for i in 0..m {
            let score = |j: usize| {
                let product: f64 = (0..d)
                    .map(|c| {
                        at(memory, &launch.reads[0], [i, 0, c, 0])
                            * at(memory, &launch.reads[1], [0, j, c, 0])
                    })
                    .sum();
                let mask = if masked {
                    load(memory, &launch.reads[3], &[item, &[i, j, 0, 0]].concat())
                } else {
                    Scalar::Bool(true)
                };
                match mask {
                    _ if causal && j > i => f64::NEG_INFINITY,
                    Scalar::Bool(true) => product * scale,
                    Scalar::Bool(false) => f64::NEG_INFINITY,
                    added => product * scale + added.to_f64(),
                }
            };
            let scores: Vec<f64> = (0..n).map(score).collect();
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let shift = if most == f64::NEG_INFINITY { 0.0 } else { most };
            let total: f64 = scores.iter().map(|s| (s - shift).exp()).sum();
            let shares: Vec<f64> =
                scores.iter().map(|s| if total == 0.0 { 0.0 } else { (s - shift).exp() / total }).collect();
            let v = |j: usize, c: usize| at(memory, &launch.reads[2], [0, j, 0, c]);
            let result: Vec<f64> = (0..dv).map(|c| (0..n).map(|j| shares[j] * v(j, c)).sum()).collect();
            if !backward {
                for (c, &x) in result.iter().enumerate() {
                    store(memory, &launch.writes[0], &[item, &[i, 0, 0, c]].concat(), Scalar::Float(x));
                }
                store(
                    memory,
                    &launch.writes[1],
                    &[item, &[i, 0, 0, 0]].concat(),
                    Scalar::Float(shift + total.ln()),
                );
                continue;
            }
            let g: Vec<f64> = (0..dv).map(|c| at(memory, grad, [i, 0, 0, c])).collect();
            let dot: f64 = g.iter().zip(&result).map(|(a, b)| a * b).sum();
            for j in 0..n {
                let of_share: f64 = (0..dv).map(|c| g[c] * v(j, c)).sum();
                let of_score = shares[j] * (of_share - dot) * scale;
                for c in 0..d {
                    grads[0][i * d + c] += of_score * at(memory, &launch.reads[1], [0, j, c, 0]);
                    grads[1][j * d + c] += of_score * at(memory, &launch.reads[0], [i, 0, c, 0]);
                }
                (0..dv).for_each(|c| grads[2][j * dv + c] += shares[j] * g[c]);
            }
        }
        if backward {
            for i in 0..m {
                (0..d).for_each(|c| {
                    store(
                        memory,
                        &launch.writes[0],
                        &[item, &[i, 0, c, 0]].concat(),
                        Scalar::Float(grads[0][i * d + c]),
                    )
                });
            }
            for j in 0..n {
                (0..d).for_each(|c| {
                    store(
                        memory,
                        &launch.writes[1],
                        &[item, &[0, j, c, 0]].concat(),
                        Scalar::Float(grads[1][j * d + c]),
                    )
                });
                (0..dv).for_each(|c| {
                    store(
                        memory,
                        &launch.writes[2],
                        &[item, &[0, j, 0, c]].concat(),
                        Scalar::Float(grads[2][j * dv + c]),
                    )
                });
            }
        }
    });
}
