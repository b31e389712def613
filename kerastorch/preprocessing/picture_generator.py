"""`ImageDataGenerator`: pictures changed at random, and brought to one scale."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerastorch.config import floatx, image_data_format, standardize_data_format
from kerastorch.errors import InvalidArgumentError, ShapeError, UnknownArgumentError
from kerastorch.preprocessing.picture_batches import NumpyArrayIterator
from kerastorch.preprocessing.picture_changes import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
)
from kerastorch.preprocessing.picture_files import DirectoryIterator
from kerastorch.preprocessing.picture_frames import DataFrameIterator

# The changes of place, and their values that change nothing.
_STILL = {"theta": 0, "tx": 0, "ty": 0, "shear": 0, "zx": 1, "zy": 1}


class ImageDataGenerator:
    """Changes pictures at random and brings them to one scale, batch by batch.

    What is random is drawn from NumPy's global generator. Layers such as `RandomRotation` do the same as a part of a
    model, a batch at a time and on its device.

    Args:
        featurewise_center: whether the mean of each channel over all pictures, see `fit`, is taken away.
        samplewise_center: whether the mean of each picture is taken away.
        featurewise_std_normalization: whether each channel is divided by its standard deviation over all pictures.
        samplewise_std_normalization: whether each picture is divided by its standard deviation.
        zca_whitening: whether pixels are mixed so that they vary independently over all pictures.
        zca_epsilon: keeps this from dividing by zero.
        rotation_range: the greatest angle to either side, in degrees.
        width_shift_range: the greatest distance to either side: a share of the width below 1, else pixels; or a list of
            distances.
        height_shift_range: likewise up and down.
        brightness_range: the least and the greatest factor of the brightness, or None.
        shear_range: the greatest angle of shearing to either side, in degrees.
        zoom_range: the least and the greatest zoom, or a number for as much below and above 1.
        channel_shift_range: the greatest number that is added to all values or taken away.
        fill_mode: what lies outside: `"constant"`, `"nearest"`, `"reflect"` or `"wrap"`.
        cval: the value outside for `"constant"`.
        horizontal_flip: whether half of the pictures are mirrored left and right.
        vertical_flip: whether half of the pictures are turned upside down.
        rescale: a factor of all values, or None.
        preprocessing_function: a function from a picture to one of the same shape, applied after all changes.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        validation_split: the share of the pictures that is for validation.
        interpolation_order: the order of the spline between pixels.
        dtype: the type of the pictures; None takes `floatx()`.

    Raises:
        InvalidArgumentError: for a range that is none, or an unknown `data_format`.

    Example:
        >>> generator = ImageDataGenerator(rescale=0.5)
        >>> batches = generator.flow(np.ones((5, 2, 2, 1)), np.arange(5), batch_size=2, shuffle=False)
        >>> x, y = batches[1]
        >>> x.max(), y.tolist()
        (np.float32(0.5), [2, 3])

    Source: `keras.preprocessing.image.ImageDataGenerator`.
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], Any] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        self.featurewise_center = featurewise_center or featurewise_std_normalization or zca_whitening
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.brightness_range = _checked_brightness(brightness_range)
        self.shear_range = shear_range
        self.zoom_range = _checked_zoom(zoom_range)
        self.channel_shift_range = channel_shift_range
        self.fill_mode = fill_mode
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.data_format = standardize_data_format(data_format or image_data_format())
        self.interpolation_order = interpolation_order
        self.dtype = dtype or floatx()
        if validation_split and not 0 < validation_split < 1:
            raise InvalidArgumentError(
                f"`validation_split` must be strictly between 0 and 1. Received: {validation_split}."
            )
        self._validation_split = validation_split
        first = self.data_format == "channels_first"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: np.ndarray | None = None

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Returns batches of the pictures of an array; the arguments are those of `NumpyArrayIterator`."""
        return NumpyArrayIterator(
            x,
            y,
            self,
            batch_size=batch_size,
            shuffle=shuffle,
            sample_weight=sample_weight,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            ignore_class_split=ignore_class_split,
            subset=subset,
            dtype=self.dtype,
        )

    def flow_from_directory(
        self,
        directory: Any,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:
        """Returns batches of the pictures of a folder; the arguments are those of `DirectoryIterator`."""
        return DirectoryIterator(
            directory,
            self,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode=class_mode,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            follow_links=follow_links,
            subset=subset,
            interpolation=interpolation,
            keep_aspect_ratio=keep_aspect_ratio,
            dtype=self.dtype,
        )

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        **kwargs: Any,
    ) -> DataFrameIterator:
        """Returns batches of the pictures that a data frame names; the arguments are those of `DataFrameIterator`.

        `has_ext`, `sort` and `drop_duplicates` of old versions do nothing, and `class_mode="other"` is `"raw"`.
        """
        unknown = sorted(kwargs.keys() - {"has_ext", "sort", "drop_duplicates"})
        if unknown:
            raise UnknownArgumentError(f"`flow_from_dataframe` received unknown arguments: {unknown}.")
        return DataFrameIterator(
            dataframe,
            directory,
            self,
            x_col=x_col,
            y_col=y_col,
            weight_col=weight_col,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode="raw" if class_mode == "other" else class_mode,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            subset=subset,
            interpolation=interpolation,
            dtype=self.dtype,
            validate_filenames=validate_filenames,
        )

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Returns pictures brought to one scale; an array of floating-point numbers is changed in place.

        Args:
            x: a picture or a batch of pictures.
        """
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + 1e-6
        if self.featurewise_center and self._is_fit(self.mean, "featurewise_center"):
            x -= self.mean
        if self.featurewise_std_normalization and self._is_fit(self.std, "featurewise_std_normalization"):
            x /= self.std + 1e-6
        if self.zca_whitening and self._is_fit(self.zca_whitening_matrix, "zca_whitening"):
            x = (x.reshape(-1, math.prod(x.shape[-3:])) @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def _is_fit(self, value: Any, setting: str) -> bool:
        if value is None:
            warnings.warn(
                f"This ImageDataGenerator specifies `{setting}`, but it hasn't been fit on any training data. Fit it "
                "first by calling `.fit(numpy_data)`.",
                stacklevel=3,
            )
        return value is not None

    def get_random_transform(self, img_shape: Sequence[int], seed: int | None = None) -> dict[str, Any]:
        """Draws a change of a picture.

        Args:
            img_shape: the shape of the picture.
            seed: the seed of NumPy's global generator; None leaves it alone.
        """
        if seed is not None:
            np.random.seed(seed)
        theta = _to_either_side(self.rotation_range) if self.rotation_range else 0
        tx = _distance(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _distance(self.width_shift_range, img_shape[self.col_axis - 1])
        shear = _to_either_side(self.shear_range) if self.shear_range else 0
        zx, zy = (
            (1, 1)
            if self.zoom_range == [1, 1]
            else np.random.uniform(self.zoom_range[0], self.zoom_range[1], 2)
        )
        across, over = (np.random.random() < 0.5 for _ in range(2))
        shift = _to_either_side(self.channel_shift_range) if self.channel_shift_range != 0 else None
        brightness = None if self.brightness_range is None else np.random.uniform(*self.brightness_range[:2])
        return {
            "theta": theta,
            "tx": tx,
            "ty": ty,
            "shear": shear,
            "zx": zx,
            "zy": zy,
            "flip_horizontal": across * self.horizontal_flip,
            "flip_vertical": over * self.vertical_flip,
            "channel_shift_intensity": shift,
            "brightness": brightness,
        }

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """Returns a picture after a change.

        Args:
            x: the picture, three axes.
            transform_parameters: the change, as `get_random_transform` returns it.
        """
        drawn = transform_parameters
        row, column, channel = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        moves = {name: drawn.get(name, still) for name, still in _STILL.items()}
        outside: dict[str, Any] = {
            "fill_mode": self.fill_mode,
            "cval": self.cval,
            "order": self.interpolation_order,
        }
        x = apply_affine_transform(x, **moves, **outside, row_axis=row, col_axis=column, channel_axis=channel)
        if drawn.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, drawn["channel_shift_intensity"], channel)
        if drawn.get("flip_horizontal", False):
            x = np.flip(x, column)
        if drawn.get("flip_vertical", False):
            x = np.flip(x, row)
        if drawn.get("brightness") is not None:
            x = apply_brightness_shift(x, drawn["brightness"], False)
        return x

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Returns a picture after a random change.

        Args:
            x: the picture, three axes.
            seed: the seed of NumPy's global generator; None leaves it alone.
        """
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Learns what `featurewise_center`, `featurewise_std_normalization` and `zca_whitening` need to know.

        Args:
            x: pictures, an array of four axes.
            augment: whether the pictures are changed at random first.
            rounds: how often each picture counts then.
            seed: the seed of NumPy's global generator; None leaves it alone.

        Raises:
            ShapeError: when `x` has not four axes.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ShapeError(f"Input to `.fit()` should have rank 4. Got array with shape: {x.shape}.")
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.stack([self.random_transform(picture) for _ in range(rounds) for picture in x])
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes, keepdims=True)[0]
            x = x - self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes, keepdims=True)[0]
        if self.zca_whitening:
            u, s, _ = np.linalg.svd(x.reshape(len(x), -1).T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(x)) / (s + self.zca_epsilon))).dot(u.T)


def _checked_brightness(given: Any) -> Any:
    if given is None or (isinstance(given, (tuple, list)) and len(given) == 2):
        return given
    raise InvalidArgumentError(
        f"`brightness_range` should be tuple or list of two floats. Received: {given}."
    )


def _checked_zoom(given: Any) -> list[float]:
    if isinstance(given, (float, int)):
        return [1 - given, 1 + given]
    if len(given) == 2 and all(isinstance(value, (float, int)) for value in given):
        return [*given]
    raise InvalidArgumentError(
        f"`zoom_range` should be a float or a tuple or list of two floats. Received: {given}."
    )


def _to_either_side(most: float) -> float:
    return np.random.uniform(-most, most)


def _distance(given: Any, length: int) -> Any:
    """A random distance along an axis, in pixels."""
    if isinstance(given, (int, float)) and not given:
        return 0
    try:  # a list of distances, or a whole number for those below it
        found = np.random.choice(given) * np.random.choice([-1, 1])
    except ValueError:  # a fraction
        found = _to_either_side(given)
    return found * length if np.max(given) < 1 else found
