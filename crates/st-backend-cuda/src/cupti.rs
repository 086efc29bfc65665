//! CUPTI: the GPU tells when it did what. It is opened when something is first recorded.
//!
//! The library hands over buffers full of records, which are read where they lie: of each kind a few fields, whose places have
//! been the same since CUDA 11.

use crate::library::{functions, open};
use st_kernel::{Activity, Result, runtime_err};
use std::alloc::{Layout, alloc, dealloc};
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::panic::catch_unwind;
use std::ptr::null;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

type Requested = unsafe extern "C" fn(*mut *mut u8, *mut usize, *mut usize);
type Completed = unsafe extern "C" fn(*mut c_void, c_uint, *mut u8, usize, usize);

functions! {
    /// CUPTI's functions.
    Cupti {
        cuptiGetVersion(*mut c_uint);
        cuptiGetTimestamp(*mut u64);
        cuptiGetCallbackName(c_int, c_uint, *mut *const c_char);
        cuptiActivityRegisterCallbacks(Requested, Completed);
        cuptiActivityEnable(c_int);
        cuptiActivityDisable(c_int);
        cuptiActivityFlushAll(c_uint);
        cuptiActivityGetNextRecord(*mut u8, usize, *mut *const u8);
        cuptiActivityPushExternalCorrelationId(c_int, u64);
        cuptiActivityPopExternalCorrelationId(c_int, *mut u64);
    }
}

/// Kinds of records by CUPTI's numbers.
const COPY: c_int = 1;
const CLEAR: c_int = 2;
const KERNEL: c_int = 3;
const CALL: c_int = 4;
const KERNEL_BESIDE_OTHERS: c_int = 10;
const COPY_BETWEEN_GPUS: c_int = 22;
const WAIT: c_int = 38;
const LINK: c_int = 39;
const KINDS: [c_int; 7] = [LINK, CALL, COPY, CLEAR, KERNEL_BESIDE_OTHERS, COPY_BETWEEN_GPUS, WAIT];
/// The driver's functions among those that can be asked for; numbers of ours among those from outside.
const DRIVER: c_int = 1;
const OURS: c_int = 3;

/// Calls of the driver that are worth telling.
const TOLD: [&str; 7] =
    ["cuLaunch", "cuMemcpy", "cuMemset", "cuGraphLaunch", "cuStreamSync", "cuCtxSync", "cuEventSync"];

const BUFFER: Layout = Layout::new::<[u64; 1 << 17]>();

/// What has been told since the recording began.
#[derive(Default)]
struct Told {
    activities: Vec<Activity>,
    /// For each call of the driver, the number of what asked for it.
    asked: HashMap<u64, u64>,
}

static TOLD_SO_FAR: LazyLock<Mutex<Told>> = LazyLock::new(Mutex::default);
/// From CUPTI's clock to that of the recording, while there is one.
static RECORDING: Mutex<Option<i64>> = Mutex::new(None);

fn cupti() -> std::result::Result<&'static Cupti, &'static str> {
    static CUPTI: LazyLock<std::result::Result<Cupti, String>> = LazyLock::new(|| {
        if std::env::var_os("ST_CUDA_CUPTI").is_some_and(|value| value == "0") {
            return Err("no CUPTI (ST_CUDA_CUPTI=0)".into());
        }
        let mut names: Vec<String> = (12..=16).rev().map(|v| format!("libcupti.so.{v}")).collect();
        names.push("libcupti.so".into());
        let library = open(&names).ok_or("no CUPTI (pip install nvidia-cuda-cupti)")?;
        Cupti::of(library).map_err(|why| format!("CUPTI cannot be used: {why}"))
    });
    CUPTI.as_ref().map_err(String::as_str)
}

/// Its version, or what is missing.
pub(crate) fn about() -> String {
    let mut version = 0;
    match cupti() {
        Ok(cupti) => {
            // SAFETY: `version` is written.
            unsafe { (cupti.cuptiGetVersion)(&raw mut version) };
            format!("CUPTI {version}")
        }
        Err(why) => why.to_owned(),
    }
}

