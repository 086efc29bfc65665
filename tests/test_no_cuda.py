"""What programs ask of `torch.cuda` on a machine without a GPU of NVIDIA."""

import pytest
import torch

import spiraltorch_rs as st

pytestmark = [
    pytest.mark.skipif(st.cuda.is_available(), reason="there is a GPU"),
    pytest.mark.cpu_only("without a GPU there is nothing to choose"),
]


def test_questions_have_torchs_answers() -> None:
    names = "is_available device_count is_initialized memory_allocated max_memory_allocated memory_reserved"
    for (
        name
    ) in f"{names} empty_cache get_rng_state_all is_bf16_supported is_tf32_supported memory_stats".split():
        assert getattr(st.cuda, name)() == getattr(torch.cuda, name)(), name
    x = st.ones(2)
    assert not x.is_pinned()
    assert x.to("cpu", non_blocking=True) is x
    with st.cuda.stream(None), st.cuda.nvtx.range("name"):
        assert st.cuda.nvtx.range_push("inner") == st.cuda.nvtx.range_pop()
    st.cuda.manual_seed_all(1)


@pytest.mark.parametrize(
    "name",
    "current_stream default_stream Stream mem_get_info get_device_properties get_device_capability "
    "get_device_name get_rng_state initial_seed synchronize current_device ipc_collect init "
    "CUDAGraph".split(),
)
def test_what_needs_a_gpu_says_so(name: str) -> None:
    with pytest.raises((RuntimeError, AssertionError)):
        getattr(torch.cuda, name)()
    with pytest.raises(RuntimeError, match="no CUDA device"):
        getattr(st.cuda, name)()


def test_events_are_recorded_by_streams() -> None:
    with pytest.raises(RuntimeError, match="no CUDA device"):
        st.cuda.Event().record()
    with pytest.raises(ValueError, match="recorded"):
        st.cuda.Event(enable_timing=True).elapsed_time(st.cuda.Event(enable_timing=True))


def test_memory_of_the_host_is_no_array_of_cuda() -> None:
    for library in (st, torch):
        with pytest.raises(AttributeError, match="non-CUDA"):
            _ = library.ones(1).__cuda_array_interface__


def test_graphs_need_a_gpu() -> None:
    assert not st.cuda.is_current_stream_capturing()
    for library in (st, torch):
        with pytest.raises((RuntimeError, AssertionError)):
            library.cuda.graph(None).__enter__()
        with pytest.raises((RuntimeError, AssertionError)):
            library.cuda.make_graphed_callables(library.nn.Linear(2, 2), (library.ones(2, 2),))
        with pytest.raises((RuntimeError, AssertionError)):
            library.cuda.can_device_access_peer(0, 1)
    st.ones(2)  # nothing is left of the attempts
    assert st.profiler.supported_activities() == {st.profiler.ProfilerActivity.CPU}


def test_only_gpus_record_graphs() -> None:
    with pytest.raises(NotImplementedError, match="no graphs"):
        st._C._capture_begin("cpu", 1)
    with pytest.raises(RuntimeError, match="no graph is being captured"):
        st._C._capture_end()
    assert not st._C._is_capturing()


def test_backends_say_why_there_is_none() -> None:
    cuda = next(backend for backend in st.backends() if backend.name == "cuda")
    assert not cuda.usable
    assert cuda.why_not
