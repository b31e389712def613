"""Pictures read at other places than their pixels: what rotations, zooms, shears and other changes of place do.

Legend: N pictures, H height, W width, C channels. Pixel (x, y) is the centre of the pixel in column x and row y.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")
_OF_TORCH = {"constant": "zeros", "nearest": "border", "reflect": "reflection"}


def sample(
    images: torch.Tensor,
    x: torch.Tensor,
    y: torch.Tensor,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str = "channels_last",
) -> torch.Tensor:
    """Returns pictures whose pixels are those of others at given places, all in one call of a kernel.

    Args:
        images: (N, H, W, C), or (N, C, H, W) with `data_format="channels_first"`.
        x: the column from which each pixel comes, (N, H, W).
        y: its row, (N, H, W).
        interpolation: `"bilinear"`, or `"nearest"`, which keeps types of integers.
        fill_mode: what lies outside: `"constant"` is `fill_value`, `"nearest"` the pixel at the edge, `"reflect"` the
            picture mirrored at its edge (`d c b a | a b c d | d c b a`), `"mirror"` at the middle of the outermost
            pixels (`d c b | a b c d | c b a`), `"wrap"` the picture again.
        fill_value: the value outside for `"constant"`.
        data_format: where the channels are.

    Example:
        >>> row = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1)
        >>> x = torch.tensor([[[-1.0, 0.5, 3.0]]])
        >>> sample(row, x, torch.zeros(1, 1, 3), fill_mode="reflect").flatten().tolist()
        [1.0, 1.5, 3.0]
    """
    first = data_format == "channels_first"
    planes = images if first else images.permute(0, 3, 1, 2)
    if interpolation == "bilinear" and fill_mode in _OF_TORCH and planes.is_floating_point():
        sampled = _by_kernel(planes, x, y, fill_mode, fill_value)
    else:
        sampled = _by_index(planes, x, y, interpolation, fill_mode, fill_value)
    return sampled if first else sampled.permute(0, 2, 3, 1)


def _by_kernel(
    planes: torch.Tensor, x: torch.Tensor, y: torch.Tensor, fill_mode: str, fill_value: float
) -> torch.Tensor:
    """Bilinear interpolation by `grid_sample`, which counts places from -1 to 1 between the outer edges."""
    height, width = planes.shape[2:]
    wide = torch.promote_types(planes.dtype, torch.float32)
    grid = torch.stack([(2 * x + 1) / width - 1, (2 * y + 1) / height - 1], dim=-1)
    shift = fill_value if fill_mode == "constant" else 0.0
    values = planes.to(wide) - shift if shift else planes.to(wide)
    sampled = F.grid_sample(
        values, grid.to(wide), mode="bilinear", padding_mode=_OF_TORCH[fill_mode], align_corners=False
    )
    return (sampled + shift if shift else sampled).to(planes.dtype)


def _by_index(
    planes: torch.Tensor,
    x: torch.Tensor,
    y: torch.Tensor,
    interpolation: str,
    fill_mode: str,
    fill_value: float,
) -> torch.Tensor:
    if interpolation == "nearest":
        return _pixels(planes, torch.round(x).long(), torch.round(y).long(), fill_mode, fill_value)
    left, top = torch.floor(x), torch.floor(y)
    right_share, low_share = (x - left)[:, None], (y - top)[:, None]
    column, row = left.long(), top.long()
    above, below = (
        (1 - right_share) * _pixels(planes, column, line, fill_mode, fill_value)
        + right_share * _pixels(planes, column + 1, line, fill_mode, fill_value)
        for line in (row, row + 1)
    )
    mixed = (1 - low_share) * above + low_share * below
    return mixed.to(planes.dtype) if planes.is_floating_point() else torch.round(mixed).to(planes.dtype)


def _pixels(
    planes: torch.Tensor, column: torch.Tensor, row: torch.Tensor, fill_mode: str, fill_value: float
) -> torch.Tensor:
    """The pixels of columns and rows, (N, C, H, W), that may lie outside."""
    height, width = planes.shape[2:]
    index = inside(row, height, fill_mode) * width + inside(column, width, fill_mode)
    found = planes.flatten(2).gather(2, index.flatten(1)[:, None].expand(-1, planes.shape[1], -1))
    found = found.unflatten(2, tuple(index.shape[1:]))
    if fill_mode != "constant":
        return found
    valid = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    value: Any = fill_value if planes.is_floating_point() else int(fill_value)
    return torch.where(valid[:, None], found, value)


def inside(index: torch.Tensor, size: int, fill_mode: str) -> torch.Tensor:
    """Returns the pixels that stand for those of an axis, which may lie outside.

    Args:
        index: places on the axis, whole numbers.
        size: the length of the axis, in pixels.
        fill_mode: as in `sample`.
    """
    if fill_mode == "wrap":
        return index % size
    if fill_mode == "reflect":
        folded = index % (2 * size)
        return torch.minimum(folded, 2 * size - 1 - folded)
    if fill_mode == "mirror":
        folded = index % max(2 * (size - 1), 1)
        return torch.minimum(folded, 2 * (size - 1) - folded)
    return index.clamp(0, size - 1)


def grid_of(height: int, width: int, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the columns, (1, 1, W), and the rows, (1, H, 1), of all pixels, in the type and place of a tensor."""
    columns = torch.arange(width, dtype=like.dtype, device=like.device)
    rows = torch.arange(height, dtype=like.dtype, device=like.device)
    return columns[None, None], rows[None, :, None]


def places(matrix: torch.Tensor, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns where the pixels of transformed pictures come from: columns and rows, (N, H, W) each.

    Args:
        matrix: a0, a1, a2, b0, b1, b2, c0, c1 for each picture, (N, 8): a pixel (x, y) comes from
            `((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)` with `k = c0 x + c1 y + 1`.
        height: that of the pictures, in pixels.
        width: theirs, in pixels.
    """
    a0, a1, a2, b0, b1, b2, c0, c1 = (v[:, None, None] for v in matrix.unbind(-1))
    x, y = grid_of(height, width, matrix)
    k = c0 * x + c1 * y + 1
    return (a0 * x + a1 * y + a2) / k, (b0 * x + b1 * y + b2) / k


def homography(start_points: torch.Tensor, end_points: torch.Tensor) -> torch.Tensor:
    """Returns the matrices, as for `places`, of the changes of perspective that move four points.

    Args:
        start_points: x and y of the points before, (N, 4, 2).
        end_points: x and y of them after, (N, 4, 2).

    Example:
        >>> points = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])
        >>> (homography(points, 2 * points) + 0.0).tolist()
        [[0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0]]
    """
    start, end = (p.to(torch.promote_types(p.dtype, torch.float32)) for p in (start_points, end_points))
    x, y = end.unbind(-1)
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    rows_x = torch.stack([x, y, one, zero, zero, zero, -start[..., 0] * x, -start[..., 0] * y], dim=-1)
    rows_y = torch.stack([zero, zero, zero, x, y, one, -start[..., 1] * x, -start[..., 1] * y], dim=-1)
    system = torch.stack([rows_x, rows_y], dim=2).flatten(1, 2)
    # Unlike `solve`, `solve_ex` does not make the host wait to see whether it has failed.
    return torch.linalg.solve_ex(system, start.flatten(1).unsqueeze(-1)).result.squeeze(-1)