fn check(code: c_int) -> Result<()> {
    if code == 0 { Ok(()) } else { Err(runtime_err!("cuda: CUPTI cannot record ({code})")) }
}

/// Records from here on; false if CUPTI is missing, or another tool uses it.
pub(crate) fn start(began: Instant) -> bool {
    let Ok(cupti) = cupti() else { return false };
    let mut recording = RECORDING.lock().unwrap_or_else(PoisonError::into_inner);
    if recording.is_some() {
        return true;
    }
    *TOLD_SO_FAR.lock().unwrap_or_else(PoisonError::into_inner) = Told::default();
    // SAFETY: the callbacks live as long as the process; `now` is written.
    let outcome = unsafe {
        let enable = |kind| check((cupti.cuptiActivityEnable)(kind));
        check((cupti.cuptiActivityRegisterCallbacks)(requested, completed))
            .and_then(|()| KINDS.into_iter().try_for_each(enable))
    };
    if outcome.is_err() {
        disable(cupti);
        return false;
    }
    let (mut now, before) = (0, began.elapsed());
    // SAFETY: `now` is written.
    unsafe { (cupti.cuptiGetTimestamp)(&raw mut now) };
    let middle = (before + began.elapsed()) / 2;
    *recording = Some(middle.as_nanos() as i64 - now as i64);
    true
}

fn disable(cupti: &Cupti) {
    for kind in KINDS {
        // SAFETY: a kind's number.
        unsafe { (cupti.cuptiActivityDisable)(kind) };
    }
}

/// What this thread asks for belongs to a number, until that ends with 0.
pub(crate) fn attribute(number: u64) {
    let Ok(cupti) = cupti() else { return };
    let mut last = 0;
    // SAFETY: `last` is written.
    unsafe {
        match number {
            0 => (cupti.cuptiActivityPopExternalCorrelationId)(OURS, &raw mut last),
            _ => (cupti.cuptiActivityPushExternalCorrelationId)(OURS, number),
        };
    }
}

/// What all GPUs did; the recording ends. Nothing if it had ended before.
pub(crate) fn stop() -> Vec<Activity> {
    let Ok(cupti) = cupti() else { return Vec::new() };
    let Some(offset) = RECORDING.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return Vec::new();
    };
    // SAFETY: all work is done. 1: also what is not complete.
    unsafe { (cupti.cuptiActivityFlushAll)(1) };
    disable(cupti);
    let told = std::mem::take(&mut *TOLD_SO_FAR.lock().unwrap_or_else(PoisonError::into_inner));
    let mut all = told.activities;
    for activity in &mut all {
        activity.of = told.asked.get(&activity.link).copied().unwrap_or(0);
        activity.start += offset;
        activity.end += offset;
    }
    all.sort_by_key(|activity| activity.start);
    all
}

/// CUPTI wants room for records.
unsafe extern "C" fn requested(buffer: *mut *mut u8, size: *mut usize, most: *mut usize) {
    // SAFETY: CUPTI's places for the answers; the layout is not empty.
    unsafe {
        *buffer = alloc(BUFFER);
        *size = if (*buffer).is_null() { 0 } else { BUFFER.size() };
        *most = 0;
    }
}

/// CUPTI has filled a buffer.
unsafe extern "C" fn completed(_: *mut c_void, _: c_uint, buffer: *mut u8, _: usize, filled: usize) {
    let _ = catch_unwind(|| {
        let Ok(cupti) = cupti() else { return };
        let mut told = TOLD_SO_FAR.lock().unwrap_or_else(PoisonError::into_inner);
        let mut record = null();
        // SAFETY: CUPTI's own buffer, with as many bytes of records as it says; each record is read by its kind.
        unsafe {
            while (cupti.cuptiActivityGetNextRecord)(buffer, filled, &raw mut record) == 0 {
                read(cupti, &Record(record), &mut told);
            }
        }
    });
    if !buffer.is_null() {
        // SAFETY: it was allocated above with this layout.
        unsafe { dealloc(buffer, BUFFER) };
    }
}

/// A record where it lies.
struct Record(*const u8);

