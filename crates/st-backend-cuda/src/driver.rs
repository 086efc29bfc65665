//! The driver: which GPUs there are, their memory, launches.

use crate::library::{functions, open};
use st_kernel::{Result, runtime_err};
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{null, null_mut};
use std::sync::LazyLock;

/// What the driver calls contexts, streams, modules and functions.
pub(crate) type Handle = *mut c_void;
/// An address in a GPU's memory.
pub(crate) type Address = u64;

functions! {
    /// The driver's functions.
    Driver {
        cuInit(c_uint);
        cuGetErrorName(c_int, *mut *const c_char);
        cuGetErrorString(c_int, *mut *const c_char);
        cuDeviceGetCount(*mut c_int);
        cuDeviceGet(*mut c_int, c_int);
        cuDeviceGetName(*mut c_char, c_int, c_int);
        cuDeviceTotalMem_v2(*mut usize, c_int);
        cuDeviceGetAttribute(*mut c_int, c_int, c_int);
        cuDevicePrimaryCtxRetain(*mut Handle, c_int);
        cuCtxSetCurrent(Handle);
        cuCtxSynchronize();
        cuCtxGetStreamPriorityRange(*mut c_int, *mut c_int);
        cuStreamCreateWithPriority(*mut Handle, c_uint, c_int);
        cuStreamSynchronize(Handle);
        cuStreamQuery(Handle);
        cuStreamWaitEvent(Handle, Handle, c_uint);
        cuEventCreate(*mut Handle, c_uint);
        cuEventRecord(Handle, Handle);
        cuEventQuery(Handle);
        cuEventSynchronize(Handle);
        cuEventElapsedTime(*mut f32, Handle, Handle);
        cuEventDestroy_v2(Handle);
        cuMemGetInfo_v2(*mut usize, *mut usize);
        cuMemAlloc_v2(*mut Address, usize);
        cuMemFree_v2(Address);
        cuMemHostAlloc(*mut Handle, usize, c_uint);
        cuMemHostGetDevicePointer_v2(*mut Address, Handle, c_uint);
        cuMemsetD2D8Async(Address, usize, u8, usize, usize, Handle);
        cuMemcpyHtoDAsync_v2(Address, *const c_void, usize, Handle);
        cuMemcpyDtoDAsync_v2(Address, Address, usize, Handle);
        cuMemcpyDtoHAsync_v2(*mut c_void, Address, usize, Handle);
        cuMemcpyPeerAsync(Address, Handle, Address, Handle, usize, Handle);
        cuDeviceCanAccessPeer(*mut c_int, c_int, c_int);
        cuCtxEnablePeerAccess(Handle, c_uint);
        cuStreamBeginCapture_v2(Handle, c_int);
        cuStreamEndCapture(Handle, *mut Handle);
        cuStreamIsCapturing(Handle, *mut c_int);
        cuGraphInstantiateWithFlags(*mut Handle, Handle, u64);
        cuGraphExecUpdate_v2(Handle, Handle, *mut c_void);
        cuGraphLaunch(Handle, Handle);
        cuGraphDebugDotPrint(Handle, *const c_char, c_uint);
        cuGraphExecDestroy(Handle);
        cuGraphDestroy(Handle);
        cuModuleLoadData(*mut Handle, *const c_void);
        cuModuleGetFunction(*mut Handle, Handle, *const c_char);
        cuFuncSetAttribute(Handle, c_int, c_int);
        cuLaunchKernel(
            Handle, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, Handle, *mut *mut c_void,
            *mut *mut c_void
        );
    }
}

/// Attributes of a GPU, by the driver's numbers.
#[derive(Clone, Copy)]
pub(crate) enum Attribute {
    ThreadsOfAGroup = 1,
    SharedMemory = 8,
    Processors = 16,
    Major = 75,
    Minor = 76,
    MostSharedMemory = 97,
}

/// The driver's numbers for "out of memory" and for work that is not done yet.
pub(crate) const NO_MEMORY: c_int = 2;
pub(crate) const NOT_READY: c_int = 600;
/// What a stream is that does not wait for the one that is used if nobody says otherwise, and an event without a time.
pub(crate) const APART: c_uint = 1;
pub(crate) const WITHOUT_TIME: c_uint = 2;

/// The driver, ready for use, or why there is none.
pub(crate) fn driver() -> std::result::Result<&'static Driver, &'static str> {
    static DRIVER: LazyLock<std::result::Result<Driver, String>> = LazyLock::new(|| {
        let names = if cfg!(windows) { ["nvcuda.dll"].as_slice() } else { &["libcuda.so.1", "libcuda.so"] };
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let library = open(&names).ok_or("NVIDIA's driver is not installed")?;
        let driver = Driver::of(library).map_err(|why| format!("NVIDIA's driver is too old: {why}"))?;
        // SAFETY: the first call there is.
        match unsafe { (driver.cuInit)(0) } {
            0 => Ok(driver),
            code => Err(format!("NVIDIA's driver does not start: {}", driver.says(code))),
        }
    });
    DRIVER.as_ref().map_err(String::as_str)
}

