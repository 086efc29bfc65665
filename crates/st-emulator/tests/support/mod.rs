//! Launches of programs: what they start with, what the CPU backend makes of them, and what a dialect's kernel does.
#![allow(dead_code, unreachable_pub)] // Each test uses its own part.

#[path = "../../../st-kernel/tests/programs/mod.rs"]
pub mod programs;

use programs::{Case, Fill, Memory, Program};
use st_backend_cpu::CpuDevice;
use st_emulator::{Emulator, Left, Run, Source, compiler};
use st_kernel::render::c::C;
use st_kernel::render::{Class, arranged, groups, shader};
use st_kernel::{Buffer, DType, Device, Launch, Scalar};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A launch as a kernel wants it.
pub struct Prepared<'a> {
    name: String,
    program: &'a Program,
    case: &'a Case,
    launch: Cow<'a, Launch>,
    class: Class,
    memory: Vec<Vec<u8>>,
}

pub fn prepared<'a>(program: &'a Program) -> Vec<Prepared<'a>> {
    let one = |(i, case): (usize, &'a Case)| {
        let (launch, class) = arranged(&program.kernel, &case.launch);
        let memory = case.memory.iter().enumerate().map(|(b, m)| filled(*m, (i + b) as u64)).collect();
        Prepared { name: format!("{}_{i}", program.name), program, case, launch, class, memory }
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
            Fill::Below(size) => Scalar::Int((state % (2 * size as u64)) as i64 - size as i64),
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
    let buffers: Vec<Buffer> = (prepared.memory.iter())
        .map(|bytes| {
            let buffer = device.alloc(bytes.len()).expect("there is memory");
            device.upload(bytes, &buffer).expect("the sizes agree");
            buffer
        })
        .collect();
    let program = device.compile(&prepared.program.kernel).expect("the CPU has it");
    program.launch(&prepared.case.launch, &buffers, &prepared.case.params).expect("it runs");
    let download = |buffer: &Buffer| {
        let mut bytes = vec![0; buffer.len()];
        device.download(buffer, &mut bytes).expect("the sizes agree");
        bytes
    };
    buffers.iter().map(download).collect()
}

pub fn run(emulator: &Emulator, name: &str, prepared: &Prepared, seed: u32) -> Result<Left, String> {
    let Prepared { program, case, launch, class, memory, .. } = prepared;
    let written = shader(&program.kernel, class, launch).expect("there is a kernel");
    let numbers = written.numbers.fill(launch, class.outer, &case.params).expect("they fit");
    let groups = groups(&program.kernel, class, launch);
    let run = Run { name, groups, threads: written.threads, seed, numbers: &numbers, buffers: memory };
    emulator.run(&run)
}

/// Whether two arrays agree, floats up to what functions and other orders of sums may differ by.
fn difference(memory: &Memory, found: &[u8], expected: &[u8]) -> Option<String> {
    let step = match memory.dtype {
        DType::F16 => 2e-3,
        DType::BF16 => 1e-2,
        DType::F32 => 2e-5,
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

/// The kernel of a launch, unless the dialect lacks a type.
pub fn text(dialect: &C, prepared: &Prepared) -> Option<String> {
    let Prepared { program, class, launch, .. } = prepared;
    let written = shader(&program.kernel, class, launch).expect("there is a kernel");
    dialect.kernel(&written).ok()
}

/// Every launch of programs gives on the emulator, in a dialect, what it gives on the CPU.
pub fn all_agree(dialect: &C, label: &str, programs: &[Program]) {
    if compiler().is_none() {
        eprintln!("skipped: there is no C++ compiler");
        return;
    }
    let launches: Vec<Prepared> = programs.iter().flat_map(prepared).collect();
    // Launches of one class share a text, which is compiled once.
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let named: Vec<(&Prepared, String)> = (launches.iter())
        .filter_map(|p| Some((p, texts.entry(text(dialect, p)?).or_insert(p.name.clone()).clone())))
        .collect();
    assert!(2 * named.len() > launches.len(), "a dialect has most programs");
    let sources: Vec<Source> = texts.into_iter().map(|(text, name)| Source { name, text }).collect();
    let emulator = Emulator::new(dialect, &format!("{label}-{}", dialect.suffix), &sources)
        .expect("the kernels are C++");
    let mut mistakes = Vec::new();
    for (prepared, name) in named {
        let expected = expected(prepared);
        for seed in [1, 2] {
            let left = run(&emulator, &name, prepared, seed);
            mistakes.extend(wrong(prepared, &left, &expected).map(|w| format!("{}: {w}", prepared.name)));
        }
    }
    assert!(mistakes.is_empty(), "{}:\n{}", dialect.suffix, mistakes.join("\n"));
}
