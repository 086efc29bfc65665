"""What torch's own samples call wrong is refused in its words; `out=` is refused where torch refuses it."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("kinds and words of errors do not depend on the device")

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
from parity import carry  # noqa: E402

check = pytest.importorskip("parity.check")
OPERATORS = check.operators()
# Samples of errors that are not ours to raise, or that torch's own operators do not raise.
NOT_OURS = ("jiterator_", "clamp_max", "clamp_min")
# We say something else there, with the same kind of error.
OTHER_WORDS = set(
    """
    aminmax cat linspace linspace[tensor_overload] logspace logspace[tensor_overload] mean multinomial narrow_copy
    nn.functional.max_pool1d ormqr
    """.split()
)
# Torch's functions of these names take `out=` in a form that its samples do not try.
IN_ANOTHER_FORM = set("argsort det nonzero_static prod sum".split())


def wrong() -> list[str]:
    return sorted(
        name
        for name, op in OPERATORS.items()
        if op.error_inputs_func is not None and not op.name.startswith(NOT_OURS)
    )


def can_be_carried(call: Any) -> bool:
    """Whether all tensors have values, and no two elements the same memory."""
    out = call.kwargs.get("out")
    if isinstance(out, torch.Tensor) and not out.numel():
        return False  # torch finds that it shares memory, of which there is none
    tensors = [x for x in carry.tensors_in(call.parts()) if x.numel()]
    memory = {x.untyped_storage().data_ptr(): x.untyped_storage().nbytes() for x in tensors if not x.is_meta}
    return len(memory) == len(tensors) and all(
        x.numel() * x.element_size() <= memory[x.untyped_storage().data_ptr()] for x in tensors
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", wrong())
def test_wrong_inputs_are_refused_in_torchs_words(name: str) -> None:
    op = OPERATORS[name]
    ours = check.our_function(op)
    assert ours is not None
    for case in op.error_inputs("cpu"):
        sample = case.sample_input
        call = check.Call(sample.input, sample.args, sample.kwargs)
        if not can_be_carried(call):
            continue
        mine = check.our_call(call)
        with pytest.raises(case.error_type) as refused:
            mine.apply(ours)
        if name not in OTHER_WORDS:
            said = str(refused.value).replace("spiraltorch_rs", "torch")
            assert re.search(case.error_regex, said), (case.error_regex, said)


def without_out() -> list[str]:
    names = [name for name, op in OPERATORS.items() if not op.supports_out and op.name not in IN_ANOTHER_FORM]
    return sorted(name for name in names if check.our_function(OPERATORS[name]) is getattr(st, name, None))


@pytest.mark.parametrize("name", without_out())
def test_out_is_refused_where_torch_refuses_it(name: str) -> None:
    op = OPERATORS[name]
    dtype = torch.float32 if torch.float32 in op.supported_dtypes("cpu") else torch.int64
    sample: Any = next(iter(op.sample_inputs("cpu", dtype)))
    mine = check.our_call(check.torch_call(sample))
    mine.kwargs["out"] = carry.ours(torch.empty(0, dtype=dtype))
    with pytest.raises(TypeError):
        mine.apply(check.our_function(op))
