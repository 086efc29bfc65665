"""`torch.utils.benchmark`: from the same times, the same text and figures as torch's."""

import itertools

import numpy as np
import pytest
from torch.utils import benchmark as theirs

from spiraltorch_rs.utils import benchmark as ours

pytestmark = pytest.mark.cpu_only("a clock is the host's")

TASKS = [
    {"stmt": "f(x)", "setup": "pass", "label": "f", "description": "small"},
    {"stmt": "f(x)", "setup": "y = 1", "label": "f", "sub_label": "float", "description": "large"},
    {"stmt": "g(x)\nh(x)", "setup": "a = 1\nb = 2", "description": "small"},
    {"stmt": "g(x)\nh(x)", "setup": "pass", "sub_label": "of two", "description": "small", "num_threads": 2},
    {"stmt": "f(x)", "setup": "pass", "label": "f", "description": "large", "env": "left", "num_threads": 4},
    {"stmt": "k(x)", "setup": "pass", "label": "f", "description": "large", "env": "right", "num_threads": 4},
    {"stmt": "x @ x", "setup": "", "label": "f", "sub_label": "mm", "description": "large"},
]
SCALES = [3e-8, 4e-5, 2.5e-3, 1.7]


def measurements(kind):
    """Of both libraries: near and far times, few and many, of every scale."""
    rng = np.random.default_rng(5)
    for (i, task), scale in itertools.product(enumerate(TASKS), SCALES):
        spread = (0.01, 0.15, 0.5)[(i + SCALES.index(scale)) % 3]
        times = (scale * 10 * (1 + spread * rng.standard_normal(1 + 3 * i) ** 2)).tolist()
        yield kind.Measurement(10, times, kind.TaskSpec(**task))


def text(one):
    """Without the place in memory."""
    return repr(one).split("\n", 1)[1]


def test_measurements_say_and_show_the_same():
    pairs = list(zip(measurements(ours), measurements(theirs), strict=True))
    assert len({text(one) for one, _ in pairs}) == len(pairs)
    for one, other in pairs:
        assert text(one) == text(other)
        for figure in ("median", "mean", "iqr"):
            assert getattr(one, figure) == pytest.approx(getattr(other, figure), rel=1e-12)
        for figure in ("significant_figures", "has_warnings", "title", "as_row_name", "num_threads", "times"):
            assert getattr(one, figure) == getattr(other, figure)


@pytest.mark.parametrize("colours", [None, False, True])
@pytest.mark.parametrize("trim", [False, True])
@pytest.mark.parametrize("warn", [False, True])
@pytest.mark.parametrize("scale", range(len(SCALES)))
def test_tables_are_the_same(colours, trim, warn, scale):
    tables = []
    for kind in (ours, theirs):
        of = list(measurements(kind))[scale :: len(SCALES)]
        # Torch cannot sort rows with and without an environment.
        for part in ([one for one in of if one.env is None], [one for one in of if one.env is not None]):
            table = kind.Compare(part + part[:1])
            if colours is not None:
                table.colorize(rowwise=colours)
            if trim:
                table.trim_significant_figures()
            if warn:
                table.highlight_warnings()
            tables.append(str(table))
    assert tables[:2] == tables[2:]


@pytest.mark.parametrize("t", [1e-9, 3.2e-8, 1e-6, 4.5e-4, 0.9, 1, 63.0])
def test_units(t):
    assert ours.select_unit(t) == theirs.select_unit(t)
    assert ours.unit_to_english(ours.select_unit(t)[0]) == theirs.unit_to_english(theirs.select_unit(t)[0])
    for digits in (1, 2, 3):
        assert ours.trim_sigfig(t, digits) == pytest.approx(theirs.trim_sigfig(t, digits), rel=1e-6)


def test_a_timer_tells_what_time_passes():
    seen: list[int] = []
    timer = ours.Timer(
        "sleep(0.002); seen.append(1)", "from time import sleep", globals={"seen": seen}, label="a"
    )
    for one in (
        timer.timeit(5),
        timer.blocked_autorange(min_run_time=0.02),
        timer.adaptive_autorange(0.9, max_run_time=0.2),
    ):
        assert 0.002 <= one.median < 0.1
        assert one.label == "a"
    assert len(seen) > 10


def test_a_timer_restores_the_threads():
    import spiraltorch_rs as st

    before = st.get_num_threads()
    during: list[int] = []
    ours.Timer("during.append(torch.get_num_threads())", globals={"during": during}, num_threads=1).timeit(2)
    assert set(during) == {1}
    assert st.get_num_threads() == before


@pytest.mark.parametrize("wrong", [{"stmt": 3}, {"language": "rust"}, {"global_setup": "x"}])
def test_refusals(wrong):
    for kind in (ours, theirs):
        with pytest.raises(ValueError, match=r"str|language|global_setup"):
            kind.Timer(**wrong)
    with pytest.raises(NotImplementedError):
        ours.Timer("pass").repeat()
