//! Launches of programs: what they start with, what the CPU backend makes of them, and what a dialect's kernel does.
#![allow(dead_code, unreachable_pub)] // Each test uses its own part.

#[path = "../../../st-kernel/tests/programs/mod.rs"]
pub mod programs;

use programs::{Case, Fill, MACHINE, Memory, Program};
use st_backend_cpu::CpuDevice;
use st_emulator::{Emulator, Left, Run, Source, compiler};
use st_kernel::render::c::C;
use st_kernel::render::{Arranged, Machine, Step, arranged, groups, shader};
use st_kernel::view::contiguous_strides;
use st_kernel::{Access, Buffer, DType, Device, Inst, Kernel, Launch, Scalar};
use std::collections::BTreeMap;

/// A launch as a kernel wants it.
pub struct Prepared<'a> {
    pub name: String,
    program: &'a Program,
    case: &'a Case,
    work: Arranged<'a>,
    memory: Vec<Vec<u8>>,
}

pub fn prepared<'a>(program: &'a Program, machine: &Machine) -> Vec<Prepared<'a>> {
    let one = |(i, case): (usize, &'a Case)| {
        let work = arranged(&program.kernel, &case.launch, machine).expect("it is launched");
        let memory = case.memory.iter().enumerate().map(|(b, m)| filled(*m, (i + b) as u64)).collect();
        Prepared { name: format!("{}_{i}", program.name), program, case, work, memory }
    };
    program.cases.iter().enumerate().map(one).collect()
}

/// Numbers that follow from a seed.
fn filled(memory: Memory, seed: u64) -> Vec<u8> {
    if memory.fill == Fill::Nothing {
        return vec![0xab; memory.len * memory.dtype.size()];
    }
    let mut bytes = Vec::new();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
    for _ in 0..memory.len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let number = match memory.fill {
            Fill::Until(size) => Scalar::Int((state % size as u64) as i64),
            Fill::Below(size) => Scalar::Int((state % (2 * size as u64)) as i64 - size as i64),
            Fill::Extremes if memory.dtype.is_float() => Scalar::Float(
                [0.0, -0.0, f64::INFINITY, -f64::INFINITY, f64::NAN, 1.5, -1.5, 6e-8][(state % 8) as usize],
            ),
            Fill::Extremes => Scalar::Int([0, 1, -1, i64::MIN, i64::MAX][(state % 5) as usize]),
            Fill::Subnormal => {
                let least =
                    if memory.dtype == DType::F64 { f64::from_bits(1) } else { f32::from_bits(1).into() };
                Scalar::Float(least * (1 + state % 7) as f64)
            }
            _ if memory.dtype.is_float() => Scalar::Float((state % 4001) as f64 / 1000.0 - 2.0),
            _ => Scalar::Int(match (state % 401) as i64 - 200 {
                // Whole numbers are not divided by zero.
                0 => 1,
                i => i,
            }),
        };
        let number =
            if memory.dtype == DType::Bool { Scalar::Bool(state.is_multiple_of(50)) } else { number };
        number.write(memory.dtype, &mut bytes);
    }
    bytes
}

/// What the CPU makes of the memory.
pub fn expected(prepared: &Prepared) -> Vec<Vec<u8>> {
    let device = CpuDevice::new();
    let (mut kernel, mut launch) = (prepared.program.kernel.clone(), prepared.case.launch.clone());
    let sums = points_instead(&mut kernel, &mut launch, prepared.memory.len());
    let points = vec![0; launch.dims.iter().product::<usize>() * size_of::<f32>()];
    let buffers: Vec<Buffer> = (prepared.memory.iter().chain(sums.iter().map(|_| &points)))
        .map(|bytes| {
            let buffer = device.alloc(bytes.len()).expect("there is memory");
            device.upload(bytes, &buffer).expect("the sizes agree");
            buffer
        })
        .collect();
    let program = device.compile(&kernel).expect("the CPU has it");
    program.launch(&launch, &buffers, &prepared.case.params).expect("it runs");
    let download = |buffer: &Buffer| {
        let mut bytes = vec![0; buffer.len()];
        device.download(buffer, &mut bytes).expect("the sizes agree");
        bytes
    };
    let mut left: Vec<Vec<u8>> = buffers.iter().map(download).collect();
    for (points, sum) in left.split_off(prepared.memory.len()).iter().zip(&sums) {
        left[sum.buffer as usize] =
            added_up(points, &launch.dims, sum, prepared.case.memory[sum.buffer as usize].len);
    }
    left
}

/// Sums down columns, which the CPU does not have, are made of what is summed: it stores that in buffers from number `next` on.
/// Where the sums belong.
fn points_instead(kernel: &mut Kernel, launch: &mut Launch, next: usize) -> Vec<Access> {
    let Kernel::Loop { body, .. } = kernel else { return Vec::new() };
    let mut sums: Vec<Access> = Vec::new();
    for (store, write) in body.stores.iter().zip(&mut launch.writes) {
        let inst = &mut body.insts[store.value.at()].0;
        let Inst::Down(value) = *inst else { continue };
        *inst = Inst::Cast(value);
        let (buffer, strides) = ((next + sums.len()) as u32, contiguous_strides(&launch.dims));
        sums.push(std::mem::replace(write, Access { buffer, offset: 0, strides, gather: Vec::new() }));
    }
    sums
}

