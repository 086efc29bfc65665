//! The devices of this program: the CPU, and GPUs, which are opened when they are first asked for.
//!
//! Which backends there are is decided by the crate's features, here and nowhere else.

use super::meta;
use crate::graph::DeviceId;
use st_backend_cpu::CpuDevice;
use st_kernel::{Device, DeviceInfo, Result, runtime_err, value_err};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

/// Devices of one kind.
const EACH: usize = 8;

/// A kind of device besides the CPU. Its devices have ids from `1 + EACH * position` on.
struct Kind {
    name: &'static str,
    /// Whether this build has it.
    built_in: bool,
    /// The devices that can be opened, or why there are none.
    find: fn() -> std::result::Result<Vec<Found>, String>,
    open: fn(usize) -> Result<Box<dyn Device>>,
}

/// A device that can be opened.
struct Found {
    /// Whether it is a program on the CPU that stands in for a GPU.
    software: bool,
}

const KINDS: [Kind; 3] = [
    Kind { name: "wgpu", built_in: cfg!(feature = "wgpu"), find: wgpu::find, open: wgpu::open },
    Kind { name: "cuda", built_in: cfg!(feature = "cuda"), find: cuda::find, open: cuda::open },
    Kind {
        name: meta::NAME,
        built_in: true,
        find: || Ok(vec![Found { software: true }]),
        open: |_| Ok(Box::new(meta::Meta::new())),
    },
];

#[cfg(feature = "wgpu")]
mod wgpu {
    use st_backend_wgpu::{WgpuDevice, adapters};
    use st_kernel::{Device, Result};

    pub(super) fn find() -> std::result::Result<Vec<super::Found>, String> {
        match adapters() {
            [] => Err("no GPU was found: is a Vulkan, Metal or DirectX 12 driver installed?".into()),
            found => Ok(found.iter().map(|a| super::Found { software: a.is_software() }).collect()),
        }
    }

    pub(super) fn open(index: usize) -> Result<Box<dyn Device>> {
        Ok(Box::new(WgpuDevice::open(index)?))
    }
}

#[cfg(feature = "cuda")]
mod cuda {
    use st_backend_cuda::{CudaDevice, device_count};
    use st_kernel::{Device, Result};

    pub(super) fn find() -> std::result::Result<Vec<super::Found>, String> {
        Ok((0..device_count()?).map(|_| super::Found { software: false }).collect())
    }

    pub(super) fn open(index: usize) -> Result<Box<dyn Device>> {
        Ok(Box::new(CudaDevice::open(index)?))
    }
}

/// A module that stands in for a backend that this build does not have.
macro_rules! absent {
    ($feature:literal, $module:ident) => {
        #[cfg(not(feature = $feature))]
        mod $module {
            use st_kernel::{Device, Result, unsupported};

            const ABSENT: &str =
                concat!("this build has no ", $feature, " backend (the feature `", $feature, "` is off)");

            pub(super) fn find() -> std::result::Result<Vec<super::Found>, String> {
                Err(ABSENT.into())
            }

            pub(super) fn open(_: usize) -> Result<Box<dyn Device>> {
                Err(unsupported!("{ABSENT}"))
            }
        }
    };
}
absent!("wgpu", wgpu);
absent!("cuda", cuda);

/// The device of an id: 0 is the CPU.
pub fn device(id: DeviceId) -> Result<&'static dyn Device> {
    static CPU: LazyLock<CpuDevice> = LazyLock::new(CpuDevice::new);
    static OPEN: [OnceLock<Box<dyn Device>>; KINDS.len() * EACH] =
        [const { OnceLock::new() }; KINDS.len() * EACH];
    static OPENING: Mutex<()> = Mutex::new(());
    let Some(at) = usize::from(id).checked_sub(1) else { return Ok(&*CPU) };
    let Some(place) = OPEN.get(at) else {
        return Err(value_err!("there is no device number {id}; st.backends() lists them"));
    };
    let kind = &KINDS[at / EACH];
    if FORKED.load(Relaxed) && kind.name != meta::NAME {
        return Err(runtime_err!(
            "a forked process cannot use {}, which its parent has opened; start it by the method 'spawn'",
            kind.name
        ));
    }
    if let Some(open) = place.get() {
        return Ok(&**open);
    }
    let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    if place.get().is_none() {
        let opened = (kind.open)(at % EACH)?;
        let _ = place.set(opened);
        OPENED.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        ONLY_CPU.store(false, Relaxed);
    }
    Ok(&**place.get().expect("set above"))
}

