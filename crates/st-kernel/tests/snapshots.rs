//! Rendered kernels of a fixed list of programs are those in `snapshots`.
//!
//! After a change of the renderer, `ST_UPDATE_SNAPSHOTS=1 cargo test -p st-kernel --test snapshots` writes them again; the
//! difference belongs into the review.

mod programs;

use programs::Program;
use st_kernel::render::c::{C, CUDA, HIP, METAL};
use st_kernel::render::{Machine, Shader, Step, arranged, shader, wgsl};
use st_kernel::{DType, Error, Result};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}

/// The kernels of a program's stages, each once.
fn written(program: &Program, machine: &Machine) -> Vec<Shader> {
    let work = arranged(&program.kernel, &program.cases[0].launch, machine).expect("it is launched");
    let one = |step: &Step| shader(&program.kernel, &step.class, &work.launch).expect("there is a kernel");
    let mut known = HashSet::new();
    work.stages.iter().filter(|step| known.insert(&step.class)).map(one).collect()
}

/// The program in every dialect: the names of files and their texts.
fn texts(program: &Program) -> Vec<(String, &'static str, Result<String>)> {
    let mut all = Vec::new();
    for (name, shader) in named(program, &programs::MACHINE) {
        let shader = &shader;
        all.push((name.clone(), "wgsl", Ok(wgsl::render(shader))));
        let c = |dialect: &C| (name.clone(), dialect.suffix, dialect.kernel(shader));
        all.extend([&CUDA, &HIP, &METAL].map(c));
    }
    all
}

/// The kernels of a program's stages, by the names of their files.
fn named(program: &Program, machine: &Machine) -> Vec<(String, Shader)> {
    let stages = written(program, machine);
    let count = stages.len();
    let name = |i| if count == 1 { program.name.clone() } else { format!("{}_{i}", program.name) };
    stages.into_iter().enumerate().map(|(i, shader)| (name(i), shader)).collect()
}

/// A program by matrix units that only CUDA C speaks to.
fn texts_by_units(program: &Program, machine: &Machine) -> Vec<(String, &'static str, Result<String>)> {
    let stages = named(program, machine).into_iter();
    let by_units = stages.filter(|(_, shader)| shader.shared > 0);
    by_units.map(|(name, shader)| (name, CUDA.suffix, CUDA.kernel(&shader))).collect()
}

fn has_doubles(program: &Program) -> bool {
    program.cases[0].memory.iter().any(|m| m.dtype == DType::F64)
}

#[test]
fn kernels_are_those_in_the_snapshots() {
    let update = std::env::var_os("ST_UPDATE_SNAPSHOTS").is_some();
    let (mut known, mut seen) = (BTreeSet::new(), HashSet::new());
    let mut different = Vec::new();
    let by_units = programs::by_matrix_units();
    let by_units = by_units.iter().map(|(program, machine)| (program, texts_by_units(program, machine)));
    let all = programs::all();
    for (program, texts) in all.iter().map(|program| (program, texts(program))).chain(by_units) {
        for (name, suffix, text) in texts {
            let text = match text {
                Err(Error::Unsupported(_)) if has_doubles(program) => continue,
                text => text.expect("the dialect has it"),
            };
            // A stage that another program has already, word for word, stands in that one's file.
            if !seen.insert((suffix, text.clone())) {
                continue;
            }
            let name = format!("{name}.{suffix}");
            let path = folder().join(&name);
            if update {
                std::fs::create_dir_all(folder()).expect("the folder can be made");
                std::fs::write(&path, &text).expect("the file can be written");
            } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
                different.push(name.clone());
            }
            known.insert(name);
        }
    }
    for file in std::fs::read_dir(folder()).expect("there are snapshots") {
        let file = file.expect("the folder can be read");
        let name = file.file_name().into_string().expect("names are plain");
        if !known.contains(&name) && update {
            std::fs::remove_file(file.path()).expect("the file can be removed");
        } else if !known.contains(&name) {
            different.push(name);
        }
    }
    assert!(
        different.is_empty(),
        "not as in crates/st-kernel/snapshots: {}\nST_UPDATE_SNAPSHOTS=1 writes them again",
        different.join(", ")
    );
}

#[test]
fn doubles_are_refused_where_there_are_none() {
    for program in programs::all() {
        let refused = texts(&program).into_iter().filter(|(.., text)| text.is_err());
        let refused: BTreeSet<&str> = refused.map(|(_, suffix, _)| suffix).collect();
        let expected: &[&str] = if has_doubles(&program) { &["metal"] } else { &[] };
        assert_eq!(refused, expected.iter().copied().collect(), "{}", program.name);
    }
}

#[test]
fn launches_stay_inside_their_memory() {
    for program in programs::all() {
        for case in &program.cases {
            let bytes = |b: u32| case.memory.get(b as usize).map(|m| m.len * m.dtype.size());
            st_kernel::render::reach::check(&program.kernel, &case.launch, bytes)
                .unwrap_or_else(|e| panic!("{}: {e}", program.name));
        }
    }
}
