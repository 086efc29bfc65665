"""The ledger finds what is wrong, survives crashes and hangs, and the survey of names tells apart what is left out."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("the ledger has a device of its own")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from parity import carry, ledger, report  # noqa: E402
from parity.exclusions import excluded  # noqa: E402
from parity.names import survey_module  # noqa: E402


@pytest.fixture(scope="module")
def check() -> Any:
    """Torch's descriptions of its operators take seconds to import."""
    return pytest.importorskip("parity.check")


def run(check: Any, name: str, dtype: str, ours: Any = None) -> dict[str, Any]:
    checker = check.Checker(check.operators()[name], dtype, 4, lambda at: None)
    checker.ours = ours or checker.ours
    return checker.run()


def wrong(aspects: dict[str, Any]) -> set[str]:
    return {name for name, aspect in aspects.items() if aspect.good != aspect.calls}


def test_a_right_operator_passes_in_every_aspect(check: Any) -> None:
    aspects = run(check, "mul", "float32")
    assert {"forward", "backward", "double", "method", "inplace", "out", "reference"} <= set(aspects)
    assert not wrong(aspects), aspects


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (lambda x: x.sin() + 1e-3, {"forward"}),
        (lambda x: x.sin().double(), {"forward"}),
        (lambda x: x.sin().reshape(-1), {"forward"}),
        (lambda x: x.detach().sin() + 0 * x, {"backward"}),
        (lambda x: 1 / 0, {"forward"}),
    ],
)
def test_a_wrong_operator_is_found(check: Any, ours: Any, expected: set[str]) -> None:
    assert expected <= wrong(run(check, "sin", "float32", ours))


def test_a_missing_error_is_found(check: Any) -> None:
    def never(*args: Any, **kwargs: Any) -> Any:
        return st.zeros(1)

    assert "errors" in wrong(run(check, "gather", "float32", never))


def test_random_operators_are_compared_in_shape(check: Any) -> None:
    assert not wrong(run(check, "rand_like", "float32"))
    assert "forward" in wrong(run(check, "rand_like", "float32", lambda x, **kwargs: st.rand(3, 7)))


def test_functions_of_torchs_suite_call_ours(check: Any) -> None:
    op = check.operators()["nn.functional.embedding"]
    assert check.our_function(op) is not op.op
    assert not wrong(run(check, "nn.functional.embedding", "float32"))


@pytest.mark.parametrize("layout", ["contiguous", "transposed", "expanded", "empty", "scalar"])
@pytest.mark.parametrize("dtype", [getattr(torch, name) for name in carry.DTYPES])
def test_tensors_are_carried_over_and_back(dtype: torch.dtype, layout: str) -> None:
    base = torch.arange(24).reshape(4, 6).to(dtype)
    value = {
        "contiguous": base,
        "transposed": base.t()[1:, ::2],
        "expanded": base[:1].expand(3, 6),
        "empty": base[:0],
        "scalar": base[2, 3],
    }[layout]
    mine = carry.ours(value)
    assert mine.stride() == value.stride() or value.numel() == 0
    assert torch.equal(carry.theirs(mine), value)


def test_tolerance_is_of_the_dtype() -> None:
    one, off = torch.ones(3), torch.ones(3) + 1e-4
    with pytest.raises(carry.Different, match="3 of 3 values"):
        carry.compare(carry.ours(off), one, 1.0, carry.Measure(), lambda: None)
    half = off.half()
    assert carry.compare(carry.ours(half), one.half(), 1.0, carry.Measure(), lambda: None) == 0.0
    with pytest.raises(carry.Different):
        carry.compare(carry.ours(one * float("nan")), one, 1.0, carry.Measure(), lambda: None)


def test_sums_may_be_as_far_off_as_torchs() -> None:
    exact = torch.tensor([1000.0, 1.0], dtype=torch.float64)
    theirs, mine = torch.tensor([1000.01, 1.0]), torch.tensor([1000.0, 1.005])
    sums, others = carry.Measure(sums=True), carry.Measure()
    assert carry.compare(carry.ours(mine), theirs, 1.0, sums, lambda: exact) == 0.0
    with pytest.raises(carry.Different):
        carry.compare(carry.ours(mine), theirs, 1.0, others, lambda: exact)
    with pytest.raises(carry.Different):
        carry.compare(carry.ours(mine + 0.03), theirs, 1.0, sums, lambda: exact)


FAKE_WORKER = """
import json, os, sys, time
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    print(json.dumps({"at": "sample 1"}), flush=True)
    if job["op"] == "crash":
        os.abort()
    if job["op"] == "hang":
        time.sleep(60)
    print(json.dumps({"aspects": {}}), flush=True)
"""


def test_crashes_and_hangs_cost_one_pair_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parity").mkdir()
    (tmp_path / "parity/worker.py").write_text(FAKE_WORKER)
    monkeypatch.setattr(ledger, "TOOLS", tmp_path)
    records: list[dict[str, Any]] = []
    jobs = [{"op": name, "dtype": "float32"} for name in ("good", "crash", "hang", "good")]
    ledger.run(jobs, 1, 5.0, records.append)
    assert [report.status(r) for r in records] == ["passes", "crash", "crash", "passes"]
    assert records[1]["crash"].startswith("crash at sample 1")
    assert records[2]["crash"] == "hang at sample 1"


def record(good: int, calls: int, dtype: str = "float32") -> dict[str, Any]:
    aspect = {"good": good, "calls": calls, "error": 1e-7, "notes": [] if good == calls else ["off | sample"]}
    return {"op": "add", "dtype": dtype, "aspects": {"forward": aspect}}


def test_a_pair_that_no_longer_passes_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PASSING", tmp_path / "passing.txt")
    report.write_passing([record(3, 3), record(2, 3, "float64")])
    assert report.PASSING.read_text() == "add: float32\n"
    assert report.lost([record(3, 3), record(1, 3, "float64")]) == []
    assert report.lost([record(2, 3)]) == ["add float32: off | sample"]
    assert report.lost([{"op": "add", "dtype": "float32", "missing": True}]) == ["add float32: missing"]


def test_the_page_shows_errors_and_differences() -> None:
    page = report.ledger_part([record(3, 3), record(2, 3, "float64")])
    assert "| `add` | 1e-7 | ✗ |" in page
    assert "off" in report.differences_part([record(2, 3)]).partition("### With a reason")[0]


def test_differences_with_a_reason_stand_apart() -> None:
    wrong = record(2, 3) | {"op": "as_strided_scatter"}
    wrong["aspects"]["backward"] = wrong["aspects"].pop("forward")
    assert report.status(wrong) == "differs"
    assert report.status(record(2, 3)) == "fails"
    before, _, after = report.differences_part([wrong]).partition("### With a reason")
    assert "as_strided_scatter" in after
    assert "as_strided_scatter" not in before


def test_names() -> None:
    found = survey_module("torch")
    assert {"add", "tensor", "float32", "nn"} <= set(found.present)
    assert not set(found.missing) & {"Any", "os", "List", "TYPE_CHECKING"}
    assert excluded("torch.sparse_coo_tensor") == "sparse layouts"
    assert excluded("torch.quantize_per_tensor") == "quantised and sub-byte dtypes"
    assert excluded("torch.nn.functional.relu") is None
    assert excluded("torch.Tensor.sort") is None


def test_the_list_of_passing_pairs_is_of_known_operators(check: Any) -> None:
    listed = [line.partition(": ")[0] for line in report.PASSING.read_text().splitlines()]
    assert len(listed) > 300
    assert set(listed) <= set(check.operators())
