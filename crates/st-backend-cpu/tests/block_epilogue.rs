//! Bodies run on tiles of another kernel's result, and what launches refuse.

mod support;

use st_backend_cpu::block::{Epilogue, compile};
use st_kernel::{Body, Buffer, DType, Error, Inst, Kernel, Launch, Prim, Scalar, Store, Val};
use support::{access, buffer, call, numbers, points, random};

/// `gelu`-like work on the hole: bias by column, scale by row, a residual, stored transposed and as a cast.
fn body() -> Body {
    let f = DType::F32;
    let insts = vec![
        (Inst::Hole(0), f),
        (Inst::Load(2), f),
        (call(Prim::Add, &[0, 1]), f),
        (Inst::Load(3), f),
        (call(Prim::Mul, &[2, 3]), f),
        (Inst::Load(4), DType::BF16),
        (Inst::Cast(Val(5)), f),
        (call(Prim::Add, &[4, 6]), f),
        (Inst::Param(0), f),
        (call(Prim::Max, &[7, 8]), f),
        (Inst::Cast(Val(9)), DType::BF16),
    ];
    let reads = vec![f, f, f, f, DType::BF16];
    let stores = vec![Store { value: Val(9), per_row: false }, Store { value: Val(10), per_row: false }];
    Body { insts, reads, params: vec![f], stores }
}

#[test]
fn tiles_of_every_size_cover_the_result() {
    let (batch, m, n) = (2, 37, 1300);
    let (bm, mn) = ((batch * m) as isize, (m * n) as isize);
    let hole: Vec<f32> = random(batch * m * n, 1).iter().map(|x| x.to_f64() as f32).collect();
    let f = DType::F32;
    let memory = [
        (f, vec![]),
        (f, vec![]),
        (f, random(n, 2)),
        (f, random(batch * m, 3)),
        (DType::BF16, random(batch * m * n, 4).iter().map(|x| x.cast(DType::BF16)).collect()),
        (f, vec![Scalar::Int(0); batch * m * n]),
        (DType::BF16, vec![Scalar::Int(0); batch * m * n]),
    ];
    // The last dimension is the product's own and no business of the epilogue.
    let launch = Launch {
        dims: [batch, m, n, 99].as_slice().into(),
        reads: vec![
            access(0, &[0, 99, 0, 1]),
            access(1, &[0, 0, 1, n as isize]),
            access(2, &[0, 0, 1, 0]),
            access(3, &[m as isize, 1, 0, 0]),
            access(4, &[mn, n as isize, 1, 0]),
        ],
        writes: vec![access(5, &[mn, n as isize, 1, 0]), access(6, &[m as isize, 1, bm, 0])],
        ints: vec![],
    };
    let epilogue = Epilogue::compile(&body()).expect("it compiles");
    for (height, width, ld) in [(37, 1300, 1300), (6, 64, 64), (5, 700, 711), (1, 1, 3), (37, 17, 40)] {
        let buffers: Vec<Buffer> = memory.iter().map(|(d, v)| buffer(*d, v)).collect();
        let run = epilogue.bind(&launch, 3, &buffers, &[Scalar::Float(-0.5)]).expect("it fits");
        for origin in points(&[batch, m.div_ceil(height), n.div_ceil(width)]) {
            let (b, i, j) = (origin[0], origin[1] * height, origin[2] * width);
            let (rows, cols) = (height.min(m - i), width.min(n - j));
            let mut tile = vec![f32::NAN; rows * ld];
            for r in 0..rows {
                let from = (b * m + i + r) * n + j;
                tile[r * ld..][..cols].copy_from_slice(&hole[from..from + cols]);
            }
            // SAFETY: the tile lies inside the dimensions and has `ld` numbers for each row.
            unsafe { run.tile(&[b, i, j], rows, cols, tile.as_ptr().cast(), ld) };
        }
        run.finish().expect("nothing goes wrong");
        let (got, narrow) = (numbers(f, &buffers[5]), numbers(DType::BF16, &buffers[6]));
        let number = |buffer: usize, i: usize| memory[buffer].1[i].to_f64() as f32;
        for p in points(&[batch, m, n]) {
            let at = (p[0] * m + p[1]) * n + p[2];
            let sum = (hole[at] + number(2, p[2])) * number(3, p[0] * m + p[1]) + number(4, at);
            let expected = Scalar::from(sum.max(-0.5));
            assert_eq!(got[at], expected, "{p:?} in tiles of {height} x {width}");
            let rounded = Scalar::from(half::bf16::from_f32(sum.max(-0.5)).to_f32());
            assert_eq!(narrow[p[2] * batch * m + p[0] * m + p[1]], rounded, "{p:?}");
        }
    }
}

