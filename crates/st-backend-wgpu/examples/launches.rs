//! What a launch costs the host: `cargo run --release -p st-backend-wgpu --example launches -- [HOW_MANY]`.
//!
//! A sum of eight numbers is launched again and again on sixty buffers in turn, as a plan that comes again does. The time
//! includes handing the launches over.

use st_backend_wgpu::WgpuDevice;
use st_kernel::prim::Prim;
use st_kernel::{
    Access, Body, Buffer, DType, Device, Inst, Kernel, Launch, Program, Result, Store, Val, value_err,
};
use std::sync::Arc;
use std::time::Instant;

const BUFFERS: usize = 60;

fn main() -> Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse::<usize>());
    let count = count.map_err(|e| value_err!("how many launches? {e}"))?.max(1);
    let device = WgpuDevice::open(0)?;
    let program = device.compile(&addition())?;
    let buffers: Vec<Buffer> = (0..BUFFERS).map(|_| zeros(&device)).collect::<Result<_>>()?;
    launches(&device, &program, &buffers, 1000)?;
    let started = Instant::now();
    let handed = launches(&device, &program, &buffers, count)?;
    let each = |end: Instant| (end - started).as_secs_f64() * 1e6 / count as f64;
    println!(
        "{count} launches: {:.2} us of the host each, {:.2} us until they are done",
        each(handed),
        each(Instant::now())
    );
    Ok(())
}

fn addition() -> Kernel {
    let insts = vec![
        (Inst::Load(0), DType::F32),
        (Inst::Load(1), DType::F32),
        (Inst::Call(Prim::Add, [Val(0), Val(1), Val::NONE]), DType::F32),
    ];
    let stores = vec![Store { value: Val(2), per_row: false }];
    let body = Body { insts, reads: vec![DType::F32; 2], params: vec![], stores };
    Kernel::Loop { outer: 1, inner: 0, row_reads: vec![false; 2], body }
}

fn zeros(device: &WgpuDevice) -> Result<Buffer> {
    let buffer = device.alloc(32)?;
    device.upload(&[0; 32], &buffer)?;
    Ok(buffer)
}

/// Launches so often and waits; gives when all was handed over.
fn launches(
    device: &WgpuDevice,
    program: &Arc<dyn Program>,
    buffers: &[Buffer],
    count: usize,
) -> Result<Instant> {
    let access = |buffer| Access { buffer, offset: 0, strides: [1].into_iter().collect(), gather: vec![] };
    let launch = Launch {
        dims: [8].into_iter().collect(),
        reads: vec![access(0), access(1)],
        writes: vec![access(2)],
        ints: vec![],
    };
    for i in 0..count {
        let three = [0, 1, 2].map(|j| buffers[(i + j) % BUFFERS].clone());
        program.launch(&launch, &three, &[])?;
    }
    let handed = Instant::now();
    device.synchronize()?;
    Ok(handed)
}