/// Whether this process was forked from one that had opened a device: drivers do not survive that.
static FORKED: AtomicBool = AtomicBool::new(false);

/// To be called in a process that was forked.
pub fn forked() {
    FORKED.store(!only_cpu(), Relaxed);
}

static ONLY_CPU: AtomicBool = AtomicBool::new(true);
static OPENED: Mutex<Vec<DeviceId>> = Mutex::new(Vec::new());

/// Whether no other device has been opened, so that tensors cannot be on different ones.
pub(crate) fn only_cpu() -> bool {
    ONLY_CPU.load(Relaxed)
}

thread_local!(static BESIDE: Cell<DeviceId> = const { Cell::new(0) });

/// Runs an operator whose operands are on a device: the constants it makes of slices are made there.
pub(crate) fn beside<T>(id: DeviceId, work: impl FnOnce() -> T) -> T {
    if only_cpu() {
        return work();
    }
    struct Restore(DeviceId);
    impl Drop for Restore {
        fn drop(&mut self) {
            BESIDE.set(self.0);
        }
    }
    let _restore = Restore(BESIDE.replace(id));
    work()
}

/// Where an operator's constants belong.
pub(crate) fn device_beside() -> DeviceId {
    BESIDE.get()
}

/// Whether tensors of a device have no values: `meta`.
pub fn has_no_values(id: DeviceId) -> bool {
    !only_cpu() && device(id).is_ok_and(|device| device.info().kind == meta::NAME)
}

/// The id of device `index` of a kind, such as `wgpu`; it is opened.
pub fn find_device(kind: &str, index: usize) -> Result<DeviceId> {
    if kind == "cpu" && index == 0 {
        return Ok(0);
    }
    let at = KINDS.iter().position(|k| k.name == kind);
    let absent = |why: &str| runtime_err!("device '{kind}:{index}' is not available: {why} (see backends())");
    let Some(at) = at.filter(|_| index < EACH) else { return Err(absent("this build has no such backend")) };
    let found = (KINDS[at].find)().map_err(|why| absent(&why))?;
    if index >= found.len() {
        return Err(absent(&format!("there are {} of the kind", found.len())));
    }
    let id = (1 + at * EACH + index) as DeviceId;
    device(id)?;
    Ok(id)
}

/// How many GPUs of a kind there are, without opening them; programs that stand in for one count only if `software`.
pub fn device_count(kind: &str, software: bool) -> usize {
    let found = KINDS.iter().find(|k| k.name == kind).and_then(|k| (k.find)().ok());
    found.map_or(0, |all| all.iter().filter(|f| software || !f.software).count())
}

/// Whether this build has a kind of device.
pub fn is_built_in(kind: &str) -> bool {
    kind == "cpu" || KINDS.iter().any(|k| k.name == kind && k.built_in)
}

/// A backend, for people.
pub struct Backend {
    /// `cpu`, `wgpu`, `cuda`.
    pub name: &'static str,
    /// Whether this build has it.
    pub built_in: bool,
    /// Why it has no devices, if so.
    pub reason: Option<String>,
    /// Its devices.
    pub devices: Vec<DeviceInfo>,
}

/// All backends this build may have.
pub fn backends() -> Result<Vec<Backend>> {
    let mut all =
        vec![Backend { name: "cpu", built_in: true, reason: None, devices: vec![device(0)?.info().clone()] }];
    for (at, kind) in KINDS.iter().enumerate().filter(|(_, kind)| kind.name != meta::NAME) {
        let (mut reason, mut devices) = (None, Vec::new());
        match (kind.find)() {
            Err(why) => reason = Some(why),
            Ok(found) => {
                for index in 0..found.len().min(EACH) {
                    match device((1 + at * EACH + index) as DeviceId) {
                        Ok(device) => devices.push(described(device)),
                        Err(error) => reason = Some(error.to_string()),
                    }
                }
            }
        }
        all.push(Backend { name: kind.name, built_in: kind.built_in, reason, devices });
    }
    Ok(all)
}

/// What a device is, with how it records its work.
fn described(device: &dyn Device) -> DeviceInfo {
    let mut info = device.info().clone();
    info.abilities.extend(device.activities().map(|activities| activities.about()));
    info
}

/// The ids of the devices that are open.
pub(crate) fn open_devices() -> Vec<DeviceId> {
    let mut ids = vec![0];
    ids.extend(OPENED.lock().unwrap_or_else(PoisonError::into_inner).iter());
    ids
}