/// How many GPUs there are, or why none can be used.
pub fn device_count() -> std::result::Result<usize, String> {
    let driver = driver()?;
    let mut count = 0;
    // SAFETY: `count` is written.
    match unsafe { (driver.cuDeviceGetCount)(&raw mut count) } {
        0 if count > 0 => Ok(count as usize),
        0 => Err("the driver sees no GPU (is CUDA_VISIBLE_DEVICES set?)".into()),
        code => Err(driver.says(code)),
    }
}

impl Driver {
    /// What a code means.
    fn says(&self, code: c_int) -> String {
        let text = |function: unsafe extern "system" fn(c_int, *mut *const c_char) -> c_int| {
            let mut text = null();
            // SAFETY: `text` is written; what is found is a string of the driver's own.
            unsafe {
                function(code, &raw mut text);
                if text.is_null() {
                    String::new()
                } else {
                    CStr::from_ptr(text).to_string_lossy().into_owned()
                }
            }
        };
        format!("{} ({}, {code})", text(self.cuGetErrorString), text(self.cuGetErrorName))
    }

    /// Turns a code into an error that says what was tried.
    pub(crate) fn check(&self, what: &str, code: c_int) -> Result<()> {
        match code {
            0 => Ok(()),
            _ => Err(runtime_err!("cuda: {what} failed: {}", self.says(code))),
        }
    }

    /// A new event.
    pub(crate) fn event(&self, flags: c_uint) -> Result<Handle> {
        let mut event = null_mut();
        // SAFETY: `event` is written; the context is current.
        self.check("making an event", unsafe { (self.cuEventCreate)(&raw mut event, flags) })?;
        Ok(event)
    }

    /// Whether a stream's work is recorded, so that nobody may wait for it.
    pub(crate) fn records(&self, stream: Handle) -> bool {
        let mut records = 0;
        // SAFETY: `records` is written. The stream number 0 is refused while another one records.
        let code = unsafe { (self.cuStreamIsCapturing)(stream, &raw mut records) };
        code != 0 || records != 0
    }

    /// Has what a stream does later wait for what another one has to do now. The context is current.
    pub(crate) fn order(&self, later: Handle, earlier: Handle) -> Result<()> {
        let event = self.event(WITHOUT_TIME)?;
        // SAFETY: both are streams of the context; the driver keeps an event that somebody waits for.
        unsafe {
            let outcome = self
                .check("marking a stream", (self.cuEventRecord)(event, earlier))
                .and_then(|()| self.check("ordering streams", (self.cuStreamWaitEvent)(later, event, 0)));
            (self.cuEventDestroy_v2)(event);
            outcome
        }
    }

    /// GPU number `index`.
    pub(crate) fn gpu(&self, index: usize) -> Result<c_int> {
        let mut gpu = 0;
        // SAFETY: `gpu` is written.
        self.check("finding the GPU", unsafe { (self.cuDeviceGet)(&raw mut gpu, index as c_int) })?;
        Ok(gpu)
    }

    pub(crate) fn name(&self, gpu: c_int) -> Result<String> {
        let mut name = [0; 128];
        // SAFETY: `name` has room for as many bytes as are said, the last of which is zero.
        let name = unsafe {
            self.check("asking for a name", (self.cuDeviceGetName)(name.as_mut_ptr(), 127, gpu))?;
            CStr::from_ptr(name.as_ptr())
        };
        Ok(name.to_string_lossy().into_owned())
    }

    pub(crate) fn total_memory(&self, gpu: c_int) -> Result<u64> {
        let mut bytes = 0;
        // SAFETY: `bytes` is written.
        self.check("asking for the memory", unsafe { (self.cuDeviceTotalMem_v2)(&raw mut bytes, gpu) })?;
        Ok(bytes as u64)
    }

    pub(crate) fn attribute(&self, gpu: c_int, attribute: Attribute) -> Result<usize> {
        self.attribute_number(gpu, attribute as c_int)
    }

    /// The attribute that has a number.
    pub(crate) fn attribute_number(&self, gpu: c_int, attribute: c_int) -> Result<usize> {
        let mut value = 0;
        // SAFETY: `value` is written.
        let code = unsafe { (self.cuDeviceGetAttribute)(&raw mut value, attribute, gpu) };
        self.check("asking for an attribute", code)?;
        Ok(value as usize)
    }
}