/// `table[index]` for an index tensor of four.
fn lookup(indices: [i64; 4], size: usize) -> Result<Vec<Scalar>, Error> {
    let insts = vec![(Inst::Load(0), DType::I64), (Inst::Gather(1, vec![Val(0)].into()), DType::F32)];
    let stores = vec![Store { value: Val(1), per_row: false }];
    let body = Body { insts, reads: vec![DType::I64, DType::F32], params: vec![], stores };
    let program = compile(&Kernel::Loop { outer: 1, inner: 0, row_reads: vec![false; 2], body })?;
    let mut launch = Launch {
        dims: [4].as_slice().into(),
        reads: vec![access(0, &[1]), access(1, &[0])],
        writes: vec![access(2, &[1])],
        ints: vec![],
    };
    launch.reads[1].gather = vec![(size, 1)];
    let buffers = [
        buffer(DType::I64, &indices.map(Scalar::Int)),
        buffer(DType::F32, &(0..size).map(Scalar::from).collect::<Vec<_>>()),
        buffer(DType::F32, &[Scalar::Int(0); 4]),
    ];
    program.launch(&launch, &buffers, &[])?;
    Ok(numbers(DType::F32, &buffers[2]))
}

#[test]
fn an_index_outside_its_dimension_is_named() {
    let numbers: Vec<f64> =
        lookup([0, 2, -1, -3], 3).expect("all are inside").iter().map(|x| x.to_f64()).collect();
    assert_eq!(numbers, [0.0, 2.0, 2.0, 0.0]);
    for (indices, bad) in [([0, 3, 1, 5], 3), ([0, 1, -4, 9], -4), ([i64::MIN, 0, 0, 0], i64::MIN)] {
        let error = lookup(indices, 3).expect_err("one is outside");
        assert!(matches!(error, Error::Index(_)));
        assert!(
            error.message().contains(&format!("index {bad} ")) && error.message().contains("size 3"),
            "{error}"
        );
    }
    assert!(matches!(lookup([0; 4], 0), Err(Error::Index(_))));
}

#[test]
fn launches_that_do_not_fit_are_refused() {
    let case = support::softmax(&[4, 5], &[0, 1], 1);
    let refused = |change: &dyn Fn(&mut support::Case)| {
        let mut case = case.clone();
        change(&mut case);
        matches!(case.run(), Err(Error::Runtime(_)))
    };
    assert!(!refused(&|_| ()));
    assert!(refused(&|c| c.launch.reads[0].offset = 1));
    assert!(refused(&|c| c.launch.reads[0].offset = -1));
    assert!(refused(&|c| c.launch.writes[0].strides[1] = 2));
    assert!(refused(&|c| c.launch.writes[1].strides[0] = -1));
    assert!(refused(&|c| c.launch.dims[0] = 5));
    assert!(refused(&|c| _ = c.launch.reads.pop()));
    assert!(refused(&|c| c.launch.reads[0].buffer = 9));
    assert!(refused(&|c| _ = c.launch.reads[0].strides.pop()));
    assert!(refused(&|c| c.body.insts[3].1 = DType::I64));
    assert!(refused(&|c| c.body.insts[0] = (Inst::Hole(0), DType::F32)));
}
