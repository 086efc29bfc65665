"""Twenty steps of the runs of tools/training-parity stay with torch, and a wrong formula is noticed."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import spiraltorch_rs as st

pytestmark = pytest.mark.cpu_only("the programs choose their device themselves")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools/training-parity"))

import compare  # noqa: E402
import curves  # noqa: E402
import runs  # noqa: E402

STEPS = 20
BY_MODEL = {run.model: run for run in runs.RUNS}


@pytest.mark.parametrize("model", BY_MODEL)
def test_curves_are_torchs(model):
    compared = compare.compare(BY_MODEL[model], STEPS)
    assert compared.apart.max() <= compare.SINGLE, curves.line(compared)
    assert compared.double_apart <= compare.DOUBLE, curves.line(compared)
    assert compared.gradients_apart[0] <= 1e-5, curves.line(compared)
    assert compared.torch.losses[-1] != compared.torch.losses[0]
    assert compared.verdict()[0]


@pytest.mark.parametrize("slip", [{"eps": 1e-6}, {"lr": 1.0001e-3}, {"betas": (0.9, 0.9991)}], ids=str)
def test_a_wrong_formula_is_noticed(slip):
    def make(optim, model):
        wrong = slip if optim is st.optim else {}
        return optim.Adam(model.parameters(), **{"lr": 1e-3, **wrong})

    good, why = compare.compare(replace(BY_MODEL["mlp"], optimizer=make), STEPS).verdict()
    assert not good
    assert "formulas differ" in why


def told(losses, norm=1.0):
    return runs.Told(losses, [norm] * len(losses), {"w": runs.np.ones(2)}, {"w": runs.np.ones(2)})


def test_rounding_is_told_from_a_wrong_result():
    exact, near, far = [1.0, 0.5], [1.0, 0.5 * (1 + 4e-4)], [1.0, 0.5 * (1 + 5e-3)]

    def verdict(ours, torch):
        made = (told(ours), told(torch), told(exact), told(exact))
        return compare.Compared(BY_MODEL["mlp"], *made).verdict()

    assert verdict(near, exact)[0] is False
    assert verdict(near, [1.0, 0.5 * (1 - 4e-4)]) == (
        True,
        "rounding: torch's single precision is as far from double precision",
    )
    assert verdict(far, near)[0] is False
    assert verdict([1.0, float("nan")], near)[0] is False


def test_the_report_has_a_row_and_pictures_for_each_run():
    curve = [1.0, 0.9, 0.8]
    found = [compare.Compared(run, *[told(curve)] * 4) for run in runs.RUNS]
    page = curves.page(found, 3)
    for run in runs.RUNS:
        assert re.search(rf"^\| {re.escape(run.name)} \| 1.0000 → 0.8000 \|", page, re.MULTILINE)
        assert f"## {run.name}\n" in page
    assert page.count("<svg ") == page.count("</svg>") == 2 * len(runs.RUNS)
    assert page.count("<polyline ") == 5 * len(runs.RUNS)
