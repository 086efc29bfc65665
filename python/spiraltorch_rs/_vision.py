"""What torchvision's compiled operators do, made of tensor operators: `load_library` of their file registers these.

Detection models of torchvision need them; gradients follow from the operators they are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from spiraltorch_rs import _C
from spiraltorch_rs._C import Tensor
from spiraltorch_rs.library import ops
from spiraltorch_rs.nn.functional import grid_sample, pad

# Rows of boxes that are compared with all others at once, and elements that are gathered at once.
ROWS, MANY = 512, 1 << 24


def nms(dets: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """The places of boxes that overlap no better one by more than the threshold, the best first."""
    if dets.dim() != 2 or dets.shape[1] != 4:
        raise RuntimeError(f"nms: boxes should be a tensor of n x 4 numbers, got {list(dets.shape)}")
    if scores.shape != dets.shape[:1]:
        raise RuntimeError(
            f"nms: {list(scores.shape)} scores for {list(dets.shape)} boxes; give one for each"
        )
    order = scores.detach().sort(descending=True, stable=True)[1]
    kept, gone = [], 0
    for i, others in enumerate(_overlapping(dets.detach()[order], iou_threshold)):
        if not gone >> 8 * i & 1:
            kept.append(i)
            gone |= others
    return order[_C.tensor(kept, dtype=_C.int64, device=order.device)]


def _overlapping(boxes: Tensor, threshold: float) -> Iterator[int]:
    """For each box the others that it overlaps: a number with a byte for each."""
    left, top, right, bottom = boxes.unbind(1)
    area = (right - left) * (bottom - top)
    count = len(boxes)
    for at in range(0, count, ROWS):
        rows = slice(at, at + ROWS)
        width = _C.minimum(right[rows, None], right) - _C.maximum(left[rows, None], left)
        height = _C.minimum(bottom[rows, None], bottom) - _C.maximum(top[rows, None], top)
        shared = width.clamp(min=0) * height.clamp(min=0)
        found = (shared / (area[rows, None] + area - shared) > threshold)._bytes()
        for start in range(0, len(found), count):
            yield int.from_bytes(found[start : start + count], "little")


def _gathered(
    image: Tensor, batch: Tensor, rows: Tensor, columns: Tensor, reduce: Callable[[Tensor, slice], Tensor]
) -> Tensor:
    """Points of regions at rows and columns (regions, cells, points) of their images, reduced, some regions at once."""
    count, colours, height, width = image.shape
    # A pixel's colours lie side by side, so that it is found once.
    flat = image.permute(0, 2, 3, 1).reshape(count * height * width, colours)
    lines = (batch[:, None, None] * height + rows) * width
    each = colours * rows[0].numel() * columns[0].numel() if len(batch) else 1
    step = max(MANY // max(each, 1), 1)
    found = []
    for at in range(0, max(len(batch), 1), step):
        part = slice(at, at + step)
        places = _crossed(lines[part], columns[part], _C.add)
        seen = flat.index_select(0, places.reshape(-1)).view(*places.shape, colours)
        found.append(reduce(seen, part))
    return _C.cat(found).permute(0, 3, 1, 2).contiguous()


def _crossed(rows: Tensor, columns: Tensor, function: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """For each cell of a region its points, of what is known of its rows and of its columns."""
    return function(rows[:, :, None, :, None], columns[:, None, :, None, :]).flatten(3)


def roi_align(
    input: Tensor,
    rois: Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    aligned: bool,
) -> Tensor:
    """Means of points between pixels, in the cells of regions."""
    rois = rois.detach()
    shift = 0.5 if aligned else 0.0
    scaled = rois[:, 1:] * spatial_scale - shift

    def points(axis: int, cells: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Pixels before and behind each point, and their parts of the mean."""
        start, length = scaled[:, axis], input.shape[3 - axis]
        size = scaled[:, axis + 2] - start
        size = size if aligned else size.clamp(min=1)
        cell = (size / cells)[:, None, None]
        each = _C.full_like(cell, sampling_ratio) if sampling_ratio > 0 else cell.ceil()
        most = max(int(each.max()), 1) if len(rois) else 1
        i = _C.arange(most, dtype=rois.dtype, device=rois.device)
        number = _C.arange(cells, dtype=rois.dtype, device=rois.device)[:, None]
        at = start[:, None, None] + number * cell + (i + 0.5) * cell / each
        counted = (i < each) & (at >= -1) & (at <= length)
        share = counted / each.clamp(min=1)
        at = at.nan_to_num().clamp(0, length - 1)
        before = at.long()
        part = at - before
        return before, (before + 1).clamp(max=length - 1), share * (1 - part), share * part

    vertical, horizontal = points(1, pooled_height), points(0, pooled_width)
    batch = rois[:, 0].long()

    def corner(y: int, x: int) -> Tensor:
        def mean(values: Tensor, part: slice) -> Tensor:
            down, across = vertical[y + 2][part], horizontal[x + 2][part]
            return (_crossed(down, across, _C.mul).unsqueeze(3) @ values).squeeze(3)

        return _gathered(input, batch, vertical[y], horizontal[x], mean)

    return corner(0, 0) + corner(0, 1) + corner(1, 0) + corner(1, 1)


