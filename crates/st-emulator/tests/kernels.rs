//! Every rendered kernel gives what the CPU backend gives, in every dialect, at edge sizes and in any order of threads.
//!
//! And the emulator is worth something: a kernel with a barrier less is found out.

#[path = "../../st-kernel/tests/programs/mod.rs"]
mod programs;

use programs::{Case, Fill, Memory, Program};
use st_backend_cpu::CpuDevice;
use st_emulator::{Emulator, Left, Run, Source, compiler};
use st_kernel::render::c::{C, CUDA, HIP, METAL};
use st_kernel::render::{Class, arranged, groups, shader};
use st_kernel::{Buffer, DType, Device, Launch, Scalar};
use std::borrow::Cow;

/// A launch as a kernel wants it.
struct Prepared<'a> {
    name: String,
    program: &'a Program,
    case: &'a Case,
    launch: Cow<'a, Launch>,
    class: Class,
    memory: Vec<Vec<u8>>,
}

fn prepared(program: &Program) -> Vec<Prepared<'_>> {
    let one = |(i, case): (usize, &'_ Case)| -> (usize, Vec<Vec<u8>>) {
        let memory = case.memory.iter().enumerate().map(|(b, m)| filled(*m, (i + b) as u64)).collect();
        (i, memory)
    };
    (program.cases.iter().enumerate())
        .map(|(i, case)| {
            let (launch, class) = arranged(&program.kernel, &case.launch);
            let (_, memory) = one((i, case));
            Prepared { name: format!("{}_{i}", program.name), program, case, launch, class, memory }
        })
        .collect()
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
            _ => Scalar::Int((state % 401) as i64 - 200),
        };
        let number = if memory.dtype == DType::Bool { Scalar::Bool(state % 50 == 0) } else { number };
        number.write(memory.dtype, &mut bytes);
    }
    bytes
}

/// What the CPU makes of the memory.
fn expected(prepared: &Prepared) -> Vec<Vec<u8>> {
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

fn run(emulator: &Emulator, name: &str, prepared: &Prepared, seed: u32) -> Result<Left, String> {
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
fn wrong(prepared: &Prepared, left: &Result<Left, String>, expected: &[Vec<u8>]) -> Option<String> {
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

fn source(dialect: &C, prepared: &Prepared) -> Option<Source> {
    let written =
        shader(&prepared.program.kernel, &prepared.class, &prepared.launch).expect("there is a kernel");
    let text = dialect.kernel(&written).ok()?;
    Some(Source { name: prepared.name.clone(), text })
}

fn all_kernels_agree(dialect: &C) {
    if compiler().is_none() {
        eprintln!("skipped: there is no C++ compiler");
        return;
    }
    let programs = programs::all();
    let launches: Vec<Prepared> = programs.iter().flat_map(prepared).collect();
    let sources: Vec<(&Prepared, Source)> =
        launches.iter().filter_map(|p| Some((p, source(dialect, p)?))).collect();
    assert!(sources.len() > 3 * 20, "nearly every dialect has nearly every program");
    let (launches, sources): (Vec<&Prepared>, Vec<Source>) = sources.into_iter().unzip();
    let emulator = Emulator::new(dialect, dialect.suffix, &sources).expect("the kernels are C++");
    let mut mistakes = Vec::new();
    for prepared in launches {
        let expected = expected(prepared);
        for seed in [1, 2] {
            let left = run(&emulator, &prepared.name, prepared, seed);
            mistakes.extend(wrong(prepared, &left, &expected).map(|w| format!("{}: {w}", prepared.name)));
        }
    }
    assert!(mistakes.is_empty(), "{}:\n{}", dialect.suffix, mistakes.join("\n"));
}

#[test]
fn cuda() {
    all_kernels_agree(&CUDA);
}

#[test]
fn hip() {
    all_kernels_agree(&HIP);
}

#[test]
fn metal() {
    all_kernels_agree(&METAL);
}

/// Texts with one barrier less each, for the barriers of a text.
fn without_barriers(name: &str, text: &str) -> Vec<Source> {
    let lines: Vec<&str> = text.lines().collect();
    let barriers = lines.iter().enumerate().filter(|(_, line)| line.contains("__syncthreads"));
    let without = |(at, _): (usize, &&str)| {
        let kept = lines.iter().enumerate().filter(|&(i, _)| i != at);
        let text = kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
        Source { name: format!("{name}_without_{at}"), text: text + "\n" }
    };
    barriers.map(without).collect()
}

#[test]
fn a_missing_barrier_is_found() {
    if compiler().is_none() {
        eprintln!("skipped: there is no C++ compiler");
        return;
    }
    let programs = programs::all();
    for name in ["softmax_f32", "matmul_f32"] {
        let program = programs.iter().find(|p| p.name == name).expect("it is in the list");
        let prepared = prepared(program).swap_remove(0);
        let mutants = without_barriers(name, &source(&CUDA, &prepared).expect("CUDA has it").text);
        assert!(mutants.len() >= 2, "{name} has barriers");
        let emulator = Emulator::new(&CUDA, name, &mutants).expect("the kernels are C++");
        let expected = expected(&prepared);
        for mutant in &mutants {
            let found = (0..8).any(|seed| {
                let left = run(&emulator, &mutant.name, &prepared, seed);
                wrong(&prepared, &left, &expected).is_some()
            });
            assert!(found, "{} passes", mutant.name);
        }
    }
}
