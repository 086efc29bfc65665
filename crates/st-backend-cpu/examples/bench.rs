use st_backend_cpu::CpuDevice;
use st_kernel::view::View;
use st_kernel::*;
use std::time::Instant;
fn time(name: &str, mut f: impl FnMut()) {
    f();
    f();
    let mut best = f64::MAX;
    let mut n = 0;
    let t0 = Instant::now();
    while n < 3 || (t0.elapsed().as_secs_f64() < 0.5 && n < 200) {
        let t = Instant::now();
        f();
        best = best.min(t.elapsed().as_secs_f64());
        n += 1;
    }
    println!("{name:40} {:.3} ms", best * 1e3);
}
fn acc(b: u32, v: &View) -> Access {
    Access { buffer: b, offset: v.offset, strides: v.strides.clone(), gather: vec![] }
}
fn main() {
    let which = std::env::args().nth(1).unwrap_or_default();
    let d = CpuDevice::new();
    println!("{:?}", d.info());
    let mut s = 88172645463325252u64;
    let mut rnd = move || {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        s
    };
    if "memory".contains(&which) {
        let t = Instant::now();
        for _ in 0..1_000_000 {
            std::hint::black_box(d.alloc(256).unwrap());
        }
        println!("alloc+free 256: {:.1} ns", t.elapsed().as_secs_f64() * 1e3);
        for sz in [1usize << 16, 1 << 20, 1 << 24, 1 << 26] {
            let z = vec![1u8; sz];
            for round in 0..3 {
                let t = Instant::now();
                let b = d.alloc(sz).unwrap();
                d.upload(&z, &b).unwrap();
                println!("alloc+write {sz} round {round}: {:.1} us", t.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    let mk = |n: usize, f: &mut dyn FnMut(usize) -> f32| {
        let b = d.alloc(n * 4).unwrap();
        let v: Vec<u8> = (0..n).flat_map(|i| f(i).to_ne_bytes()).collect();
        d.upload(&v, &b).unwrap();
        b
    };
    if "scan".contains(&which) {
        let n = 4096usize;
        let a = mk(n * n, &mut |_| (rnd() >> 40) as f32 / 16777216.0);
        let o = d.alloc(n * n * 4).unwrap();
        let p = d.alloc(n * n * 8).unwrap();
        let z = View::contiguous(&[n, n]);
        for op in [ScanOp::Sum, ScanOp::Prod, ScanOp::Max, ScanOp::LogSumExp] {
            let k = d.compile(&Kernel::Scan { op, dtype: DType::F32 }).unwrap();
            for (name, v) in [("dim1", z.clone()), ("dim0", z.permute(&[1, 0]))] {
                let mut writes = vec![acc(1, &v)];
                if op == ScanOp::Max {
                    writes.push(acc(2, &v));
                }
                let l =
                    Launch { dims: [n, n].as_slice().into(), reads: vec![acc(0, &v)], writes, ints: vec![] };
                time(&format!("scan {op:?} {name} 4096^2"), || {
                    k.launch(&l, &[a.clone(), o.clone(), p.clone()], &[]).unwrap()
                });
            }
        }
        let v = View::contiguous(&[n * n]);
        let k = d.compile(&Kernel::Scan { op: ScanOp::Sum, dtype: DType::F32 }).unwrap();
        let l = Launch {
            dims: [n * n].as_slice().into(),
            reads: vec![acc(0, &v)],
            writes: vec![acc(1, &v)],
            ints: vec![],
        };
        time("scan sum 1-D 16M", || k.launch(&l, &[a.clone(), o.clone()], &[]).unwrap());
    }
    if "sort".contains(&which) {
        for (r, c) in [
            (1usize, 1000usize),
            (1, 10_000),
            (1, 100_000),
            (1, 1_000_000),
            (1000, 1000),
            (10_000, 100),
            (100_000, 10),
        ] {
            let a = mk(r * c, &mut |_| (rnd() >> 40) as f32 / 16777216.0 - 0.5);
            let o = d.alloc(r * c * 4).unwrap();
            let p = d.alloc(r * c * 8).unwrap();
            let v = View::contiguous(&[r, c]);
            let k = d.compile(&Kernel::Sort { descending: false, dtype: DType::F32 }).unwrap();
            let l = Launch {
                dims: [r, c].as_slice().into(),
                reads: vec![acc(0, &v)],
                writes: vec![acc(1, &v), acc(2, &v)],
                ints: vec![],
            };
            time(&format!("sort f32 {r}x{c}"), || {
                k.launch(&l, &[a.clone(), o.clone(), p.clone()], &[]).unwrap()
            });
        }
        let n = 1_000_000;
        let v = View::contiguous(&[1, n]);
        let o = d.alloc(n * 8).unwrap();
        let p = d.alloc(n * 8).unwrap();
        let a = d.alloc(n * 8).unwrap();
        for (dt, name) in [(DType::F64, "f64"), (DType::I64, "i64 small")] {
            let bytes: Vec<u8> = (0..n)
                .flat_map(|_| {
                    if dt == DType::F64 {
                        ((rnd() >> 11) as f64 - 1e15).to_ne_bytes()
                    } else {
                        ((rnd() % 1000) as i64).to_ne_bytes()
                    }
                })
                .collect();
            d.upload(&bytes, &a).unwrap();
            let k = d.compile(&Kernel::Sort { descending: false, dtype: dt }).unwrap();
            let l = Launch {
                dims: [1, n].as_slice().into(),
                reads: vec![acc(0, &v)],
                writes: vec![acc(1, &v), acc(2, &v)],
                ints: vec![],
            };
            time(&format!("sort {name} 1e6"), || {
                k.launch(&l, &[a.clone(), o.clone(), p.clone()], &[]).unwrap()
            });
        }
        for (r, c, kept) in [
            (1usize, 1_000_000usize, 100usize),
            (64, 50257, 50),
            (64, 50257, 1000),
            (4096, 512, 10),
            (64, 50257, 20000),
        ] {
            let a = mk(r * c, &mut |_| (rnd() >> 40) as f32 / 16777216.0 - 0.5);
            let o = d.alloc(r * kept * 4).unwrap();
            let p = d.alloc(r * kept * 8).unwrap();
            let (v, w) = (View::contiguous(&[r, c]), View::contiguous(&[r, kept]));
            let k = d.compile(&Kernel::Sort { descending: true, dtype: DType::F32 }).unwrap();
            let l = Launch {
                dims: [r, c].as_slice().into(),
                reads: vec![acc(0, &v)],
                writes: vec![acc(1, &w), acc(2, &w)],
                ints: vec![kept],
            };
            time(&format!("topk {r}x{c} {kept}"), || {
                k.launch(&l, &[a.clone(), o.clone(), p.clone()], &[]).unwrap()
            });
        }
    }
    if "scatter".contains(&which) {
        let idx = |n: usize, m: usize, rnd: &mut dyn FnMut() -> u64| {
            let b = d.alloc(n * 8).unwrap();
            let v: Vec<u8> = (0..n).flat_map(|_| ((rnd() % m as u64) as i64).to_ne_bytes()).collect();
            d.upload(&v, &b).unwrap();
            b
        };
        let k = d.compile(&Kernel::Scatter { op: ScatterOp::Add, dtype: DType::F32, indices: 1 }).unwrap();
        let ac = |b: u32, s: &[isize]| Access { buffer: b, offset: 0, strides: s.into(), gather: vec![] };
        {
            let (n, dd, v) = (8192usize, 768usize, 50257usize);
            let a = mk(n * dd, &mut |_| 1.0);
            let o = mk(v * dd, &mut |_| 0.0);
            let i = idx(n, v, &mut rnd);
            let l = Launch {
                dims: [n, dd].as_slice().into(),
                reads: vec![ac(0, &[dd as isize, 1]), ac(1, &[1, 0])],
                writes: vec![ac(2, &[0, 1])],
                ints: vec![v, dd],
            };
            time("index_add 8192x768 into 50257x768", || {
                k.launch(&l, &[a.clone(), i.clone(), o.clone()], &[]).unwrap()
            });
        }
        {
            let (n, v) = (1_000_000usize, 1000usize);
            let a = mk(n, &mut |_| 1.0);
            let o = mk(v, &mut |_| 0.0);
            let i = idx(n, v, &mut rnd);
            let l = Launch {
                dims: [n].as_slice().into(),
                reads: vec![ac(0, &[1]), ac(1, &[1])],
                writes: vec![ac(2, &[0])],
                ints: vec![v, 1],
            };
            time("scatter_add 1e6 into 1000", || {
                k.launch(&l, &[a.clone(), i.clone(), o.clone()], &[]).unwrap()
            });
        }
        for along in [0, 1] {
            let n = 2048usize;
            let ni = n as isize;
            let a = mk(n * n, &mut |_| 1.0);
            let o = mk(n * n, &mut |_| 0.0);
            let i = idx(n * n, n, &mut rnd);
            let (w, st) = if along == 0 { ([0, 1], n) } else { ([ni, 0], 1) };
            let l = Launch {
                dims: [n, n].as_slice().into(),
                reads: vec![ac(0, &[ni, 1]), ac(1, &[ni, 1])],
                writes: vec![ac(2, &w)],
                ints: vec![n, st],
            };
            time(&format!("scatter_add dim {along} 2048^2"), || {
                k.launch(&l, &[a.clone(), i.clone(), o.clone()], &[]).unwrap()
            });
        }
    }
}
