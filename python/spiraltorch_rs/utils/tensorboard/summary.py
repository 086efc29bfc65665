"""What is told to TensorBoard as its messages: numbers, histograms, pictures, texts, settings of a run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto

from spiraltorch_rs._C import Tensor


def make_np(x: Any) -> Any:
    """Anything with numbers in it as an array of numpy's."""
    if isinstance(x, Tensor):
        return x.detach().cpu().numpy()
    return np.atleast_1d(np.asarray(x))


def _plugin(name: str, content: bytes = b"") -> SummaryMetadata:
    return SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=name, content=content))


def _tensor(kind: str, sizes: Sequence[int], **content: Any) -> TensorProto:
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in sizes]) if sizes else None
    return TensorProto(dtype=kind, tensor_shape=shape, **content)


def _summary(tag: str, **content: Any) -> Summary:
    return Summary(value=[Summary.Value(tag=tag, **content)])


def scalar(name: str, tensor: Any, new_style: bool = False, double_precision: bool = False) -> Summary:
    """A number; `new_style` is that of TensorBoard's plugins."""
    found = make_np(tensor).squeeze()
    if found.ndim:
        raise AssertionError(f"Tensor should contain one element (0 dimensions). Was given {found.size}.")
    number = float(found)
    if not new_style:
        return _summary(name, simple_value=number)
    kind, field = ("DT_DOUBLE", "double_val") if double_precision else ("DT_FLOAT", "float_val")
    return _summary(name, tensor=_tensor(kind, [], **{field: [number]}), metadata=_plugin("scalars"))


def default_bins() -> Any:
    """Borders that grow by a tenth, on both sides of zero."""
    positive = 1e-12 * np.power(1.1, np.arange(775))
    positive = positive[positive < 1e20]
    return np.concatenate([-positive[::-1], [0.0], positive])


def histogram(name: str, values: Any, bins: Any, max_bins: int | None = None) -> Summary:
    """How many values lie between which borders. Empty ends are left out."""
    numbers = make_np(values).astype(float).reshape(-1)
    if numbers.size == 0:
        raise ValueError("The input has no element.")
    counts, limits = np.histogram(numbers, bins="auto" if bins is None else bins)
    if max_bins is not None and len(counts) > max_bins:
        group = len(counts) // max_bins
        starts = np.arange(0, len(counts), group)
        counts, limits = np.add.reduceat(counts, starts), np.append(limits[starts], limits[-1])
    held = np.nonzero(counts)[0]
    if not held.size:
        raise ValueError("The histogram is empty: no value lies between its borders.")
    first, last = held[0], held[-1]
    # An empty piece before the first one, so that its lower border is told.
    borders, inside = limits[first : last + 2], [0, *counts[first : last + 1]]
    told = HistogramProto(
        min=numbers.min(),
        max=numbers.max(),
        num=numbers.size,
        sum=numbers.sum(),
        sum_squares=numbers.dot(numbers),
        bucket_limit=borders.tolist(),
        bucket=[float(count) for count in inside],
    )
    return _summary(name, histo=told)


def convert_to_HWC(picture: Any, dataformats: str) -> Any:
    """Pictures with letters for their dimensions as one: height, width, three colours; several stand in a grid."""
    letters = dataformats.upper()
    if len(set(letters)) != len(letters) or len(letters) != picture.ndim:
        raise AssertionError(f"{dataformats!r} does not name the {picture.ndim} dimensions of an image")
    if "N" in letters:
        batch = picture.transpose([letters.index(letter) for letter in "NCHW"])
        return _grid(np.repeat(batch, 3, 1) if batch.shape[1] == 1 else batch).transpose(1, 2, 0)
    if "C" not in letters:
        flat = picture.transpose([letters.index(letter) for letter in "HW"])
        return np.stack([flat] * 3, 2)
    found = picture.transpose([letters.index(letter) for letter in "HWC"])
    return np.repeat(found, 3, 2) if found.shape[2] == 1 else found


