"""Pictures turned, moved, sheared, made larger, or changed in colour: functions on NumPy arrays of one picture.

Legend: a picture is (C, H, W) unless `row_axis`, `col_axis` and `channel_axis` say otherwise. What is random is drawn
from NumPy's global generator.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerastorch.errors import InvalidArgumentError, MissingDependencyError, ShapeError
from kerastorch.utils.image_utils import array_to_img, img_to_array, pillow


def apply_affine_transform(
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """Returns a picture that is turned, moved, sheared and made larger, in this order.

    Args:
        x: the picture.
        theta: the angle by which it is turned, in degrees.
        tx: how far it is moved to the left, in pixels.
        ty: how far it is moved up, in pixels.
        shear: the angle by which it is sheared, in degrees.
        zx: how much more of it is seen along its width; below 1 it becomes larger.
        zy: likewise along its height.
        row_axis: the axis of its height.
        col_axis: the axis of its width.
        channel_axis: the axis of its colours, 0 or 2.
        fill_mode: what lies outside: `"constant"`, `"nearest"`, `"reflect"` or `"wrap"`, as in SciPy.
        cval: the value outside for `"constant"`.
        order: the order of the spline between the pixels, from 0 to 5.

    Returns:
        An array like `x`.

    Raises:
        InvalidArgumentError: when the axes are not three different ones.
        MissingDependencyError: when SciPy is not installed.
        ShapeError: when `x` has not three axes.

    Example:
        >>> apply_affine_transform(np.array([[[1.0, 2.0, 3.0]]]), tx=1).tolist()
        [[[2.0, 3.0, 3.0]]]

    Source: `keras.preprocessing.image.apply_affine_transform`, `scipy.ndimage.affine_transform`.
    """
    if sorted([row_axis, col_axis, channel_axis]) != [0, 1, 2] or channel_axis == 1:
        raise InvalidArgumentError(
            "`row_axis`, `col_axis` and `channel_axis` must be 0, 1 and 2, with the channels first or last. Received: "
            f"{row_axis}, {col_axis} and {channel_axis}."
        )
    if x.ndim != 3:
        raise ShapeError(f"Input arrays must be multi-channel 2D images. Received: x.shape={x.shape}.")
    matrix = _matrix(theta, tx, ty, shear, zx, zy)
    if matrix is None:
        return x
    matrix = _around_centre(matrix, x.shape[row_axis], x.shape[col_axis])
    if col_axis > row_axis:  # the matrix is of columns and rows, the array of rows and columns
        matrix = matrix[[1, 0, 2]][:, [1, 0, 2]]
    settings = {"order": order, "mode": fill_mode, "cval": cval}
    channels = np.moveaxis(x, channel_axis, 0)
    moved = [_scipy_transform()(channel, matrix[:2, :2], matrix[:2, 2], **settings) for channel in channels]
    return np.moveaxis(np.stack(moved), 0, channel_axis)


def _scipy_transform() -> Any:
    try:
        from scipy.ndimage import affine_transform
    except ImportError as error:
        raise MissingDependencyError(
            "Turning, moving, shearing and zooming pictures needs SciPy, which is not installed: `pip install scipy`."
        ) from error
    return affine_transform


def _matrix(theta: float, tx: float, ty: float, shear: float, zx: float, zy: float) -> np.ndarray | None:
    """The product of the changes that are asked for; None without any."""
    turn, slope = np.deg2rad(theta), np.deg2rad(shear)
    changes = [
        (theta != 0, [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]),
        (tx != 0 or ty != 0, [[1, 0, tx], [0, 1, ty], [0, 0, 1]]),
        (shear != 0, [[1, -np.sin(slope), 0], [0, np.cos(slope), 0], [0, 0, 1]]),
        (zx != 1 or zy != 1, [[zx, 0, 0], [0, zy, 0], [0, 0, 1]]),
    ]
    asked = [np.array(matrix, dtype="float64") for is_asked, matrix in changes if is_asked]
    return functools.reduce(np.dot, asked) if asked else None


def _around_centre(matrix: np.ndarray, height: int, width: int) -> np.ndarray:
    down, right = height / 2 - 0.5, width / 2 - 0.5
    there = np.array([[1, 0, down], [0, 1, right], [0, 0, 1]])
    back = np.array([[1, 0, -down], [0, 1, -right], [0, 0, 1]])
    return there @ matrix @ back


def random_rotation(
    x: np.ndarray,
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Returns a picture turned by a random angle.

    Args:
        x: the picture.
        rg: the greatest angle to either side, in degrees.
        row_axis: the axis of its height.
        col_axis: the axis of its width.
        channel_axis: the axis of its colours.
        fill_mode: what lies outside, as in `apply_affine_transform`.
        cval: the value outside for `"constant"`.
        interpolation_order: the order of the spline between the pixels.

    Returns:
        An array like `x`.

    Example:
        >>> random_rotation(np.ones((1, 3, 3)), 90).shape
        (1, 3, 3)

    Source: `keras.preprocessing.image.random_rotation`.
    """
    theta = np.random.uniform(-rg, rg)
    axes = (row_axis, col_axis, channel_axis)
    return apply_affine_transform(x, theta, 0, 0, 0, 1, 1, *axes, fill_mode, cval, interpolation_order)


