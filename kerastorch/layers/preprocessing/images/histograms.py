"""Equalisation of histograms: of whole batches, and of tiles of pictures with limited contrast (CLAHE).

Legend: P planes (a plane is one colour of one picture), H height, W width, B bins, G tiles along an axis, T pixels of a
tile along an axis. Counting is a scatter, so that it neither loops over pictures nor waits for the device.
"""

from __future__ import annotations

import torch

_LEVELS = 256


def equalized(values: torch.Tensor, bins: int) -> torch.Tensor:
    """Returns values spread so that all brightnesses are about equally frequent in each row.

    Args:
        values: values from 0 to 255, (rows, any number of pixels); a row with a single bin in use stays as it is.
        bins: the number of bins of the histogram.
    """
    counts = _counted((values.float() * (bins - 1) / 255.0).to(torch.int64).clamp(0, bins - 1), bins)
    cumulated = counts.cumsum(-1)
    total = cumulated[..., -1:]
    first = torch.where(cumulated > 0, cumulated, total).amin(-1, keepdim=True)
    table = ((cumulated - first) * 255 / (total - first).clamp(min=1)).round().clamp(0, 255)
    places = ((values / 255.0) * (bins - 1)).clamp(0, bins - 1).to(torch.int64)
    several = (counts > 0).sum(-1, keepdim=True) > 1
    return torch.where(several, table.gather(-1, places).to(values.dtype), values)


def clahe(planes: torch.Tensor, clip_limit: float, grid: tuple[int, int]) -> torch.Tensor:
    """Returns planes equalised tile by tile, blended between the centres of the tiles.

    Args:
        planes: values from 0 to 255, (P, H, W), float32.
        clip_limit: how many times the mean a count may be; what is above goes to all levels alike. 0 for no limit.
        grid: the numbers of tiles along height and width.
    """
    _, height, width = planes.shape
    tall, wide = -(-height // grid[0]), -(-width // grid[1])
    levels = _mirrored(planes, tall * grid[0], wide * grid[1]).clamp(0, _LEVELS - 1).to(torch.int64)
    tables = _tile_tables(levels, clip_limit, grid)  # (P, G * G, levels)
    top, bottom, down = _neighbours(height, tall, grid[0], planes.device)
    left, right, across = _neighbours(width, wide, grid[1], planes.device)
    levels, down = levels[:, :height, :width], down[:, None]
    upper, lower = (
        torch.lerp(
            _looked_up(tables, levels, row, left, grid[1]),
            _looked_up(tables, levels, row, right, grid[1]),
            across,
        )
        for row in (top, bottom)
    )
    return torch.lerp(upper, lower, down)


def _counted(places: torch.Tensor, bins: int) -> torch.Tensor:
    """How often each bin occurs along the last axis."""
    counts = torch.zeros((*places.shape[:-1], bins), dtype=torch.int64, device=places.device)
    return counts.scatter_add_(-1, places, torch.ones_like(places))


def _mirrored(planes: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Planes grown to a size at their ends by mirrored copies of themselves."""
    for axis, size in ((-2, height), (-1, width)):
        old = planes.shape[axis]
        if size != old:
            places = torch.arange(size, device=planes.device) % (2 * old)
            planes = planes.index_select(axis, torch.minimum(places, 2 * old - 1 - places))
    return planes


def _tile_tables(levels: torch.Tensor, clip_limit: float, grid: tuple[int, int]) -> torch.Tensor:
    """The new value for each level in each tile."""
    count, height, width = levels.shape
    tall, wide = height // grid[0], width // grid[1]
    tiles = levels.reshape(count, grid[0], tall, grid[1], wide).transpose(2, 3)
    counts = _counted(tiles.reshape(count, grid[0] * grid[1], tall * wide), _LEVELS).float()
    if clip_limit > 0:
        clipped = counts.clamp(max=clip_limit * (tall * wide) / _LEVELS)
        counts = clipped + (counts - clipped).sum(-1, keepdim=True) / _LEVELS
    cumulated = counts.cumsum(-1)
    first = cumulated[..., :1]
    room = tall * wide - first
    return ((cumulated - first) * 255.0 / torch.where(room == 0, 1.0, room)).clamp(0, 255)


def _neighbours(size: int, pixels: int, tiles: int, place: torch.device) -> tuple[torch.Tensor, ...]:
    """The tiles whose centres are before and after each pixel of an axis, and how near the pixel is to the latter."""
    position = (torch.arange(size, dtype=torch.float32, device=place) - pixels / 2.0) / pixels
    before = position.floor()
    near = [t.clamp(0, tiles - 1).to(torch.int64) for t in (before, before + 1)]
    return *near, position - before


def _looked_up(
    tables: torch.Tensor, levels: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, width: int
) -> torch.Tensor:
    """The new values of pixels by the tables of the tiles at rows and columns."""
    tiles = rows[:, None] * width + columns
    return tables.flatten(1).gather(1, (tiles * _LEVELS + levels).flatten(1)).view(levels.shape)
