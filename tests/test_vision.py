"""Torchvision's compiled operators, made of ours: beside what they are defined as, written as loops in torch."""

import itertools
import math

import numpy as np
import pytest
import torch
from test_alias import with_alias

import spiraltorch_rs as st
from spiraltorch_rs import _vision

pytestmark = pytest.mark.cpu_only("sizes are looked at")


def numbers(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape)


def boxes(seed, count, size=12.0):
    rng = np.random.default_rng(seed)
    corner = rng.random((count, 2)) * size - 2
    return np.concatenate([corner, corner + rng.random((count, 2)) * size - 1], 1)


def assert_close(a, b):
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-9)


def both(function, reference, arrays, *options):
    """Values and gradients of our operator and of its definition in torch."""
    mine = [st.tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    found, expected = function(*mine, *options), reference(*theirs, *options)
    assert_close(found, expected)
    (found * found).sum().backward()
    (expected * expected).sum().backward()
    for a, b in zip(mine, theirs, strict=True):
        assert_close(a.grad, b.grad)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("count", [0, 1, 40, 1100])
def test_nms_keeps_what_no_better_box_overlaps(count, threshold):
    places = boxes(count, count)
    places[:, 2:] = np.maximum(places[:, :2], places[:, 2:])
    scores = np.random.default_rng(1).integers(0, 9, count) / 10  # with ties: the first one is better
    area = (places[:, 2] - places[:, 0]) * (places[:, 3] - places[:, 1])
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        size = np.minimum(places[i, 2:], places[kept, 2:]) - np.maximum(places[i, :2], places[kept, :2])
        shared = size.clip(0).prod(1)
        if not (shared > threshold * (area[i] + area[kept] - shared)).any():
            kept.append(i)
    assert st.ops.torchvision.nms(st.tensor(places), st.tensor(scores), threshold).tolist() == kept


@pytest.mark.parametrize("wrong", [([3], [3]), ([3, 5], [3]), ([3, 4], [4])])
def test_nms_refuses_other_shapes(wrong):
    with pytest.raises(RuntimeError, match="nms"):
        _vision.nms(st.ones(wrong[0]), st.ones(wrong[1]), 0.5)


def pixel(image, y, x):
    """Between pixels; those outside the image are its border's, unless they are more than one away."""
    height, width = image.shape[1:]
    if not (-1 <= y <= height and -1 <= x <= width):
        return image[:, 0, 0] * 0
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    above = image[:, top, left] * (left + 1 - x) + image[:, top, right] * (x - left)
    below = image[:, bottom, left] * (left + 1 - x) + image[:, bottom, right] * (x - left)
    return above * (top + 1 - y) + below * (y - top)


def aligned_regions(image, rois, scale, height, width, ratio, aligned):
    found = []
    for batch, *corners in rois.tolist():
        left, top, right, bottom = (c * scale - (0.5 if aligned else 0) for c in corners)
        sizes = [bottom - top, right - left]
        cell = [
            (n if aligned else max(n, 1)) / cells for n, cells in zip(sizes, (height, width), strict=True)
        ]
        points = [ratio if ratio > 0 else math.ceil(n) for n in cell]
        for row, column in itertools.product(range(height), range(width)):
            total = image[0, :, 0, 0] * 0
            for i, j in itertools.product(*map(range, points)):
                y = top + (row + (i + 0.5) / points[0]) * cell[0]
                total = total + pixel(image[int(batch)], y, left + (column + (j + 0.5) / points[1]) * cell[1])
            found.append(total / max(points[0] * points[1], 1))
    return torch.stack(found).view(len(rois), height, width, -1).permute(0, 3, 1, 2)


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("ratio", [-1, 1, 2])
@pytest.mark.parametrize("scale", [1.0, 0.4])
@pytest.mark.parametrize("many", [1 << 24, 50])
def test_roi_align(aligned, ratio, scale, many, monkeypatch):
    monkeypatch.setattr(_vision, "MANY", many)
    rois = np.concatenate([np.arange(5)[:, None] % 2, boxes(3, 5)], 1)
    reference = lambda x, *o: aligned_regions(x, torch.tensor(rois), *o)  # noqa: E731
    ours = lambda x, *o: st.ops.torchvision.roi_align(x, st.tensor(rois), *o)  # noqa: E731
    both(ours, reference, [numbers(4, 2, 3, 7, 9)], scale, 3, 2, ratio, aligned)


def own_channels(cells):
    """Each cell's own channels of what was made of all, and which those are."""
    _, channels, height, width = cells.shape
    number = torch.arange(channels).view(-1, height, width)
    picked = [[cells[:, number[:, i, j], i, j] for j in range(width)] for i in range(height)]
    return torch.stack([torch.stack(row, -1) for row in picked], 2), number


@pytest.mark.parametrize("ratio", [-1, 2])
@pytest.mark.parametrize("scale", [1.0, 0.4])
def test_ps_roi_align(ratio, scale):
    rois = np.concatenate([np.arange(5)[:, None] % 2, boxes(3, 5)], 1)
    reference = lambda x, *o: own_channels(aligned_regions(x, torch.tensor(rois), *o, True))[0]  # noqa: E731
    ours = lambda x, *o: st.ops.torchvision.ps_roi_align(x, st.tensor(rois), *o)[0]  # noqa: E731
    both(ours, reference, [numbers(4, 2, 12, 7, 9)], scale, 3, 2, ratio)


def means_of_regions(image, rois, scale, height, width):
    """A region ends before its last pixel, and the image's last ones do not count."""
    found = []
    for batch, *corners in rois.tolist():
        left, top, right, bottom = (int(math.copysign(math.floor(abs(c * scale) + 0.5), c)) for c in corners)
        size = [max(bottom - top, 1) / height, max(right - left, 1) / width]
        for row, column in itertools.product(range(height), range(width)):
            spans = []
            for start, cell, n, length in zip((top, left), size, (row, column), image.shape[2:], strict=True):
                limits = math.floor(n * cell) + start, math.ceil((n + 1) * cell) + start
                spans.append(slice(*(min(max(limit, 0), length - 1) for limit in limits)))
            part = image[int(batch), :, spans[0], spans[1]]
            found.append(part.mean((1, 2)) if part.numel() else image[0, :, 0, 0] * 0)
    return torch.stack(found).view(len(rois), height, width, -1).permute(0, 3, 1, 2)


@pytest.mark.parametrize("scale", [1.0, 0.4])
def test_ps_roi_pool(scale):
    rois = np.concatenate([np.arange(5)[:, None] % 2, boxes(3, 5)], 1)
    reference = lambda x, *o: own_channels(means_of_regions(x, torch.tensor(rois), *o))[0]  # noqa: E731
    ours = lambda x, *o: st.ops.torchvision.ps_roi_pool(x, st.tensor(rois), *o)[0]  # noqa: E731
    both(ours, reference, [numbers(4, 2, 12, 7, 9)], scale, 3, 2)


@pytest.mark.parametrize(("name", "options"), [("ps_roi_pool", ()), ("ps_roi_align", (2,))])
def test_cells_have_channels_of_their_own(name, options):
    function = getattr(st.ops.torchvision, name)
    image = st.ones(1, 12, 5, 5)
    for count in (0, 2):
        cells, channels = function(image, st.ones(count, 5), 1.0, 3, 2, *options)
        assert list(cells.shape) == [count, 2, 3, 2]
        assert channels.tolist() == [own_channels(torch.ones(1, 12, 3, 2))[1].tolist()] * count
    with pytest.raises(RuntimeError, match="multiple of"):
        function(image, st.ones(2, 5), 1.0, 5, 2, *options)


def largest_of_regions(image, rois, scale, height, width):
    found = []
    for batch, *corners in rois.tolist():
        ends = [int(math.copysign(math.floor(abs(c * scale) + 0.5), c)) for c in corners]
        left, top, right, bottom = ends
        size = [max(bottom - top + 1, 1) / height, max(right - left + 1, 1) / width]
        for row, column in itertools.product(range(height), range(width)):
            spans = []
            for start, cell, n, length in zip((top, left), size, (row, column), image.shape[2:], strict=True):
                limits = math.floor(n * cell) + start, math.ceil((n + 1) * cell) + start
                spans.append(slice(*(min(max(limit, 0), length) for limit in limits)))
            part = image[int(batch), :, spans[0], spans[1]]
            found.append(part.amax((1, 2)) if part.numel() else image[0, :, 0, 0] * 0)
    return torch.stack(found).view(len(rois), height, width, -1).permute(0, 3, 1, 2)


@pytest.mark.parametrize("scale", [1.0, 0.4])
def test_roi_pool(scale):
    rois = np.concatenate([np.arange(6)[:, None] % 2, boxes(5, 6)], 1)
    reference = lambda x, *o: largest_of_regions(x, torch.tensor(rois), *o)  # noqa: E731
    ours = lambda x, *o: st.ops.torchvision.roi_pool(x, st.tensor(rois), *o)[0]  # noqa: E731
    both(ours, reference, [numbers(6, 2, 3, 7, 9)], scale, 2, 3)


@pytest.mark.parametrize("name", ["roi_align", "roi_pool"])
def test_without_regions(name):
    image = st.ones(1, 2, 4, 4, requires_grad=True)
    options = (1.0, 3, 2, -1, False) if name == "roi_align" else (1.0, 3, 2)
    found = getattr(st.ops.torchvision, name)(image, st.ones(0, 5), *options)
    found = found[0] if name == "roi_pool" else found
    found.sum().backward()
    assert found.shape == (0, 2, 3, 2)
    assert image.grad.tolist() == st.zeros(1, 2, 4, 4).tolist()


def moved_taps(x, weight, offset, mask, bias, sh, sw, ph, pw, dh, dw, groups, offset_groups, use_mask):
    """As it is defined: a tap for each pixel, between pixels; outside the image are zeros."""
    _, _, kh, kw = weight.shape
    height, width = offset.shape[2:]
    rows = torch.arange(height).view(-1, 1) * sh - ph
    columns = torch.arange(width) * sw - pw
    taps = []
    for tap, (i, j) in enumerate(itertools.product(range(kh), range(kw))):
        parts = []
        for g, colours in enumerate(x.chunk(offset_groups, 1)):
            at = 2 * (g * kh * kw + tap)
            y, z = rows + i * dh + offset[:, at], columns + j * dw + offset[:, at + 1]
            part = 0
            for down, across in itertools.product((0, 1), (0, 1)):
                row, column = y.detach().floor() + down, z.detach().floor() + across
                share = (1 - (y - row).abs()) * (1 - (z - column).abs())
                inside = (row >= 0) & (row < x.shape[2]) & (column >= 0) & (column < x.shape[3])
                place = row.clamp(0, x.shape[2] - 1) * x.shape[3] + column.clamp(0, x.shape[3] - 1)
                place = place.long().flatten(1)[:, None].expand(-1, colours.shape[1], -1)
                seen = colours.flatten(2).gather(2, place).unflatten(2, (height, width))
                part = part + seen * (share * inside)[:, None]
            parts.append(part * mask[:, g * kh * kw + tap, None] if use_mask else part)
        taps.append(torch.cat(parts, 1))
    columns = torch.stack(taps, 2).chunk(groups, 1)
    weights = weight.chunk(groups)
    made = [torch.einsum("ncthw,oct->nohw", c, w.flatten(2)) for c, w in zip(columns, weights, strict=True)]
    return torch.cat(made, 1) + bias.view(-1, 1, 1) + 0 * mask.sum()


@pytest.mark.parametrize("kernel", [(3, 3), (1, 2)])
@pytest.mark.parametrize(
    ("stride", "padding", "dilation"), [((1, 1), (0, 0), (1, 1)), ((2, 1), (1, 2), (1, 2))]
)
@pytest.mark.parametrize(("groups", "offset_groups"), [(1, 1), (2, 1), (1, 2), (2, 4)])
@pytest.mark.parametrize("use_mask", [True, False])
def test_deform_conv2d(kernel, stride, padding, dilation, groups, offset_groups, use_mask):
    sizes = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip((6, 7), kernel, stride, padding, dilation, strict=True)
    ]
    taps = kernel[0] * kernel[1] * offset_groups
    shapes = [(2, 4, 6, 7), (6, 4 // groups, *kernel), (2, 2 * taps, *sizes), (2, taps, *sizes), (6,)]
    arrays = [numbers(i, *shape) * (2 if i == 2 else 1) for i, shape in enumerate(shapes)]
    options = (*stride, *padding, *dilation, groups, offset_groups, use_mask)

    def ours(*args):
        return st.ops.torchvision.deform_conv2d(*args) + 0 * args[3].sum()

    both(ours, moved_taps, arrays, *options)


def test_the_library_is_torchvisions():
    done = with_alias(
        "import torch\n"
        "torch.ops.load_library('site/torchvision/_C_stable.so')\n"
        "lib = torch.library.Library('torchvision', 'IMPL')\n"
        "lib.impl('nms', None, 'AutocastCUDA'), lib.impl('roi_align', None, 'Autograd')\n"
        "torch.library.register_autograd('torchvision::roi_align', None)\n"
        "x = torch.ones(1, 1, 4, 4, requires_grad=True)\n"
        "y = torch.ops.torchvision.roi_align(x, torch.tensor([[0, 0, 0, 2, 2.0]]), 1.0, 1, 1, 2, False)\n"
        "y.sum().backward()\n"
        "print(y.item(), x.grad.sum().item(), torch.ops.torchvision._cuda_version())\n"
        "torch.ops.load_library('site/other/_C.so')\n"
    )
    assert done.stdout == "1.0 1.0 -1\n", done.stderr
    assert "OSError: site/other/_C.so is compiled against torch" in done.stderr
