//! Which GPUs there are, and opening one.

use st_kernel::{DType, DeviceInfo, Result, runtime_err};
use std::sync::LazyLock;
use wgpu::{AdapterInfo, DeviceType, Features};

/// What products by matrix units need.
const MATRICES: Features = Features::EXPERIMENTAL_COOPERATIVE_MATRIX.union(Features::SHADER_F16);

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
            memory: limits.max_buffer_size,
            abilities,
            dtypes: DType::ALL
                .into_iter()
                .filter(|d| !matches!(d, DType::F64 | DType::U16 | DType::U32 | DType::U64))
                .collect(),
            // One more is bound beside a kernel's own: the word of faults.
            max_buffers: limits.max_storage_buffers_per_shader_stage as usize - 1,
        }
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
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("spiraltorch"),
            required_features: if self.has_matrices() { MATRICES } else { Features::empty() },
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