impl Record {
    /// # Safety
    /// There is a field of this type at this place.
    unsafe fn at<T: Copy>(&self, place: usize) -> T {
        // SAFETY: the caller's promise; records are packed.
        unsafe { self.0.add(place).cast::<T>().read_unaligned() }
    }

    /// # Safety
    /// As above, for a 32-bit field.
    unsafe fn number(&self, name: &'static str, place: usize) -> (&'static str, i64) {
        // SAFETY: the caller's promise.
        (name, i64::from(unsafe { self.at::<u32>(place) }))
    }
}

/// # Safety
/// The record is CUPTI's.
unsafe fn read(cupti: &Cupti, record: &Record, told: &mut Told) {
    // SAFETY: places of fields as in CUPTI's headers from CUDA 11 to 13.
    unsafe {
        let kind = record.at::<c_int>(0);
        let activity = match kind {
            LINK => {
                if record.at::<c_int>(4) == OURS {
                    told.asked.insert(u64::from(record.at::<u32>(16)), record.at(8));
                }
                return;
            }
            KERNEL | KERNEL_BESIDE_OTHERS => Activity {
                name: text(record.at(104)),
                numbers: vec![
                    record.number("groups", 52),
                    record.number("threads per group", 64),
                    ("registers per thread", i64::from(record.at::<u16>(6))),
                    record.number("shared memory", 80),
                ],
                ..done("kernel", record, (16, 40, 48, 92))
            },
            COPY | COPY_BETWEEN_GPUS => {
                let link = if kind == COPY { 44 } else { 60 };
                let bytes = record.at::<u64>(8) as i64;
                Activity {
                    name: copy_name(record.at::<u8>(4)).into(),
                    numbers: vec![("bytes", bytes)],
                    ..done("gpu_memcpy", record, (16, 32, 40, link))
                }
            }
            CLEAR => Activity {
                name: "Memset (Device)".into(),
                numbers: vec![("bytes", record.at::<u64>(8) as i64)],
                ..done("gpu_memset", record, (16, 32, 40, 44))
            },
            WAIT => Activity {
                name: wait_name(record.at::<c_int>(4)).into(),
                device: None,
                ..done("cuda_sync", record, (8, 28, 32, 24))
            },
            CALL => {
                let mut name = null();
                (cupti.cuptiGetCallbackName)(DRIVER, record.at(4), &raw mut name);
                let name = text(name);
                if !TOLD.iter().any(|told| name.starts_with(told)) {
                    return;
                }
                Activity { name, device: None, ..done("cuda_driver", record, (8, 24, 28, 32)) }
            }
            _ => return,
        };
        // What was not complete has no times.
        if activity.start != 0 && activity.end >= activity.start {
            told.activities.push(activity);
        }
    }
}

/// What all records have: times, the GPU, the stream, and what links them with a call.
///
/// # Safety
/// The places are those of the record's kind.
unsafe fn done(
    category: &'static str,
    record: &Record,
    (start, device, stream, link): (usize, usize, usize, usize),
) -> Activity {
    // SAFETY: the caller's promise; the end stands behind the start.
    unsafe {
        Activity {
            category,
            start: record.at::<u64>(start) as i64,
            end: record.at::<u64>(start + 8) as i64,
            device: Some(record.at::<u32>(device) as usize),
            stream: u64::from(record.at::<u32>(stream)),
            link: u64::from(record.at::<u32>(link)),
            ..Activity::default()
        }
    }
}

/// # Safety
/// A string that ends with a zero byte, or null.
unsafe fn text(start: *const c_char) -> String {
    if start.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(start) }.to_string_lossy().into_owned()
}

fn copy_name(kind: u8) -> &'static str {
    match kind {
        1 => "Memcpy HtoD",
        2 => "Memcpy DtoH",
        8 => "Memcpy DtoD",
        10 => "Memcpy PtoP",
        _ => "Memcpy",
    }
}

fn wait_name(kind: c_int) -> &'static str {
    match kind {
        1 => "Event Sync",
        2 => "Stream Wait Event",
        3 => "Stream Sync",
        4 => "Context Sync",
        _ => "Sync",
    }
}
