"""What a GPU has no kernel for: an error that says so, or, where that was allowed, the host does it and it is told."""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import spiraltorch_rs as st

BACKEND = next(backend for backend in st.backends() if backend.name == "wgpu")
pytestmark = [
    pytest.mark.skipif(not BACKEND.usable, reason=f"no GPU: {BACKEND.why_not}"),
    pytest.mark.cpu_only("the files of GPUs choose their device themselves"),
]


@pytest.fixture(autouse=True)
def policy() -> Iterator[None]:
    before = st.set_fallback("error")
    yield
    st.set_fallback(before)


def matrix() -> st.Tensor:
    return st.tensor([[2.0, 1.0], [0.0, 4.0]], device="wgpu")


def test_an_algorithm_of_the_host_is_an_error_with_a_remedy():
    with pytest.raises(NotImplementedError, match=r"inv.*wgpu:0.*\.cpu\(\).*set_fallback\('warn'\)"):
        st.linalg.inv(matrix()).tolist()
    with pytest.raises(NotImplementedError, match="fft"):
        st.fft.fft(st.ones(300, device="wgpu")).tolist()
    # What has a kernel goes on.
    assert (matrix() + 1).tolist() == [[3, 2], [1, 5]]


def test_it_is_told_once_for_each_operator():
    st.set_fallback("warn")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            assert st.linalg.det(matrix()).item() == 8
            assert st.linalg.svdvals(matrix()).device.type == "wgpu"
            st.synchronize()
    texts = [str(warning.message) for warning in told]
    assert len(texts) == len(set(texts)) >= 2
    assert all("copied there and back" in text for text in texts)


def test_it_is_silent_where_that_was_asked_for():
    st.set_fallback("allow")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert st.linalg.inv(matrix()).tolist() == [[0.5, -0.125], [0, 0.25]]


def run_with_small_windows(test: Callable[[Callable[[], Any]], None]) -> None:
    """Runs a test in a program of its own, where kernels see too little of a tensor to gather from a long one."""
    environment = {**os.environ, "ST_WGPU_WINDOW": str(16 << 10), "SPIRALTORCH_BANNER": "0"}
    command = [sys.executable, __file__, test.__name__]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr


def a_missing_kernel(gather: Callable[[], Any]) -> None:
    with pytest.raises(NotImplementedError, match=r"give it parts.*\n(.*\n)*.*set_fallback\('warn'\)"):
        gather()
    st.set_fallback("warn")
    with pytest.warns(UserWarning, match="index_select has no kernel on wgpu:0, the CPU does it"):
        assert gather() == [1, 8999, 4]
    st.set_fallback("allow")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gather() == [1, 8999, 4]


def a_warning_that_is_an_error(gather: Callable[[], Any]) -> None:
    st.set_fallback("warn")
    for _ in range(2):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(UserWarning, match="has no kernel"):
                gather()


def test_a_missing_kernel_is_an_error_and_then_the_cpus():
    run_with_small_windows(a_missing_kernel)


def test_a_warning_that_is_an_error_is_one_every_time():
    run_with_small_windows(a_warning_that_is_an_error)


def test_the_policy_is_one_of_three():
    assert st.get_fallback() == "error"
    assert st.set_fallback("allow") == "error"
    with pytest.raises(ValueError, match="'error', 'warn' or 'allow'"):
        st.set_fallback("silently")
    assert st.get_fallback() == "allow"


def test_a_device_says_what_it_is():
    device = BACKEND.devices[0]
    assert device.memory is None or device.memory > 2**28
    assert ("f64" in device.abilities and "i64" in device.abilities) == ("float64" in device.dtypes)


def test_kernels_are_timed():
    x = st.ones(300, 300, device="wgpu")
    report = st.explain(lambda: (x * 2).sum().item())
    assert all(kernel.seconds >= 0 for kernel in report.kernels)
    assert sum(kernel.seconds for kernel in report.kernels) > 0


if __name__ == "__main__":
    table = st.arange(9000.0).to("wgpu")
    index = st.tensor([1, 8999, 4]).to("wgpu")
    globals()[sys.argv[1]](lambda: table.index_select(0, index).tolist())
