//! The device as a whole: what it says of itself, memory that is used again, callers side by side.

mod common;

use common::{Rng, Tensor, assert_same, run};
use st_backend_cpu::{CpuDevice, external_buffer, memory_stats};
use st_kernel::{Buffer, DType, Device, DeviceBuffer, Error, Kernel, Scalar, ScanOp};
use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;

#[test]
fn it_says_what_it_is() {
    let device = CpuDevice::new();
    let info = device.info();
    assert_eq!((info.kind, info.index), ("cpu", 0));
    assert!(!info.name.is_empty() && info.memory.is_some_and(|bytes| bytes > 64 << 20));
    assert_eq!(info.dtypes, DType::ALL);
    assert!(info.abilities.iter().any(|ability| ability.ends_with("threads")), "{:?}", info.abilities);
    device.synchronize().unwrap();
}

#[test]
fn what_is_uploaded_can_be_downloaded() {
    let device = CpuDevice::new();
    for length in [0, 1, 63, 5000, 3 << 20] {
        let bytes: Vec<u8> = (0..length).map(|i| (i * 7 % 251) as u8).collect();
        let buffer = device.alloc(length).unwrap();
        assert_eq!(buffer.len(), length);
        device.upload(&bytes, &buffer).unwrap();
        let mut back = vec![0; length];
        device.download(&buffer, &mut back).unwrap();
        assert_eq!(bytes, back);
        let mut more = vec![0; length + 1];
        assert!(matches!(device.download(&buffer, &mut more), Err(Error::Runtime(_))));
        assert!(matches!(device.upload(&more, &buffer), Err(Error::Runtime(_))));
    }
    assert!(matches!(device.alloc(usize::MAX), Err(Error::OutOfMemory(_))));
}

#[test]
fn freed_buffers_are_used_again() {
    let device = CpuDevice::new();
    // Sizes of a class no other test uses; a thread's own small blocks, and large ones that all threads share.
    for bytes in [10_001, 5_555_555] {
        let buffer = device.alloc(bytes).unwrap();
        let at = buffer.host_ptr();
        let other = buffer.clone();
        drop(buffer);
        assert_ne!(device.alloc(bytes).unwrap().host_ptr(), at, "a handle is left");
        let in_use = device.memory_stats().in_use;
        drop(other);
        assert_eq!(device.alloc(bytes).unwrap().host_ptr(), at);
        assert!(in_use >= bytes as u64 && memory_stats().peak >= in_use);
    }
}

#[test]
fn kernels_run_on_memory_of_others() {
    let mut numbers = vec![1.0f32; 10];
    let ptr = NonNull::new(numbers.as_mut_ptr()).unwrap().cast();
    // SAFETY: the vector is the buffer's owner, and nobody else uses its elements meanwhile.
    let buffer = unsafe { external_buffer(ptr, 40, Box::new(numbers)) };
    let mut tensor = Tensor::new(DType::F32, &[10], &[Scalar::Int(0); 10]);
    tensor.buffer = buffer;
    let kernel = Kernel::Scan { op: ScanOp::Sum, dtype: DType::F32 };
    run(&kernel, &[10], &[&tensor], &[&tensor], &[]).unwrap();
    let expected: Vec<Scalar> = (1..=10).map(|i| Scalar::Float(f64::from(i))).collect();
    assert_same(&tensor.values(), &expected, "in place");
}

#[test]
fn buffers_of_other_devices_are_refused() {
    struct Elsewhere;
    impl DeviceBuffer for Elsewhere {
        fn len(&self) -> usize {
            4
        }
        fn host_ptr(&self) -> Option<NonNull<u8>> {
            None
        }
        fn as_any(&self) -> &dyn Any {
            self
        }
    }
    let device = CpuDevice::new();
    let buffer: Buffer = Arc::new(Elsewhere);
    assert!(device.upload(&[1], &buffer).is_err());
    assert!(device.download(&buffer, &mut [1]).is_err());
    let mut tensor = Tensor::new(DType::F32, &[1], &[Scalar::Int(0)]);
    tensor.buffer = buffer;
    let kernel = Kernel::Scan { op: ScanOp::Sum, dtype: DType::F32 };
    assert!(run(&kernel, &[1], &[&tensor], &[&tensor], &[]).is_err());
}

#[test]
fn callers_side_by_side_get_their_own_results() {
    std::thread::scope(|scope| {
        for seed in 1..=4 {
            scope.spawn(move || {
                let mut rng = Rng(seed);
                for round in 0..15 {
                    let length = 1 + rng.below(if round % 5 == 0 { 100_000 } else { 2000 });
                    let values: Vec<Scalar> = (0..length).map(|_| rng.number(DType::I64)).collect();
                    let read = Tensor::new(DType::I64, &[length], &values);
                    let [sums, sorted, positions] =
                        [(); 3].map(|_| Tensor::new(DType::I64, &[length], &values));
                    let scan = Kernel::Scan { op: ScanOp::Sum, dtype: DType::I64 };
                    run(&scan, &[length], &[&read], &[&sums], &[]).unwrap();
                    let sort = Kernel::Sort { descending: false, dtype: DType::I64 };
                    run(&sort, &[length], &[&read], &[&sorted, &positions], &[]).unwrap();

                    let mut expected: Vec<i64> = values.iter().map(|x| x.to_i64()).collect();
                    let mut sum = 0;
                    let running = expected.iter().map(|x| (sum += x, Scalar::Int(sum)).1).collect::<Vec<_>>();
                    expected.sort_unstable();
                    let expected: Vec<Scalar> = expected.into_iter().map(Scalar::Int).collect();
                    assert_same(&sums.values(), &running, "sums");
                    assert_same(&sorted.values(), &expected, "sorted");
                }
            });
        }
    });
}
