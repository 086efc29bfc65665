//! Every rendered kernel gives what the CPU backend gives, in every dialect, at edge sizes and in any order of threads.
//!
//! And the emulator is worth something: a kernel with a barrier less is found out.

mod support;

use st_emulator::{Emulator, Source, compiler};
use st_kernel::render::Machine;
use st_kernel::render::c::{CUDA, HIP, METAL};
use support::programs::{MACHINE, Program};
use support::{all_agree, all_agree_on, expected, prepared, programs, run, texts, wrong};

#[test]
fn cuda() {
    all_agree(&CUDA, "kernels", &programs::all());
}

#[test]
fn hip() {
    all_agree(&HIP, "kernels", &programs::all());
}

#[test]
fn metal() {
    all_agree(&METAL, "kernels", &programs::all());
}

/// Sums by groups as large as NVIDIA's GPUs have them.
#[test]
fn large_groups() {
    let is_sum = |p: &Program| p.name.starts_with("sum_") || p.name == "norm_gradient_sums";
    let sums: Vec<Program> = programs::all().into_iter().filter(is_sum).collect();
    let machine = Machine { threads: 1024, shared_memory: 48 << 10, ..MACHINE };
    let launches = sums.iter().flat_map(|p| prepared(p, &machine));
    let mut written = launches.filter_map(|launch| texts(&CUDA, &launch)).flatten();
    assert!(written.any(|text| text.contains("__launch_bounds__(1024)")));
    all_agree_on(&CUDA, "large", &sums, &machine);
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
    for name in ["shares_f32", "matmul_f32"] {
        let program = programs.iter().find(|p| p.name == name).expect("it is in the list");
        let prepared = prepared(program, &MACHINE).swap_remove(0);
        let mutants = without_barriers(name, &texts(&CUDA, &prepared).expect("CUDA has it")[0]);
        assert!(mutants.len() >= 2, "{name} has barriers");
        let emulator = Emulator::new(&CUDA, name, &mutants).expect("the kernels are C++");
        let expected = expected(&prepared);
        for mutant in &mutants {
            let found = (0..8).any(|seed| {
                let left = run(&emulator, std::slice::from_ref(&mutant.name), &prepared, seed);
                wrong(&prepared, &left, &expected).is_some()
            });
            assert!(found, "{} passes", mutant.name);
        }
    }
}
