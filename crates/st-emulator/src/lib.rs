//! Runs the text of GPU kernels on the CPU: a test tool, so that a kernel is proved before it meets a GPU.
//!
//! The text is compiled by the system's C++ compiler behind headers (folder `cpp`) in which the words of CUDA, HIP and
//! Metal are those of an emulator: every thread of a group is a fiber, see `cpp/fibers.h`. The result is a program, one
//! process for each launch, so that a kernel that goes astray ends with a message instead of the test.

use st_kernel::render::c::{C, ENTRY};
use std::fmt::Write as _;
use std::io::{Error, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const HEADERS: [(&str, &str); 4] = [
    ("fibers.h", include_str!("../cpp/fibers.h")),
    ("cuda.h", include_str!("../cpp/cuda.h")),
    ("hip.h", include_str!("../cpp/hip.h")),
    ("metal.h", include_str!("../cpp/metal.h")),
];

/// Compiled kernels of a dialect.
pub struct Emulator {
    folder: PathBuf,
}

/// A kernel: a name of its own and its text, which wants the dialect's prelude before it.
pub struct Source {
    /// The name by which it is launched.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A launch of a kernel.
pub struct Run<'a> {
    /// Which kernel.
    pub name: &'a str,
    /// How many groups.
    pub groups: usize,
    /// Threads of a group.
    pub threads: usize,
    /// In which order threads run.
    pub seed: u32,
    /// The launch's numbers.
    pub numbers: &'a [u32],
    /// The buffers before it.
    pub buffers: &'a [Vec<u8>],
}

/// What a launch left behind.
#[derive(Debug)]
pub struct Left {
    /// Whether an index was out of range.
    pub fault: bool,
    /// The buffers after it.
    pub buffers: Vec<Vec<u8>>,
}

/// The C++ compiler, if the machine has one.
pub fn compiler() -> Option<String> {
    let named = std::env::var("CXX").ok();
    let works = |name: &String| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    };
    named.into_iter().chain(["c++".to_owned()]).find(works)
}

impl Emulator {
    /// Compiles kernels; `label` tells folders of different emulators apart.
    pub fn new(dialect: &C, label: &str, kernels: &[Source]) -> Result<Emulator, Error> {
        let compiler = compiler().ok_or_else(|| Error::other("there is no C++ compiler"))?;
        let folder = std::env::temp_dir().join(format!("st-emulator-{}-{label}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let emulator = Emulator { folder };
        for (name, text) in HEADERS {
            std::fs::write(emulator.folder.join(name), text)?;
        }
        let source = emulator.folder.join("kernels.cpp");
        std::fs::write(&source, translation_unit(dialect, kernels))?;
        let output = Command::new(compiler)
            .args(["-std=c++17", "-O1", "-w", "-fno-strict-aliasing", "-ffp-contract=off", "-o"])
            .arg(emulator.program())
            .arg(&source)
            .output()?;
        if !output.status.success() {
            return Err(Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(emulator)
    }

    fn program(&self) -> PathBuf {
        self.folder.join("kernels")
    }

    /// Launches a kernel; the error is what the emulator found wrong.
    pub fn run(&self, run: &Run) -> Result<Left, String> {
        let numbers: Vec<u8> = run.numbers.iter().flat_map(|w| w.to_ne_bytes()).collect();
        let mut told = Vec::new();
        tell(&mut told, run.name.as_bytes());
        told.extend([run.seed as usize, run.groups, run.threads].into_iter().flat_map(word));
        tell(&mut told, &numbers);
        told.extend(word(run.buffers.len()));
        run.buffers.iter().for_each(|buffer| tell(&mut told, buffer));
        let output = launched(&self.program(), told).map_err(|e| e.to_string())?;
        if !output.status.success() {
            return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
        }
        let (fault, mut rest) = output.stdout.split_at(4);
        let mut buffers = Vec::new();
        for buffer in run.buffers {
            let (bytes, after) = rest.split_at(buffer.len());
            buffers.push(bytes.to_vec());
            rest = after;
        }
        Ok(Left { fault: fault != [0; 4], buffers })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // What is left in a folder for temporary files does no harm.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn word(number: usize) -> [u8; 4] {
    (number as u32).to_ne_bytes()
}

/// A length, and so many bytes.
fn tell(told: &mut Vec<u8>, bytes: &[u8]) {
    told.extend(word(bytes.len()));
    told.extend_from_slice(bytes);
}

fn launched(program: &Path, told: Vec<u8>) -> Result<Output, Error> {
    let mut child =
        Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().ok_or_else(|| Error::other("no standard input"))?;
    stdin.write_all(&told)?;
    drop(stdin);
    child.wait_with_output()
}

/// All kernels in one text, each in a namespace of its own.
fn translation_unit(dialect: &C, kernels: &[Source]) -> String {
    let header = if dialect.suffix == "cu" { "cuda" } else { dialect.suffix };
    let mut text = format!("#include \"{header}.h\"\n");
    for Source { name, text: kernel } in kernels {
        let _ = writeln!(
            text,
            "#define {ENTRY} {ENTRY}_{name}\nnamespace in_{name} {{\n{}\n{kernel}\nEMULATE({name}, {ENTRY})\n}}\n#undef {ENTRY}",
            dialect.common
        );
    }
    text
}