/// So many sums of points that lie one after the other, each added where an access has it.
fn added_up(points: &[u8], dims: &[usize], access: &Access, len: usize) -> Vec<u8> {
    let mut sums = vec![0f32; len];
    for (i, point) in points.chunks_exact(4).enumerate() {
        let (mut rest, mut at) = (i, 0);
        for (&n, &stride) in dims.iter().zip(&access.strides).rev() {
            at += (rest % n) * stride as usize;
            rest /= n;
        }
        sums[at] += f32::from_ne_bytes(point.try_into().expect("four bytes"));
    }
    sums.into_iter().flat_map(f32::to_ne_bytes).collect()
}

/// Runs the stages of a launch, whose kernels have these names.
pub fn run(emulator: &Emulator, names: &[String], prepared: &Prepared, seed: u32) -> Result<Left, String> {
    let Prepared { program, case, work, memory, .. } = prepared;
    let mut left = Left { fault: false, buffers: memory.clone() };
    // NaN, so that what was not written shows.
    left.buffers.extend((work.scratch > 0).then(|| vec![0xff; work.scratch]));
    for (step, name) in work.stages.iter().zip(names) {
        let written = shader(&program.kernel, &step.class, &work.launch).expect("there is a kernel");
        let numbers = written.numbers.fill(&work.launch, step.class.outer, step.parts, &case.params);
        let after = emulator.run(&Run {
            name,
            groups: groups(&program.kernel, step, &work.launch),
            threads: written.threads,
            seed,
            numbers: &numbers.expect("they fit"),
            buffers: &left.buffers,
        })?;
        left = Left { fault: left.fault || after.fault, buffers: after.buffers };
    }
    Ok(left)
}

/// Whether two arrays agree, floats up to what functions and other orders of sums may differ by.
fn difference(memory: &Memory, found: &[u8], expected: &[u8]) -> Option<String> {
    let step = match memory.dtype {
        DType::F16 => 2e-3,
        DType::BF16 => 1e-2,
        DType::F32 => 1e-4,
        DType::F64 => 1e-13,
        _ => 0.0,
    };
    let size = memory.dtype.size();
    for (i, (a, b)) in found.chunks(size).zip(expected.chunks(size)).enumerate() {
        let (a, b) = (Scalar::read(memory.dtype, a), Scalar::read(memory.dtype, b));
        let same = if memory.dtype.is_float() {
            let (a, b) = (a.to_f64(), b.to_f64());
            a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= step * b.abs().max(1.0)
        } else {
            a.to_i64() == b.to_i64()
        };
        if !same {
            return Some(format!("element {i} is {a:?} instead of {b:?}"));
        }
    }
    None
}

/// What is wrong with a launch's result, if anything is.
pub fn wrong(prepared: &Prepared, left: &Result<Left, String>, expected: &[Vec<u8>]) -> Option<String> {
    let left = match left {
        Ok(left) => left,
        Err(message) => return Some(message.clone()),
    };
    if left.fault {
        return Some("an index is out of range".into());
    }
    let all = prepared.case.memory.iter().zip(left.buffers.iter().zip(expected));
    all.enumerate().find_map(|(i, (memory, (found, expected)))| {
        difference(memory, found, expected).map(|d| format!("buffer {i}: {d}"))
    })
}

/// The kernels of a launch, unless the dialect lacks a type.
pub fn texts(dialect: &C, prepared: &Prepared) -> Option<Vec<String>> {
    let Prepared { program, work, .. } = prepared;
    let text = |step: &Step| {
        let written = shader(&program.kernel, &step.class, &work.launch).expect("there is a kernel");
        dialect.kernel(&written).ok()
    };
    work.stages.iter().map(text).collect()
}

/// Every launch of programs gives on the emulator, in a dialect, what it gives on the CPU.
pub fn all_agree(dialect: &C, label: &str, programs: &[Program]) {
    all_agree_on(dialect, label, programs, &MACHINE);
}

/// The same for kernels that are written for another machine.
pub fn all_agree_on(dialect: &C, label: &str, programs: &[Program], machine: &Machine) {
    if compiler().is_none() {
        eprintln!("skipped: there is no C++ compiler");
        return;
    }
    let launches: Vec<Prepared> = programs.iter().flat_map(|p| prepared(p, machine)).collect();
    // Launches of one class share a text, which is compiled once.
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut named: Vec<(&Prepared, Vec<String>)> = Vec::new();
    for prepared in &launches {
        let Some(texts) = texts(dialect, prepared) else { continue };
        let name = |(i, text)| known.entry(text).or_insert(format!("{}_{i}", prepared.name)).clone();
        named.push((prepared, texts.into_iter().enumerate().map(name).collect()));
    }
    assert!(2 * named.len() > launches.len(), "a dialect has most programs");
    let sources: Vec<Source> = known.into_iter().map(|(text, name)| Source { name, text }).collect();
    let emulator = Emulator::new(dialect, &format!("{label}-{}", dialect.suffix), &sources)
        .expect("the kernels are C++");
    let mut mistakes = Vec::new();
    for (prepared, names) in named {
        let expected = expected(prepared);
        for seed in [1, 2] {
            let left = run(&emulator, &names, prepared, seed);
            mistakes.extend(wrong(prepared, &left, &expected).map(|w| format!("{}: {w}", prepared.name)));
        }
    }
    assert!(mistakes.is_empty(), "{}:\n{}", dialect.suffix, mistakes.join("\n"));
}
