"""`SummaryWriter` writes what torch's writes. Where the `tensorboard` package is not installed, it says so."""

import importlib.util
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch

import spiraltorch_rs as st

needs_it = pytest.mark.skipif(
    not importlib.util.find_spec("tensorboard"), reason="tensorboard is not installed"
)
pytestmark = pytest.mark.cpu_only("files are written on the host")


def events(t, folder, write):
    """What TensorBoard reads of what a function writes, by folder and tag."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if t is torch:
            from torch.utils.tensorboard import SummaryWriter
        else:
            from spiraltorch_rs.utils.tensorboard import SummaryWriter
        with SummaryWriter(str(folder)) as writer:
            write(writer, t)
    return {
        (str(path.parent.relative_to(folder)), value.tag, event.step): value
        for path in sorted(folder.rglob("events*"))
        for event in EventFileLoader(str(path)).Load()
        for value in event.summary.value
    }


WRITTEN = {
    "scalar": lambda w, t: [
        w.add_scalar("loss", value, i) for i, value in enumerate([0.5, t.ones(()), np.float32(2)])
    ],
    "new style": lambda w, t: w.add_scalar("loss", t.tensor([1.5]), new_style=True),
    "double": lambda w, t: w.add_scalar("loss", 0.1, 3, new_style=True, double_precision=True),
    "scalars": lambda w, t: w.add_scalars("run/all", {"a": 1, "b": t.tensor(2.0)}, 7),
    "histogram": lambda w, t: w.add_histogram("h", t.linspace(-3, 5, 99).square(), 1),
    "counts": lambda w, t: w.add_histogram("h", t.arange(7), t.tensor(2), bins="auto"),
    "few bins": lambda w, t: w.add_histogram("h", t.linspace(-3, 5, 99), bins="auto", max_bins=3),
    "image": lambda w, t: w.add_image("i", t.linspace(0, 1, 3 * 4 * 5).reshape(3, 4, 5), 1),
    "bytes": lambda w, t: w.add_image("i", t.arange(60, dtype=t.uint8).reshape(4, 5, 3), dataformats="HWC"),
    "gray": lambda w, t: w.add_image("i", t.linspace(0, 1, 20).reshape(4, 5), dataformats="HW"),
    "images": lambda w, t: w.add_images("i", t.linspace(0, 1, 540).reshape(9, 3, 4, 5)),
    "text": lambda w, t: w.add_text("words", "**two** Wörter", 4),
    "curve": lambda w, t: w.add_pr_curve("pr", t.arange(9) % 2, t.linspace(0, 1, 9), 0, num_thresholds=11),
    "settings": lambda w, t: w.add_hparams(
        {"lr": 0.1, "n": 3, "f": "x", "on": True}, {"acc": 0.5}, run_name="one"
    ),
}


@needs_it
@pytest.mark.parametrize("what", WRITTEN)
def test_what_is_read_is_what_torch_writes(what, tmp_path):
    (tmp_path / "ours").mkdir()
    (tmp_path / "torch").mkdir()
    ours = events(st, tmp_path / "ours", WRITTEN[what])
    theirs = events(torch, tmp_path / "torch", WRITTEN[what])
    assert theirs
    assert ours.keys() == theirs.keys()
    for key, expected in theirs.items():
        assert told(ours[key]) == told(expected)


def told(value):
    """A message as it counts: figures to single precision, settings without the time and the run's name."""
    if value.metadata.plugin_data.plugin_name == "hparams":
        from tensorboard.plugins.hparams import plugin_data_pb2

        data = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
        run = data.session_start_info
        return (
            {name: str(v) for name, v in run.hparams.items()},
            sorted(info.name for info in data.experiment.hparam_infos),
            [str(info.name) for info in data.experiment.metric_infos],
            data.session_end_info.status,
        )
    if value.HasField("image"):
        return picture(value.image)
    numbers = [*value.tensor.float_val, *np.frombuffer(value.tensor.tensor_content, np.float32)]
    value.tensor.ClearField("float_val")
    value.tensor.ClearField("tensor_content")
    return str(value), np.round(numbers, 5).tolist()


def picture(image):
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(image.encoded_image_string))).tolist()


@needs_it
def test_a_histogram_without_values_is_refused(tmp_path):
    for t in (st, torch):
        with pytest.raises(ValueError, match="no element"):
            events(t, tmp_path, lambda w, t: w.add_histogram("h", t.empty(0)))


def test_without_the_package_the_import_says_so():
    program = (
        "import sys; sys.modules['tensorboard'] = None\n"
        "from spiraltorch_rs.utils.tensorboard import SummaryWriter"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "pip install tensorboard" in found.stderr
