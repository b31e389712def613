"""Batches of pictures, changed at random: what the iterators share, and the one over arrays."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator as Iterable
from typing import Any

import numpy as np

from kerastorch.config import floatx, image_data_format
from kerastorch.data.py_dataset import PyDataset
from kerastorch.errors import InvalidArgumentError, MissingMethodError, ShapeError
from kerastorch.utils.image_utils import array_to_img


class Iterator(PyDataset):
    """Batches of pictures by their number, or one after the other without end.

    A subclass defines `_get_batches_of_transformed_samples`, which takes the numbers of pictures.

    Args:
        n: the number of pictures.
        batch_size: the number of pictures in a batch.
        shuffle: whether they come in a new order each epoch, drawn from NumPy's global generator.
        seed: the seed of that generator, to which the number of the batch is added; None leaves it alone.
        **kwargs: arguments of `PyDataset`.

    Raises:
        InvalidArgumentError: when `batch_size` is less than 1.

    Example:
        >>> class Numbers(Iterator):
        ...     def _get_batches_of_transformed_samples(self, index_array):
        ...         return index_array.tolist()
        >>> numbers = Numbers(5, 2, shuffle=False, seed=None)
        >>> len(numbers), numbers[2], next(numbers)
        (3, [4], [0, 1])

    Source: `keras.preprocessing.image.Iterator`.
    """

    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if batch_size < 1:
            raise InvalidArgumentError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}.")
        self.n = n
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.batch_index = 0
        self.total_batches_seen = 0
        self.index_array: Any = None
        self._begin()

    def _begin(self) -> None:
        self.lock = threading.Lock()
        self.index_generator = self._flow_index()

    def __getstate__(self) -> dict:
        return {k: v for k, v in vars(self).items() if k not in ("lock", "index_generator")}

    def __setstate__(self, state: dict) -> None:
        vars(self).update(state)
        self._begin()

    def _set_index_array(self) -> np.ndarray:
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)
        return self.index_array

    def _seed_batch(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def __getitem__(self, idx: int) -> Any:
        if idx >= len(self):
            raise InvalidArgumentError(
                f"Asked to retrieve element {idx}, but the Sequence has length {len(self)}."
            )
        self._seed_batch()
        self.total_batches_seen += 1
        order = self._set_index_array() if self.index_array is None else self.index_array
        return self._get_batches_of_transformed_samples(
            order[self.batch_size * idx : self.batch_size * (idx + 1)]
        )

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def on_epoch_end(self) -> None:
        """Draws a new order."""
        self._set_index_array()

    def reset(self) -> None:
        """Begins again with the first batch."""
        self.batch_index = 0

    def _flow_index(self) -> Iterable[np.ndarray]:
        """The numbers of the pictures of batch after batch, without end."""
        self.reset()
        while True:
            self._seed_batch()
            fresh = self.batch_index == 0 or self.index_array is None
            order = self._set_index_array() if fresh else self.index_array
            first = self.batch_index * self.batch_size % self.n if self.n else 0
            self.batch_index = self.batch_index + 1 if self.n > first + self.batch_size else 0
            self.total_batches_seen += 1
            yield order[first : first + self.batch_size]

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        with self.lock:
            index_array = next(self.index_generator)
        return self._get_batches_of_transformed_samples(index_array)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        raise MissingMethodError(
            f"{type(self).__name__} must define `_get_batches_of_transformed_samples(self, index_array)`."
        )


def changed(generator: Any, x: np.ndarray) -> np.ndarray:
    """Returns a picture as an `ImageDataGenerator` changes it; None leaves it as it is."""
    if generator is None:
        return x
    return generator.standardize(generator.apply_transform(x, generator.get_random_transform(x.shape)))


def save_pictures(iterator: Any, pictures: np.ndarray, index_array: np.ndarray, names: int) -> None:
    """Writes pictures into the folder of an iterator, if it has one.

    Args:
        iterator: has `save_to_dir`, `save_prefix`, `save_format` and `data_format`.
        pictures: the pictures.
        index_array: their numbers.
        names: the number of different endings of names.
    """
    if not iterator.save_to_dir:
        return
    for number, picture in zip(index_array, pictures, strict=True):
        ending = f"{np.random.randint(names)}.{iterator.save_format}"
        path = os.path.join(iterator.save_to_dir, f"{iterator.save_prefix}_{number}_{ending}")
        array_to_img(picture, iterator.data_format, scale=True).save(path)


class NumpyArrayIterator(Iterator):
    """Batches of pictures from an array.

    Args:
        x: the pictures, an array (N, H, W, C); or a pair of it and a list of other arrays, which are not changed.
        y: the labels, or None.
        image_data_generator: the `ImageDataGenerator` that changes the pictures.
        batch_size: the number of pictures in a batch.
        shuffle: whether they come in a new order each epoch.
        sample_weight: a weight for each picture, or None.
        seed: the seed of NumPy's global generator; None leaves it alone.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        save_to_dir: a folder into which the pictures are written, or None.
        save_prefix: the beginning of the names of these files.
        save_format: their ending, which says their format.
        subset: `"training"` or `"validation"`, where the generator has a `validation_split`; None takes all.
        ignore_class_split: whether both parts need not have the same labels.
        dtype: the type of the pictures; None takes `floatx()`.

    Raises:
        InvalidArgumentError: for arrays of different lengths, or an unknown subset.
        ShapeError: when `x` has not four axes.

    Example:
        >>> pictures = np.zeros((5, 2, 2, 1))
        >>> x, y = NumpyArrayIterator(pictures, np.arange(5), None, batch_size=2)[2]
        >>> x.shape, y.tolist()
        ((1, 2, 2, 1), [4])

    Source: `keras.preprocessing.image.NumpyArrayIterator`.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: Any = None,
    ) -> None:
        self.dtype = dtype or floatx()
        x, others = _pictures_and_others(x)
        y = None if y is None else np.asarray(y)
        _check_lengths(x, y=y, sample_weight=sample_weight)
        part = slice(None)
        if subset is not None:
            part = _part(len(x), y, image_data_generator, subset, ignore_class_split)
        self.x = np.asarray(x[part], dtype=self.dtype)
        self.x_misc = [other[part] for other in others]
        self.y = None if y is None else y[part]
        # As in Keras, weights are not cut into parts.
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        self.data_format = data_format or image_data_format()
        self._check_axes()
        self.image_data_generator = image_data_generator
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _check_axes(self) -> None:
        if self.x.ndim != 4:
            raise ShapeError(
                f"Input data in `NumpyArrayIterator` should have rank 4. You passed an array with shape {self.x.shape}."
            )
        axis = 3 if self.data_format == "channels_last" else 1
        if self.x.shape[axis] not in (1, 3, 4):
            warnings.warn(
                f"Pictures have 1, 3 or 4 channels, on axis {axis} for {self.data_format!r}. Received an array of "
                f"shape {self.x.shape}.",
                stacklevel=4,
            )

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        pictures = np.zeros((len(index_array), *self.x.shape[1:]), dtype=self.dtype)
        for picture, number in zip(pictures, index_array, strict=True):
            picture[...] = changed(self.image_data_generator, self.x[number].copy())
        save_pictures(self, pictures, index_array, 10_000)
        x = [pictures, *(other[index_array] for other in self.x_misc)] if self.x_misc else pictures
        if self.y is None:
            return x
        if self.sample_weight is None:
            return x, self.y[index_array]
        return x, self.y[index_array], self.sample_weight[index_array]


