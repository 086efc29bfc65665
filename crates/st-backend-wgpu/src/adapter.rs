//! Which GPUs there are, and opening one.

use crate::kept::Kept;
use st_kernel::{DType, DeviceInfo, Result, runtime_err};
use std::sync::LazyLock;
use wgpu::{AdapterInfo, DeviceType, Features};

/// What products by matrix units need.
const MATRICES: Features = Features::EXPERIMENTAL_COOPERATIVE_MATRIX.union(HALVES);
/// What kernels by matrix units need besides.
const HALVES: Features = Features::SHADER_F16.union(Features::SUBGROUP);
/// What doubles need: integers of their size are their bits.
const DOUBLES: Features = Features::SHADER_F64.union(Features::SHADER_INT64);
/// What the device's clock needs.
const CLOCK: Features = Features::TIMESTAMP_QUERY.union(Features::TIMESTAMP_QUERY_INSIDE_ENCODERS);

/// A GPU that can be opened.
pub struct Found {
    adapter: wgpu::Adapter,
    info: AdapterInfo,
}

/// The GPUs of this machine, the fastest kind first. `ST_WGPU_ADAPTER` keeps those whose name contains it.
pub fn adapters() -> &'static [Found] {
    static FOUND: LazyLock<Vec<Found>> = LazyLock::new(find);
    &FOUND
}

fn find() -> Vec<Found> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    descriptor.flags = wgpu::InstanceFlags::empty();
    let instance = wgpu::Instance::new(descriptor);
    let wanted = std::env::var("ST_WGPU_ADAPTER").unwrap_or_default().to_lowercase();
    let all = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let mut found: Vec<Found> = all
        .into_iter()
        .map(|adapter| Found { info: adapter.get_info(), adapter })
        .filter(|found| found.info.name.to_lowercase().contains(&wanted))
        .collect();
    found.sort_by_key(|found| rank(found.info.device_type));
    found
}

fn rank(kind: DeviceType) -> u8 {
    match kind {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

impl Found {
    /// Whether it is a program on the CPU that stands in for a GPU.
    pub fn is_software(&self) -> bool {
        self.info.device_type == DeviceType::Cpu
    }

    /// What it is and can do, as number `index` of its kind.
    pub(crate) fn describe(&self, index: usize) -> DeviceInfo {
        let limits = self.adapter.limits();
        let mut abilities = vec![format!("{:?}", self.info.backend).to_lowercase()];
        if !self.info.driver.is_empty() {
            abilities.push(self.info.driver.clone());
        }
        if self.is_software() {
            abilities.push("in software".to_owned());
        }
        let named = [
            (Features::SUBGROUP, "subgroups"),
            (Features::SHADER_F16, "f16"),
            (Features::SHADER_INT64, "i64"),
            (Features::SHADER_F64, "f64"),
        ];
        let has = |(feature, name): (Features, &str)| {
            self.adapter.features().contains(feature).then(|| name.to_owned())
        };
        abilities.extend(named.into_iter().filter_map(has));
        DeviceInfo {
            kind: "wgpu",
            index,
            name: self.info.name.clone(),
            memory: self.memory(),
            abilities,
            dtypes: DType::ALL
                .into_iter()
                .filter(|d| !matches!(d, DType::U16 | DType::U32 | DType::U64))
                .filter(|&d| d != DType::F64 || self.has_doubles())
                .collect(),
            // Two more are bound beside a kernel's own: scratch memory and the word of faults.
            max_buffers: (limits.max_storage_buffers_per_shader_stage as usize).saturating_sub(2),
            line: 1,
            sums_down: false,
            adds_bias: false,
        }
    }

    /// Bytes of its own memory; only Vulkan tells.
    #[cfg(any(target_os = "linux", target_os = "windows", target_os = "android"))]
    fn memory(&self) -> Option<u64> {
        const DEVICE_LOCAL: u32 = 1;
        // SAFETY: the adapter is only asked, and lives as long as `self`.
        let adapter = unsafe { self.adapter.as_hal::<wgpu::hal::api::Vulkan>() }?;
        let instance = adapter.shared_instance().raw_instance();
        // SAFETY: the physical device is one of this instance.
        let found = unsafe { instance.get_physical_device_memory_properties(adapter.raw_physical_device()) };
        let heaps = &found.memory_heaps[..found.memory_heap_count as usize];
        heaps.iter().filter(|heap| heap.flags.as_raw() & DEVICE_LOCAL != 0).map(|heap| heap.size).max()
    }

    #[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "android")))]
    fn memory(&self) -> Option<u64> {
        None
    }

    /// Whether it computes in double precision.
    pub(crate) fn has_doubles(&self) -> bool {
        self.adapter.features().contains(DOUBLES)
    }

    /// Whether it tells how long its work takes.
    pub(crate) fn has_clock(&self) -> bool {
        self.adapter.features().contains(CLOCK)
    }

    /// What is kept on disk for it, once it is open.
    pub(crate) fn kept(&self, device: &wgpu::Device) -> Option<Kept> {
        if self.hands_out_kernels() { Kept::open(device, &self.info) } else { None }
    }

    fn hands_out_kernels(&self) -> bool {
        self.adapter.features().contains(Features::PIPELINE_CACHE)
    }

    /// Whether its matrix units multiply matrices of 16 x 16 in half precision, with sums in single precision.
    pub(crate) fn has_matrices(&self) -> bool {
        use wgpu::CooperativeScalarType::{F16, F32};
        let fits = |p: &wgpu::CooperativeMatrixProperties| {
            (p.m_size, p.n_size, p.k_size) == (16, 16, 16) && p.ab_type == F16 && p.cr_type == F32
        };
        let subgroups = (self.info.subgroup_min_size, self.info.subgroup_max_size) == (32, 32);
        subgroups
            && self.adapter.features().contains(MATRICES)
            && self.adapter.cooperative_matrix_properties().iter().any(fits)
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Result<(wgpu::Device, wgpu::Queue)> {
        let wanted = [
            (self.has_matrices(), MATRICES),
            (self.adapter.features().contains(HALVES), HALVES),
            (self.has_doubles(), DOUBLES),
            (self.has_clock(), CLOCK),
            (self.hands_out_kernels(), Features::PIPELINE_CACHE),
        ];
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("spiraltorch"),
            required_features: wanted
                .into_iter()
                .filter(|(has, _)| *has)
                .fold(Features::empty(), |all, (_, feature)| all | feature),
            required_limits: self.adapter.limits(),
            // SAFETY: of these, kernels use cooperative matrices only, and only after a test of their results.
            experimental_features: unsafe { wgpu::ExperimentalFeatures::enabled() },
            memory_hints: wgpu::MemoryHints::Performance,
            trace: wgpu::Trace::Off,
        };
        pollster::block_on(self.adapter.request_device(&descriptor))
            .map_err(|e| runtime_err!("wgpu: {} cannot be opened: {e}", self.info.name))
    }
}
