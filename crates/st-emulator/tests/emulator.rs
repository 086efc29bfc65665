//! The emulator finds the mistakes it is there for, each beside a kernel that is right.

use st_emulator::{Emulator, Run, Source, compiler};
use st_kernel::render::c::CUDA;

const GROUP: usize = 64;
const STEPS: u32 = 5;

/// A kernel of 64 threads that reads `b0` and writes an element of `b1` each; number 0 is a count.
fn kernel(name: &str, body: &str) -> Source {
    let head = "struct Numbers { i32 w[1]; };\n\
        extern \"C\" __global__ void entry(const f32* b0, f32* b1, const Numbers n, u32* faults) {\n  \
        const i32 t = i32(threadIdx.x);\n";
    Source { name: name.into(), text: format!("{head}{body}}}\n") }
}

/// Reads stretches of `b0` while it adds those that have arrived, reversed by way of shared memory.
fn pipeline(name: &str, wait: &str) -> Source {
    let body = "
  __shared__ f32 stages[2][64];
  f32 sum = 0;
  __pipeline_memcpy_async(&stages[0][t], &b0[t], 4);
  __pipeline_commit();
  for (i32 k = 0; k < n.w[0]; k++) {
    if (k + 1 < n.w[0]) { __pipeline_memcpy_async(&stages[(k + 1) % 2][t], &b0[64 * (k + 1) + t], 4); }
    __pipeline_commit();
    WAIT
    __syncthreads();
    sum += stages[k % 2][63 - t];
    __syncthreads();
  }
  b1[t] = sum;
";
    kernel(name, &body.replace("WAIT", wait))
}

/// Runs a kernel on the numbers 0, 1, 2, ...: what it writes, or the emulator's message.
fn results(emulator: &Emulator, name: &str, seed: u32) -> Result<Vec<f32>, String> {
    let input: Vec<u8> = (0..GROUP as u32 * STEPS).flat_map(|i| (i as f32).to_ne_bytes()).collect();
    let buffers = [input, vec![0; 4 * GROUP]];
    let run = Run { name, groups: 1, threads: GROUP, seed, numbers: &[STEPS], buffers: &buffers };
    let left = emulator.run(&run)?;
    let (words, []) = left.buffers[1].as_chunks::<4>() else { unreachable!("four bytes each") };
    Ok(words.iter().map(|w| f32::from_ne_bytes(*w)).collect())
}

#[test]
fn mistakes_are_found() {
    if compiler().is_none() {
        eprintln!("skipped: there is no C++ compiler");
        return;
    }
    let reversed = "  __shared__ f32 s[64];\n  s[t] = b0[t];\n  BARRIER\n  b1[t] = s[63 - t];\n";
    let warp = "  f32 x = b0[t];\n  for (i32 m = 16; m > 0; m /= 2) { x += __shfl_xor_sync(~0u, x, m); }\n  b1[t] = x;\n";
    let kernels = [
        kernel("reversed", &reversed.replace("BARRIER", "__syncthreads();")),
        kernel("no_barrier", &reversed.replace("BARRIER", "")),
        kernel("some_wait", &reversed.replace("BARRIER", "if (t < 40) { __syncthreads(); }")),
        kernel(
            "two_places",
            &reversed.replace("BARRIER", "if (t < 32) {\n__syncthreads();\n} else {\n__syncthreads();\n}"),
        ),
        kernel("some_leave", &reversed.replace("BARRIER", "if (t == 7) { return; }\n__syncthreads();")),
        kernel("outside", "  b1[t + 1] = b0[t];\n"),
        kernel("warp", warp),
        kernel("half_a_warp", &warp.replace("  f32 x", "  if (t % 32 < 16) { return; }\n  f32 x")),
        pipeline("pipeline", "__pipeline_wait_prior(1);"),
        pipeline("late_wait", "__pipeline_wait_prior(2);"),
        pipeline("no_wait", ""),
    ];
    let emulator = Emulator::new(&CUDA, "mistakes", &kernels).expect("the kernels are C++");
    let right = |name: &str, expected: &dyn Fn(usize) -> f32| {
        for seed in 0..4 {
            let found = results(&emulator, name, seed).unwrap_or_else(|e| panic!("{name}: {e}"));
            let expected: Vec<f32> = (0..GROUP).map(expected).collect();
            assert_eq!(found, expected, "{name}");
        }
    };
    right("reversed", &|t| (63 - t) as f32);
    right("warp", &|t| (0..32).map(|lane| (t / 32 * 32 + lane) as f32).sum());
    right("pipeline", &|t| (0..STEPS as usize).map(|k| (64 * k + 63 - t) as f32).sum());

    for name in ["no_barrier", "late_wait", "no_wait"] {
        let poisoned =
            (0..4).all(|seed| results(&emulator, name, seed).is_ok_and(|r| r.iter().any(|x| x.is_nan())));
        assert!(poisoned, "{name}: what had not arrived was read");
    }
    for (name, message) in [
        ("some_wait", "divergent"),
        ("two_places", "divergent"),
        ("some_leave", "divergent"),
        ("half_a_warp", "divergent"),
        ("outside", "outside"),
    ] {
        let error = results(&emulator, name, 1).expect_err(name);
        assert!(error.contains(message), "{name}: {error}");
    }
}
