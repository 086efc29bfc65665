//! NVRTC: from the text of a kernel to code for a GPU, and the folder where code is kept.
//!
//! Code is kept under a name made of the text and the kind of GPU: the folder may be copied to a machine without NVRTC.

use crate::library::{functions, open};
use st_kernel::{Result, kept, runtime_err};
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::LazyLock;

type Program = *mut c_void;

functions! {
    /// NVRTC's functions.
    Nvrtc {
        nvrtcVersion(*mut c_int, *mut c_int);
        nvrtcCreateProgram(
            *mut Program, *const c_char, *const c_char, c_int, *const *const c_char, *const *const c_char
        );
        nvrtcCompileProgram(Program, c_int, *const *const c_char);
        nvrtcGetProgramLogSize(Program, *mut usize);
        nvrtcGetProgramLog(Program, *mut c_char);
        nvrtcGetCUBINSize(Program, *mut usize);
        nvrtcGetCUBIN(Program, *mut c_char);
        nvrtcDestroyProgram(*mut Program);
    }
}

const ABSENT: &str = "NVRTC was not found: pip install nvidia-cuda-nvrtc, or set CUDA_HOME to a CUDA toolkit";

fn nvrtc() -> std::result::Result<&'static Nvrtc, &'static str> {
    static NVRTC: LazyLock<std::result::Result<Nvrtc, String>> = LazyLock::new(|| {
        let named = |version: u32| match cfg!(windows) {
            true => format!("nvrtc64_{version}0_0.dll"),
            false => format!("libnvrtc.so.{version}"),
        };
        let mut names: Vec<String> = (12..=16).rev().map(named).collect();
        names.extend((!cfg!(windows)).then(|| "libnvrtc.so".to_owned()));
        Nvrtc::of(open(&names).ok_or(ABSENT)?).map_err(|why| format!("NVRTC cannot be used: {why}"))
    });
    NVRTC.as_ref().map_err(String::as_str)
}

/// NVRTC's version, or why there is none.
pub(crate) fn version() -> std::result::Result<String, &'static str> {
    let (mut major, mut minor) = (0, 0);
    // SAFETY: both are written.
    unsafe { (nvrtc()?.nvrtcVersion)(&raw mut major, &raw mut minor) };
    Ok(format!("{major}.{minor}"))
}

/// The code of a kernel for a kind of GPU such as `sm_90a`, from the folder or compiled now. Unless it may `contract`,
/// products are rounded before they are added, so that the same work has the same bits in whatever kernel it is done.
pub(crate) fn code(text: &str, gpu: &str, contract: bool) -> Result<Vec<u8>> {
    let options = [format!("--gpu-architecture={gpu}"), "--std=c++17".into(), format!("--fmad={contract}")];
    let name = format!("{:032x}.cubin", fingerprint(text, &options.concat()));
    let file = kept::folder("cuda").map(|folder| folder.join(name));
    if let Some(kept) = file.as_ref().and_then(|file| std::fs::read(file).ok()) {
        return Ok(kept);
    }
    let code = compile(text, &options)?;
    if let Some(file) = file {
        // A folder that cannot be written costs time only.
        let _ = kept::write(&file, &code);
    }
    Ok(code)
}

fn compile(text: &str, options: &[String]) -> Result<Vec<u8>> {
    let nvrtc = nvrtc().map_err(|why| runtime_err!("cuda: {why}"))?;
    let nul = |text: &str| CString::new(text).map_err(|_| runtime_err!("cuda: a kernel with a zero byte"));
    let (text, name) = (nul(text)?, nul("kernel.cu")?);
    let options = options.iter().map(|option| nul(option)).collect::<Result<Vec<_>>>()?;
    let options: Vec<_> = options.iter().map(|option| option.as_ptr()).collect();
    let mut program = null_mut();
    // SAFETY: strings end with a zero and live until the call returns; what is written has the room that was asked for.
    unsafe {
        if (nvrtc.nvrtcCreateProgram)(&raw mut program, text.as_ptr(), name.as_ptr(), 0, null(), null()) != 0
        {
            return Err(runtime_err!("cuda: NVRTC cannot take a kernel"));
        }
        let made = match (nvrtc.nvrtcCompileProgram)(program, options.len() as c_int, options.as_ptr()) {
            0 => Ok(read(program, nvrtc.nvrtcGetCUBINSize, nvrtc.nvrtcGetCUBIN)),
            _ => {
                let log = read(program, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog);
                Err(runtime_err!("cuda: a kernel does not compile: {}", String::from_utf8_lossy(&log)))
            }
        };
        (nvrtc.nvrtcDestroyProgram)(&raw mut program);
        made
    }
}

/// What a pair of NVRTC's functions give: how many bytes, and the bytes.
unsafe fn read(
    program: Program,
    size: unsafe extern "system" fn(Program, *mut usize) -> c_int,
    bytes: unsafe extern "system" fn(Program, *mut c_char) -> c_int,
) -> Vec<u8> {
    let mut count = 0;
    // SAFETY: the caller's promise that both are of this program; there is room for as many bytes as were announced.
    unsafe {
        size(program, &raw mut count);
        let mut out = vec![0; count];
        bytes(program, out.as_mut_ptr().cast());
        out
    }
}

/// FNV-1a over the text and the compiler's options: the same in every build.
fn fingerprint(text: &str, options: &str) -> u128 {
    let bytes = text.bytes().chain([0]).chain(options.bytes());
    bytes.fold(0x6c62272e07bb014262b821756295c58d, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000000001000000000000000000013b)
    })
}