def _grid(batch: Any, columns: int = 8) -> Any:
    count, colours, height, width = batch.shape
    columns = min(count, columns)
    rows = -(-count // columns)
    grid = np.zeros((colours, height * rows, width * columns), batch.dtype)
    for i, picture in enumerate(batch):
        top, left = i // columns * height, i % columns * width
        grid[:, top : top + height, left : left + width] = picture
    return grid


def image(tag: str, tensor: Any, rescale: float = 1, dataformats: str = "NCHW") -> Summary:
    """A picture; bytes are colours as they are, other numbers from 0 to 1."""
    from PIL import Image

    numbers = make_np(tensor)
    scale = 1 if numbers.dtype == np.uint8 else 255
    colours = convert_to_HWC(numbers, dataformats).astype(np.float32) * scale
    picture = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
    width, height = picture.size
    if rescale != 1:
        picture = picture.resize((int(width * rescale), int(height * rescale)))
    file = io.BytesIO()
    picture.save(file, format="PNG")
    told = Summary.Image(
        height=picture.height,
        width=picture.width,
        colorspace=colours.shape[2],
        encoded_image_string=file.getvalue(),
    )
    return _summary(tag, image=told)


def figure_to_image(figures: Any, close: bool = True) -> Any:
    """What matplotlib draws, as colours first, then height and width; of several figures a batch."""
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    if isinstance(figures, Sequence):
        return np.stack([figure_to_image(figure, close) for figure in figures])
    canvas = FigureCanvasAgg(figures)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[:, :, :3].transpose(2, 0, 1)
    if close:
        pyplot.close(figures)
    return drawn


def text(tag: str, text: str) -> Summary:
    """A text, which TensorBoard reads as Markdown."""
    content = _tensor("DT_STRING", [1], string_val=[text.encode()])
    return _summary(f"{tag}/text_summary", tensor=content, metadata=_plugin("text"))


def pr_curve(
    tag: str, labels: Any, predictions: Any, num_thresholds: int = 127, weights: Any = None
) -> Summary:
    """Precision and recall for thresholds between 0 and 1."""
    from tensorboard.plugins.pr_curve import metadata

    thresholds = min(num_thresholds, 127)  # more is more than a message holds
    true = make_np(labels).reshape(-1).astype(bool)
    weight = np.ones(true.size) if weights is None else make_np(weights).reshape(-1)
    place = np.floor(make_np(predictions).reshape(-1) * (thresholds - 1)).astype(int)

    def beyond(chosen: Any) -> Any:
        counts = np.bincount(place[chosen], weight[chosen], thresholds)[:thresholds]
        return counts[::-1].cumsum()[::-1]

    found, wrong = beyond(true), beyond(~true)
    least = 1e-7
    rows = [
        found,
        wrong,
        wrong[0] - wrong,
        found[0] - found,
        found / np.maximum(least, found + wrong),
        found / np.maximum(least, found[0]),
    ]
    content = _tensor("DT_FLOAT", [6, thresholds], float_val=np.stack(rows).reshape(-1).tolist())
    return _summary(tag, tensor=content, metadata=metadata.create_summary_metadata("", "", thresholds))


def hparams(hparam_dict: Any, metric_dict: Any) -> tuple[Summary, Summary, Summary]:
    """Settings of a run and the names of the figures to judge it by: the experiment, the run's begin and its end."""
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2, summary_v2

    settings = {name: v if isinstance(v, str) else make_np(v).item() + 0 for name, v in hparam_dict.items()}
    experiment = summary_v2.hparams_config_pb(
        hparams=[summary_v2.HParam(name) for name in settings],
        metrics=[summary_v2.Metric(name) for name in metric_dict],
    )
    begin = summary_v2.hparams_pb(settings)
    finished = plugin_data_pb2.SessionEndInfo(status=api_pb2.Status.Value("STATUS_SUCCESS"))
    data = plugin_data_pb2.HParamsPluginData(session_end_info=finished, version=metadata.PLUGIN_DATA_VERSION)
    end = _summary(metadata.SESSION_END_INFO_TAG, metadata=metadata.create_summary_metadata(data))
    return experiment, begin, end
