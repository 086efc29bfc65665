"""`tools/kernels-check` refuses what a GPU's compiler would refuse, where its tools are there."""

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.cpu_only("no tensors")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools/kernels-check"))

import kernels  # noqa: E402

# The dialect, what its kernels are compiled for here, a line that is right, lines that are wrong.
CASES = [
    (kernels.CUDA, "b2[t] = expf(b0[t]);", ["b2[t] = exp_of_nothing(b0[t]);", "f32 x = &b0[t];"]),
    (kernels.HIP, "b2[t] = __ocml_exp_f32(b0[t]);", ["b2[t] = expf(b0[t]);", "b2[t] = b0[t]"]),
    (
        kernels.METAL,
        "b2[t] = metal::sqrt(b0[t]);",
        ["b2[t] = sqrt_of_nothing(b0[t]);", "double x = 1; b2[t] = x;", "threadgroup f32* p = b2; p[t] = 1;"],
    ),
]


@pytest.mark.parametrize(("dialect", "right", "wrong"), CASES, ids=[case[0].name for case in CASES])
def test_mistakes_are_refused(dialect, right, wrong):
    try:
        compiled = dialect.compiler()
    except kernels.Missing as missing:
        pytest.skip(f"there is no {missing}")
    name, text = next(
        (name, text) for name, text in kernels.programs(dialect.suffix) if name.startswith("add_f32")
    )
    first_line = next(line for line in text.splitlines() if line.startswith("  const i32 g = "))

    def complaint(line: str) -> str | None:
        return compiled(
            kernels.Job(name, text.replace(first_line, f"{first_line}\n{line}"), dialect.targets[0])
        )

    # add_f32 reads b0 and b1, and writes b2.
    assert complaint(right) is None
    for line in wrong:
        assert complaint(line), line
