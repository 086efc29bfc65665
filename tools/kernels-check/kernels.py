"""Compiles the kernels of crates/st-kernel/snapshots for the GPUs they are for. No GPU is needed.

| dialect | by | for |
|---|---|---|
| CUDA | NVRTC, from PyPI (`nvidia-cuda-nvrtc`) | sm_80, sm_90a, sm_100, sm_120 |
| HIP | clang 16 or newer with AMD's target | gfx90a, gfx942, gfx1100, gfx1200 |
| Metal | clang as OpenCL C++ behind `metal/metal_stdlib`, a strict declaration of what kernels may use | |

WGSL is validated by the tests of `st-kernel`. A tool that is missing is named, and its dialect skipped; `--all` makes
that a failure. `make kernels-check` sets the tools up.
"""

import argparse
import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KERNEL_CRATE = ROOT / "crates/st-kernel"
PRELUDES = {
    "cu": ["cuda.h", "shared.h", "double.h"],
    "hip": ["hip.h", "shared.h", "double.h"],
    "metal": ["metal.h", "shared.h"],
}
# What uses Hopper's own instructions says so in its name.
HOPPER, HOPPERS_OWN = "sm_90a", "_by_groups"
CUDA_TARGETS = ["sm_80", HOPPER, "sm_100", "sm_120"]
HIP_TARGETS = ["gfx90a", "gfx942", "gfx1100", "gfx1200"]


class Missing(Exception):
    """A tool is not on this machine."""


@dataclass
class Job:
    """A kernel for a target."""

    name: str
    text: str
    target: str


def programs(suffix: str) -> list[tuple[str, str]]:
    """The programs of a dialect, prelude and kernel, by name."""
    folder = KERNEL_CRATE / "src/render/c"
    prelude = "\n".join((folder / file).read_text() for file in PRELUDES[suffix])
    kernels = sorted((KERNEL_CRATE / "snapshots").glob(f"*.{suffix}"))
    by_units = "\n".join((folder / part).read_text() for part in ("warpgroup.h", "flash.h", "hopper.h"))
    texts = ((kernel.name, kernel.read_text()) for kernel in kernels)
    return [(name, f"{prelude}\n{by_units if 'flash::' in text else ''}\n{text}") for name, text in texts]


# ---- CUDA ----


def nvrtc() -> ctypes.CDLL:
    """NVRTC from the Python package, else the system's."""
    found = importlib.util.find_spec("nvidia")
    folders = [Path(p) for p in (found.submodule_search_locations or [])] if found else []
    files = [file for folder in folders for file in sorted(folder.glob("*/lib/libnvrtc.so.*"))]
    for file in [*map(str, files), "libnvrtc.so"]:
        try:
            return ctypes.CDLL(file)
        except OSError:
            continue
    raise Missing("NVRTC (pip install nvidia-cuda-nvrtc)")


def cuda_compiler() -> Callable[[Job], str | None]:
    """A function that compiles a kernel and gives the compiler's complaints, if any."""
    library = nvrtc()

    def compiled(job: Job) -> str | None:
        program = ctypes.c_void_p()
        text, name = job.text.encode(), job.name.encode()
        if library.nvrtcCreateProgram(ctypes.byref(program), text, name, 0, None, None):
            return "no program can be made"
        options = [f"--gpu-architecture={job.target}".encode(), b"--std=c++17"]
        failed = library.nvrtcCompileProgram(
            program, len(options), (ctypes.c_char_p * len(options))(*options)
        )
        size = ctypes.c_size_t()
        library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value + 1)
        library.nvrtcGetProgramLog(program, log)
        library.nvrtcDestroyProgram(ctypes.byref(program))
        return log.value.decode() or "refused" if failed else None

    return compiled


# ---- HIP and Metal ----


def clang() -> str:
    """A clang that compiles for AMD's GPUs."""
    names = [os.environ.get("CLANG"), *(f"clang-{version}" for version in range(22, 15, -1)), "clang"]
    for name in names:
        if name and shutil.which(name):
            known = subprocess.run(
                [name, "--print-targets"], capture_output=True, text=True, check=False
            ).stdout
            if "amdgcn" in known:
                return name
    raise Missing("clang 16 or newer with AMD's target (apt-get install clang-19)")


def clang_compiler(options: Callable[[Job], list[str]]) -> Callable[[Job], str | None]:
    """A function that gives a kernel to clang and gives its complaints, if any."""
    program = clang()

    def compiled(job: Job) -> str | None:
        command = [program, *options(job), "-w", "-"]
        ran = subprocess.run(command, input=job.text, capture_output=True, text=True, check=False)
        return (ran.stderr or "refused") if ran.returncode else None

    return compiled


def hip_options(job: Job) -> list[str]:
    """For code of one of AMD's GPUs, without ROCm's headers and libraries."""
    target = ["-x", "hip", "--offload-device-only", f"--offload-arch={job.target}"]
    return [*target, "-nogpuinc", "-nogpulib", "-std=c++17", "-O2", "-S", "-o", os.devnull]


def metal_options(_: Job) -> list[str]:
    """For checking types and address spaces."""
    folder = Path(__file__).parent / "metal"
    language = [
        "-x",
        "clcpp",
        "-cl-std=clc++2021",
        "-cl-no-stdinc",
        "-cl-ext=+cl_khr_fp16",
    ]
    return [*language, "-target", "spir64", "-I", str(folder), "-fsyntax-only"]


# ---- all of them ----


@dataclass
class Dialect:
    """A dialect and how it is checked."""

    name: str
    suffix: str
    targets: list[str]
    compiler: Callable[[], Callable[[Job], str | None]]

    def failures(self) -> Iterator[str]:
        """What does not compile, and why."""
        compiled = self.compiler()
        jobs = [
            Job(name, text, target)
            for name, text in programs(self.suffix)
            for target in self.targets
            if target == HOPPER or HOPPERS_OWN not in name
        ]
        if not jobs:
            yield f"there is no kernel in {self.name}"
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for job, complaint in zip(jobs, pool.map(compiled, jobs), strict=True):
                if complaint:
                    yield f"{job.name} for {job.target}: {complaint.strip()}"


CUDA = Dialect("CUDA", "cu", CUDA_TARGETS, cuda_compiler)
HIP = Dialect("HIP", "hip", HIP_TARGETS, lambda: clang_compiler(hip_options))
METAL = Dialect("Metal", "metal", ["Metal"], lambda: clang_compiler(metal_options))
DIALECTS = [CUDA, HIP, METAL]


def checked(dialect: Dialect, skipping: bool) -> bool:
    """Checks a dialect and says in a line how it went; the complaints follow."""
    start = time.monotonic()
    try:
        failures = list(dialect.failures())
    except Missing as missing:
        print(f"    {dialect.name}: {'skipped' if skipping else 'FAILED'}, there is no {missing}", flush=True)
        return skipping
    count = len(programs(dialect.suffix))
    seconds = time.monotonic() - start
    verdict = f"FAILED, {len(failures)} complaints" if failures else "ok"
    print(
        f"    {dialect.name}: {verdict}, {count} kernels for {', '.join(dialect.targets)}, {seconds:.0f} s",
        flush=True,
    )
    for failure in failures:
        print(failure, file=sys.stderr)
    return not failures


def main() -> int:
    parser = argparse.ArgumentParser(prog="kernels-check", description="Compile all rendered kernels.")
    parser.add_argument("--all", action="store_true", help="fail where a tool is missing")
    arguments = parser.parse_args()
    results = [checked(dialect, skipping=not arguments.all) for dialect in DIALECTS]
    return 0 if all(results) else 1
