"""Images seen from elsewhere: affine changes, changes of perspective, and distortions.

Legend: N batch, H height, W width, C channels.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.config import standardize_data_format
from kerastorch.core.draws import filled
from kerastorch.core.images.filters import blurred_noise
from kerastorch.core.images.sampling import INTERPOLATIONS, grid_of, homography, places, sample
from kerastorch.core.seeds import SeedGenerator
from kerastorch.errors import ShapeError
from kerastorch.ops.base import floating, op, tensor
from kerastorch.ops.image.coordinates import FILL_MODES
from kerastorch.ops.image.layout import as_images, check_choice, on_batch, size_of


def _moved(
    images: torch.Tensor,
    matrix: torch.Tensor,
    interpolation: str,
    fill_mode: str,
    fill_value: float,
    data_format: str,
) -> torch.Tensor:
    """Images whose pixels come from where matrices, (N, 8) or (1, 8), say."""
    matrix = matrix.to(images.device, torch.promote_types(matrix.dtype, torch.float32))
    x, y = places(matrix, *size_of(images, data_format))

    def change(batch: torch.Tensor) -> torch.Tensor:
        columns, rows = (p.expand(len(batch), -1, -1) for p in (x, y))
        return sample(batch, columns, rows, interpolation, fill_mode, fill_value, data_format)

    return on_batch(change, images)


@op("keras.ops.image")
def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Any:
    """Returns images turned, moved, sheared or made larger, as a matrix says.

    Args:
        images: an image (H, W, C) or a batch (N, H, W, C).
        transform: `a0, a1, a2, b0, b1, b2, c0, c1` for all images, (8,), or for each, (N, 8): the pixel (x, y) of the
            result comes from `((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)` with `k = c0 x + c1 y + 1`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside: `"constant"`, `"nearest"`, `"wrap"`, `"mirror"` or `"reflect"`, as in
            `map_coordinates`.
        fill_value: the value outside for `"constant"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor like the images; whole numbers are rounded.

    Raises:
        InvalidArgumentError: for an unknown word.
        ShapeError: for another number of axes.

    Example:
        >>> affine_transform([[[1.0], [2.0], [3.0]]], [1, 0, 1, 0, 1, 0, 0, 0]).flatten().tolist()
        [2.0, 3.0, 0.0]

    Source: `keras.ops.image.affine_transform`.
    """
    x, data_format = as_images(images), standardize_data_format(data_format)
    check_choice("interpolation", interpolation, INTERPOLATIONS)
    check_choice("fill_mode", fill_mode, FILL_MODES)
    matrix = floating(transform)
    if matrix.ndim not in (1, 2):
        raise ShapeError(
            "Invalid transform rank: expected rank 1 (single transform) or rank 2 (batch of transforms). "
            f"Received: transform.shape={tuple(matrix.shape)}."
        )
    return _moved(x, matrix.reshape(-1, 8), interpolation, fill_mode, fill_value, data_format)


@op("keras.ops.image")
def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Any:
    """Returns images seen from another point, so that four points move where others are.

    Args:
        images: an image (H, W, C) or a batch (N, H, W, C).
        start_points: x and y of four points, (4, 2) for all images or (N, 4, 2).
        end_points: where they are in the result, of the same shape.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: the value outside the image.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor like the images; whole numbers are rounded.

    Raises:
        InvalidArgumentError: for an unknown interpolation.
        ShapeError: for another number of axes, or other shapes of the points.

    Example:
        >>> corners = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 1.0]])
        >>> image = torch.tensor([[[1.0], [2.0], [3.0]]]).repeat(2, 1, 1)
        >>> moved = perspective_transform(image, corners, corners + torch.tensor([1.0, 0.0]), "nearest")
        >>> moved[0].flatten().tolist()
        [0.0, 1.0, 2.0]

    Source: `keras.ops.image.perspective_transform`.
    """
    x, data_format = as_images(images), standardize_data_format(data_format)
    check_choice("interpolation", interpolation, INTERPOLATIONS)
    wide = torch.float64 if x.dtype is torch.float64 else torch.float32
    start, end = _points(start_points, "start_points", wide), _points(end_points, "end_points", wide)
    if start.shape != end.shape:
        raise ShapeError(
            "start_points and end_points must have the same shape. Received: start_points.shape="
            f"{tuple(start.shape)}, end_points.shape={tuple(end.shape)}."
        )
    matrix = homography(start.reshape(-1, 4, 2), end.reshape(-1, 4, 2))
    return _moved(x, matrix, interpolation, "constant", fill_value, data_format)


def _points(value: Any, name: str, dtype: torch.dtype) -> torch.Tensor:
    points = tensor(value, dtype)
    if points.ndim not in (2, 3) or points.shape[-2:] != (4, 2):
        raise ShapeError(
            f"Invalid {name} shape: expected (4, 2) for all images or (N, 4, 2) for a batch. "
            f"Received: {name}.shape={tuple(points.shape)}."
        )
    return points


@op("keras.ops.image")
def elastic_transform(
    images: Any,
    alpha: float = 20.0,
    sigma: float = 5.0,
    interpolation: str = "bilinear",
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    seed: int | SeedGenerator | None = None,
    data_format: str | None = None,
) -> Any:
    """Returns images whose pixels are moved by smooth random distances.

    Args:
        images: an image (H, W, C) or a batch (N, H, W, C).
        alpha: how strong the distortion is.
        sigma: how smooth it is: the standard deviation of the blur of the distances, in pixels.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside, as in `affine_transform`.
        fill_value: the value outside for `"constant"`.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor like the images; whole numbers are rounded.

    Raises:
        InvalidArgumentError: for an unknown word.
        ShapeError: for another number of axes.

    Example:
        >>> elastic_transform(torch.ones(6, 8, 3), seed=1).shape
        torch.Size([6, 8, 3])

    Source: `keras.ops.image.elastic_transform`; Simard et al., 2003.
    """
    x, data_format = as_images(images), standardize_data_format(data_format)
    check_choice("interpolation", interpolation, INTERPOLATIONS)
    check_choice("fill_mode", fill_mode, FILL_MODES)
    height, width = size_of(x, data_format)
    deviation = torch.as_tensor(sigma, dtype=torch.float32, device=x.device)

    def change(batch: torch.Tensor) -> torch.Tensor:
        like = torch.empty((2 * len(batch), height, width), device=batch.device)
        noise = filled(like, "normal_", 0.0, 1.0, seed=seed)
        right, down = (blurred_noise(noise, deviation, int(3 * sigma)) * sigma * alpha).chunk(2)
        columns, rows = grid_of(height, width, noise)
        settings = (interpolation, fill_mode, fill_value, data_format)
        return sample(batch, columns + right, rows + down, *settings)

    return on_batch(change, x)