def random_shift(
    x: np.ndarray,
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Returns a picture moved by random distances.

    Args:
        x: the picture.
        wrg: the greatest distance along the width, as a share of it.
        hrg: the greatest distance along the height, as a share of it.
        row_axis: the axis of its height.
        col_axis: the axis of its width.
        channel_axis: the axis of its colours.
        fill_mode: what lies outside, as in `apply_affine_transform`.
        cval: the value outside for `"constant"`.
        interpolation_order: the order of the spline between the pixels.

    Returns:
        An array like `x`.

    Example:
        >>> random_shift(np.ones((1, 3, 3)), 0.2, 0.2).shape
        (1, 3, 3)

    Source: `keras.preprocessing.image.random_shift`.
    """
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    axes = (row_axis, col_axis, channel_axis)
    return apply_affine_transform(x, 0, tx, ty, 0, 1, 1, *axes, fill_mode, cval, interpolation_order)


def random_shear(
    x: np.ndarray,
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Returns a picture sheared by a random angle.

    Args:
        x: the picture.
        intensity: the greatest angle to either side, in degrees.
        row_axis: the axis of its height.
        col_axis: the axis of its width.
        channel_axis: the axis of its colours.
        fill_mode: what lies outside, as in `apply_affine_transform`.
        cval: the value outside for `"constant"`.
        interpolation_order: the order of the spline between the pixels.

    Returns:
        An array like `x`.

    Example:
        >>> random_shear(np.ones((1, 3, 3)), 20).shape
        (1, 3, 3)

    Source: `keras.preprocessing.image.random_shear`.
    """
    shear = np.random.uniform(-intensity, intensity)
    axes = (row_axis, col_axis, channel_axis)
    return apply_affine_transform(x, 0, 0, 0, shear, 1, 1, *axes, fill_mode, cval, interpolation_order)


def random_zoom(
    x: np.ndarray,
    zoom_range: Sequence[float],
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Returns a picture made larger or smaller by random factors.

    Args:
        x: the picture.
        zoom_range: the least and the greatest share of the height, and of the width, that is seen.
        row_axis: the axis of its height.
        col_axis: the axis of its width.
        channel_axis: the axis of its colours.
        fill_mode: what lies outside, as in `apply_affine_transform`.
        cval: the value outside for `"constant"`.
        interpolation_order: the order of the spline between the pixels.

    Returns:
        An array like `x`.

    Raises:
        InvalidArgumentError: when `zoom_range` is not two numbers.

    Example:
        >>> random_zoom(np.ones((1, 3, 3)), (0.5, 1.5)).shape
        (1, 3, 3)

    Source: `keras.preprocessing.image.random_zoom`.
    """
    if len(zoom_range) != 2:
        raise InvalidArgumentError(
            f"`zoom_range` should be a tuple or list of two floats. Received: {zoom_range}."
        )
    zx, zy = (1, 1) if tuple(zoom_range) == (1, 1) else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    axes = (row_axis, col_axis, channel_axis)
    return apply_affine_transform(x, 0, 0, 0, 0, zx, zy, *axes, fill_mode, cval, interpolation_order)


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Returns a picture with a number added to all values, within the range that they have.

    Args:
        x: the picture.
        intensity: the number.
        channel_axis: the axis of its colours; all of them change alike.

    Returns:
        An array like `x`.

    Example:
        >>> apply_channel_shift(np.array([[[0.0, 2.0, 5.0]]]), 4.0).tolist()
        [[[4.0, 5.0, 5.0]]]

    Source: `keras.preprocessing.image.apply_channel_shift`.
    """
    return np.clip(x + intensity, np.min(x), np.max(x))


def random_channel_shift(x: np.ndarray, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """Returns a picture with a random number added to all values, within the range that they have.

    Args:
        x: the picture.
        intensity_range: the greatest number that is added or taken away.
        channel_axis: the axis of its colours; all of them change alike.

    Returns:
        An array like `x`.

    Example:
        >>> random_channel_shift(np.ones((1, 3, 3)), 2.0).shape
        (1, 3, 3)

    Source: `keras.preprocessing.image.random_channel_shift`.
    """
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """Returns a picture of another brightness.

    Args:
        x: the picture, in the image data format of the configuration.
        brightness: the factor of the brightness; 1 changes nothing.
        scale: whether the values are spread from 0 to 255 first.

    Returns:
        An array like `x`, of whole numbers from 0 to 255.

    Raises:
        MissingDependencyError: when Pillow is not installed.

    Example:
        >>> apply_brightness_shift(np.array([[[100.0], [200.0]]]), 0.5, scale=False).flatten().tolist()
        [50.0, 100.0]

    Source: `keras.preprocessing.image.apply_brightness_shift`, `PIL.ImageEnhance.Brightness`.
    """
    pillow()  # says what is missing where it is
    from PIL import ImageEnhance

    low, high = np.min(x), np.max(x)
    beyond = bool(low < 0 or high > 255)
    picture = ImageEnhance.Brightness(array_to_img(x, scale=beyond or scale)).enhance(brightness)
    found = img_to_array(picture)
    return found / 255 * (high - low) + low if beyond and not scale else found


def random_brightness(x: np.ndarray, brightness_range: Sequence[float], scale: bool = True) -> np.ndarray:
    """Returns a picture of a random brightness.

    Args:
        x: the picture, in the image data format of the configuration.
        brightness_range: the least and the greatest factor of the brightness.
        scale: whether the values are spread from 0 to 255 first.

    Returns:
        An array like `x`, of whole numbers from 0 to 255.

    Raises:
        InvalidArgumentError: when `brightness_range` is not two numbers.

    Example:
        >>> random_brightness(np.ones((3, 3, 1)), (0.5, 1.5)).shape
        (3, 3, 1)

    Source: `keras.preprocessing.image.random_brightness`.
    """
    if len(brightness_range) != 2:
        raise InvalidArgumentError(
            f"`brightness_range` should be tuple or list of two floats. Received: {brightness_range}."
        )
    return apply_brightness_shift(x, np.random.uniform(brightness_range[0], brightness_range[1]), scale)