def _cell_pixels(
    input: Tensor,
    rois: Tensor,
    spatial_scale: float,
    sizes: tuple[int, int],
    more: int,
    reduce: Callable[[Tensor, Tensor], Tensor],
) -> Tensor:
    """The pixels in the cells of regions, reduced, 0 where a cell is empty; a region's last pixel is its if `more`."""
    scaled = rois.detach()[:, 1:] * spatial_scale
    corners = scaled.sign() * (scaled.abs() + 0.5).floor()

    def pixels(axis: int, cells: int) -> tuple[Tensor, Tensor]:
        """The pixels of each cell, and which of them count."""
        start, length = corners[:, axis], input.shape[3 - axis]
        limit = length - 1 + more
        cell = ((corners[:, axis + 2] - start + more).clamp(min=1) / cells)[:, None]
        number = _C.arange(cells, dtype=rois.dtype, device=rois.device)
        first = ((number * cell).floor() + start[:, None]).clamp(0, limit)
        last = (((number + 1) * cell).ceil() + start[:, None]).clamp(0, limit)
        most = max(int((last - first).max()), 1) if len(rois) else 1
        at = first[..., None] + _C.arange(most, dtype=rois.dtype, device=rois.device)
        return at.long().clamp(max=length - 1), at < last[..., None]

    (rows, in_row), (columns, in_column) = pixels(1, sizes[0]), pixels(0, sizes[1])

    def reduced(values: Tensor, part: slice) -> Tensor:
        inside = _crossed(in_row[part], in_column[part], _C.logical_and)[..., None]
        return reduce(values, inside).masked_fill(~inside.any(3), 0)

    return _gathered(input, rois[:, 0].long(), rows, columns, reduced)


def roi_pool(
    input: Tensor, rois: Tensor, spatial_scale: float, pooled_height: int, pooled_width: int
) -> tuple[Tensor, Tensor]:
    """The largest pixels in the cells of regions, 0 where a cell is empty, and nothing that says where they are."""

    def largest(values: Tensor, inside: Tensor) -> Tensor:
        return values.masked_fill(~inside, -float("inf")).amax(3)

    pooled = _cell_pixels(input, rois, spatial_scale, (pooled_height, pooled_width), 1, largest)
    return pooled, _C.zeros(pooled.shape, dtype=_C.int32, device=pooled.device)


def _of_own_channels(cells: Tensor) -> tuple[Tensor, Tensor]:
    """Of cells whose every place has channels of its own what is there, and which channel it was."""
    count, channels, height, width = cells.shape
    if channels % (height * width):
        raise RuntimeError("input channels must be a multiple of pooling height * pooling width")
    own = cells.reshape(count, channels // (height * width), height, width, height, width)
    number = _C.arange(channels, dtype=_C.int32, device=cells.device).view(-1, height, width)
    picked = own.diagonal(dim1=2, dim2=4).diagonal(dim1=2, dim2=3)
    return picked.contiguous(), number.repeat(count, 1, 1, 1)


def ps_roi_align(
    input: Tensor,
    rois: Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
) -> tuple[Tensor, Tensor]:
    """`roi_align` where each cell has channels of its own, and which channel each number is of."""
    cells = roi_align(input, rois, spatial_scale, pooled_height, pooled_width, sampling_ratio, True)
    return _of_own_channels(cells)


def ps_roi_pool(
    input: Tensor, rois: Tensor, spatial_scale: float, pooled_height: int, pooled_width: int
) -> tuple[Tensor, Tensor]:
    """Means of the pixels in the cells of regions, each of channels of its own, and which channel each number is of."""

    def mean(values: Tensor, inside: Tensor) -> Tensor:
        return values.masked_fill(~inside, 0).sum(3) / inside.sum(3)

    sizes = (pooled_height, pooled_width)
    return _of_own_channels(_cell_pixels(input, rois, spatial_scale, sizes, 0, mean))


def deform_conv2d(
    input: Tensor, weight: Tensor, offset: Tensor, mask: Tensor, bias: Tensor, *geometry: Any
) -> Tensor:
    """A convolution whose taps are moved by offsets, and weighed by a mask."""
    *steps, groups, offset_groups, use_mask = geometry
    stride, padding, dilation = steps[:2], steps[2:4], steps[4:]
    count, colours, *sizes = input.shape
    taps = weight.shape[2] * weight.shape[3]
    moved = offset.view(count * offset_groups, taps, 2, *offset.shape[2:])
    places = []
    for axis, length in enumerate(sizes):
        kernel = _C.arange(weight.shape[2 + axis], dtype=input.dtype, device=input.device) * dilation[axis]
        line = _C.arange(offset.shape[2 + axis], dtype=input.dtype, device=input.device) * stride[axis]
        tap = (kernel if axis else kernel[:, None]).expand(*weight.shape[2:]).reshape(taps, 1, 1)
        line = line if axis else line[:, None]
        at = moved[:, :, axis] + tap + line - padding[axis]
        # (A border of zeros makes every image at least three pixels wide, which is what -1 and 1 stand for.)
        places.append((at + 1) * (2 / (length + 1)) - 1)
    grid = _C.stack(places[::-1], -1).flatten(1, 2)
    image = pad(input.reshape(count * offset_groups, -1, *sizes), (1, 1, 1, 1))
    sampled = grid_sample(image, grid, "bilinear", "zeros", align_corners=True)
    sampled = sampled.view(count, offset_groups, -1, taps, *offset.shape[2:])
    if use_mask:
        sampled = sampled * mask.view(count, offset_groups, 1, taps, *offset.shape[2:])
    columns = sampled.reshape(count, groups, colours // groups * taps, -1)
    made = weight.reshape(groups, len(weight) // groups, -1) @ columns
    return made.reshape(count, len(weight), *offset.shape[2:]) + bias.view(-1, 1, 1)


for function in (nms, roi_align, roi_pool, ps_roi_align, ps_roi_pool, deform_conv2d):
    ops._add("torchvision", function.__name__, function)
ops._add("torchvision", "_cuda_version", lambda: -1)
# Torchvision names these when it is imported.
for name in "qnms qroi_align".split():
    ops._add("torchvision", name)
for name in "roi_align roi_pool ps_roi_align ps_roi_pool deform_conv2d".split():
    ops._add("torchvision", f"_{name}_backward")