def _pictures_and_others(x: Any) -> tuple[Any, list[np.ndarray]]:
    if not isinstance(x, (tuple, list)):
        return np.asarray(x), []
    pictures, others = np.asarray(x[0]), x[1] if isinstance(x[1], list) else [x[1]]
    others = [np.asarray(other) for other in others]
    for other in others:
        if len(other) != len(pictures):
            raise InvalidArgumentError(
                "All of the arrays in `x` should have the same length. Found a pair with: "
                f"len(x[0]) = {len(pictures)}, len(x[?]) = {len(other)}."
            )
    return pictures, others


def _check_lengths(x: Any, **others: Any) -> None:
    for name, other in others.items():
        if other is not None and len(x) != len(other):
            raise InvalidArgumentError(
                f"`x` (images tensor) and `{name}` should have the same length. "
                f"Found: x.shape = {np.shape(x)}, {name}.shape = {np.shape(other)}."
            )


def _part(length: int, y: Any, generator: Any, subset: str, ignore_class_split: bool) -> slice:
    """The pictures of a subset: those of validation come first."""
    if subset not in ("training", "validation"):
        raise InvalidArgumentError(f'Invalid subset name: {subset!r}; expected "training" or "validation".')
    middle = int(length * generator._validation_split)
    if (
        y is not None
        and not ignore_class_split
        and not np.array_equal(np.unique(y[:middle]), np.unique(y[middle:]))
    ):
        raise InvalidArgumentError(
            "Training and validation subsets have different number of classes after the split. If your numpy arrays "
            "are sorted by the label, you might want to shuffle them."
        )
    return slice(middle) if subset == "validation" else slice(middle, None)
