"""Batches of pictures that are read from files: what the iterators share, and the one over a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerastorch.callbacks.screen import print_line
from kerastorch.config import floatx, image_data_format
from kerastorch.errors import InvalidArgumentError
from kerastorch.preprocessing.picture_batches import Iterator, changed, save_pictures
from kerastorch.utils.image_utils import img_to_array, load_img

_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class FileBatches(Iterator):
    """What iterators over files share; a subclass sets `filenames`, `_filepaths`, and what its labels need."""

    allowed_class_modes: tuple[str | None, ...] = ()
    classes: Any
    class_indices: dict[str, int]
    filenames: list[str]
    _filepaths: list[str]

    def _set_pictures(
        self,
        image_data_generator: Any,
        target_size: Sequence[int],
        color_mode: str,
        class_mode: str | None,
        data_format: str | None,
        subset: str | None,
        interpolation: str,
        keep_aspect_ratio: bool,
        dtype: Any,
    ) -> None:
        if color_mode not in _CHANNELS:
            raise InvalidArgumentError(
                f'Invalid color mode: {color_mode!r}; expected "rgb", "rgba", or "grayscale".'
            )
        if class_mode not in self.allowed_class_modes:
            raise InvalidArgumentError(
                f"Invalid class_mode: {class_mode!r}; expected one of: {self.allowed_class_modes}."
            )
        self.image_data_generator = image_data_generator
        height, width = target_size
        self.target_size = (height, width)
        self.color_mode = color_mode
        self.class_mode = class_mode
        self.data_format = data_format or image_data_format()
        self.interpolation = interpolation
        self.keep_aspect_ratio = keep_aspect_ratio
        self.dtype = dtype or floatx()
        channels = _CHANNELS[color_mode]
        last = self.data_format == "channels_last"
        self.image_shape = (*self.target_size, channels) if last else (channels, *self.target_size)
        self.subset = subset
        self.split = _split(image_data_generator, subset)

    def _set_saving(self, save_to_dir: str | None, save_prefix: str, save_format: str) -> None:
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format

    @property
    def filepaths(self) -> list[str]:
        """The paths of all files."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """The labels of all pictures."""
        return self.classes

    @property
    def sample_weight(self) -> Any:
        """The weights of all pictures, or None."""
        return None

    def _read(self, path: str) -> np.ndarray:
        picture = load_img(
            path,
            color_mode=self.color_mode,
            target_size=self.target_size,
            interpolation=self.interpolation,
            keep_aspect_ratio=self.keep_aspect_ratio,
        )
        return img_to_array(picture, data_format=self.data_format)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        pictures = np.zeros((len(index_array), *self.image_shape), dtype=self.dtype)
        for picture, number in zip(pictures, index_array, strict=True):
            picture[...] = changed(self.image_data_generator, self._read(self._filepaths[number]))
        save_pictures(self, pictures, index_array, 10_000_000)
        if self.class_mode is None:
            return pictures
        labels = self._labels_of(pictures, index_array)
        weights = self.sample_weight
        return (pictures, labels) if weights is None else (pictures, labels, weights[index_array])

    def _labels_of(self, pictures: np.ndarray, index_array: np.ndarray) -> Any:
        if self.class_mode == "input":
            return pictures.copy()
        if self.class_mode == "multi_output":
            return [output[index_array] for output in self.labels]
        if self.class_mode == "raw":
            return self.labels[index_array]
        if self.class_mode != "categorical":
            return np.array([self.classes[number] for number in index_array], dtype=self.dtype)
        rows = np.zeros((len(index_array), len(self.class_indices)), dtype=self.dtype)
        for row, number in zip(rows, index_array, strict=True):
            row[self.classes[number]] = 1.0
        return rows


def _split(generator: Any, subset: str | None) -> tuple[float, float] | None:
    """Where the pictures of a subset begin and end, as shares: those of validation come first."""
    if subset is None:
        return None
    if subset not in ("training", "validation"):
        raise InvalidArgumentError(f'Invalid subset name: {subset!r}; expected "training" or "validation".')
    share = generator._validation_split
    return (0, share) if subset == "validation" else (share, 1)


class DirectoryIterator(FileBatches):
    """Batches of pictures from the folders of a folder, each of which holds a class.

    Args:
        directory: the folder.
        image_data_generator: the `ImageDataGenerator` that changes the pictures.
        target_size: the height and width to which the pictures are brought, in pixels.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        classes: the names of the folders that are read; None takes all in the order of their names.
        class_mode: the labels: `"categorical"` for one-hot rows, `"binary"` or `"sparse"` for the number of the class,
            `"input"` for the pictures themselves, None for none.
        batch_size: the number of pictures in a batch.
        shuffle: whether they come in a new order each epoch.
        seed: the seed of NumPy's global generator; None leaves it alone.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        save_to_dir: a folder into which the pictures are written, or None.
        save_prefix: the beginning of the names of these files.
        save_format: their ending, which says their format.
        follow_links: whether links to folders are followed.
        subset: `"training"` or `"validation"`, where the generator has a `validation_split`; None takes all.
        interpolation: how pictures are resized, as in `load_img`.
        keep_aspect_ratio: whether they are cut rather than distorted.
        dtype: the type of the pictures; None takes `floatx()`.

    Attributes:
        class_indices: the number of each class.
        classes: the class of each picture, as a number.
        filenames: the file of each picture, below `directory`.
        filepaths: the path of each.
        samples: the number of pictures.

    Raises:
        InvalidArgumentError: for an unknown color mode, class mode or subset.

    Example:
        >>> import tempfile
        >>> from kerastorch.utils.image_utils import save_img
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("cats", "dogs"):
        ...         os.mkdir(os.path.join(folder, name))
        ...         save_img(os.path.join(folder, name, "a.png"), np.ones((4, 4, 3)))
        ...     batches = DirectoryIterator(folder, None, target_size=(2, 2), class_mode="sparse", shuffle=False)
        ...     x, y = batches[0]
        Found 2 images belonging to 2 classes.
        >>> x.shape, y.tolist()
        ((2, 2, 2, 3), [0.0, 1.0])

    Source: `keras.preprocessing.image.DirectoryIterator`.
    """

    allowed_class_modes = ("categorical", "binary", "sparse", "input", None)

    def __init__(
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: Sequence[int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
    ) -> None:
        pictures = (image_data_generator, target_size, color_mode, class_mode, data_format, subset)
        self._set_pictures(*pictures, interpolation, keep_aspect_ratio, dtype)
        self._set_saving(save_to_dir, save_prefix, save_format)
        self.directory = directory
        folders = classes or sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
        self.num_classes = len(folders)
        self.class_indices = {name: number for number, name in enumerate(folders)}
        files = {name: self._files(name, follow_links) for name in folders}
        self.filenames = [path for paths in files.values() for path in paths]
        self.samples = len(self.filenames)
        self.classes = np.repeat(
            np.arange(len(folders), dtype="int32"), [len(paths) for paths in files.values()]
        )
        print_line(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        self._filepaths = [os.path.join(directory, name) for name in self.filenames]
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _files(self, folder: str, follow_links: bool) -> list[str]:
        """The pictures of a folder and of those inside, or the part of them that is asked for."""
        top = os.path.join(self.directory, folder)
        found = [
            os.path.join(os.path.relpath(root, self.directory), name)
            for root, _, names in sorted(os.walk(top, followlinks=follow_links))
            for name in sorted(names)
            if name.lower().endswith(self.white_list_formats)
        ]
        first, last = self.split or (0, 1)
        return found[int(first * len(found)) : int(last * len(found))]
