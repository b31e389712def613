"""Batches of pictures whose files and labels are in a data frame."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerastorch.callbacks.screen import print_line
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.preprocessing.picture_files import FileBatches

_WITHOUT_CLASSES = ("input", "multi_output", "raw", None)


class DataFrameIterator(FileBatches):
    """Batches of pictures whose files and labels are in the columns of a data frame.

    Args:
        dataframe: a pandas data frame.
        directory: the folder of the files; None where the frame has their whole paths.
        image_data_generator: the `ImageDataGenerator` that changes the pictures.
        x_col: the column of the files.
        y_col: the column of the labels, or a list of columns.
        weight_col: the column of the weights, or None.
        target_size: the height and width to which the pictures are brought, in pixels.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        classes: the classes that are used; None takes all in the order of their names.
        class_mode: the labels: `"categorical"` for one-hot rows, `"binary"` or `"sparse"` for the number of the class,
            `"raw"` for what is in the columns, `"multi_output"` for that as a list of columns, `"input"` for the
            pictures themselves, None for none.
        batch_size: the number of pictures in a batch.
        shuffle: whether they come in a new order each epoch.
        seed: the seed of NumPy's global generator; None leaves it alone.
        data_format: `"channels_last"` or `"channels_first"`.
        save_to_dir: a folder into which the pictures are written, or None.
        save_prefix: the beginning of the names of these files.
        save_format: their ending, which says their format.
        subset: `"training"` or `"validation"`, where the generator has a `validation_split`; None takes all.
        interpolation: how pictures are resized, as in `load_img`.
        keep_aspect_ratio: whether they are cut rather than distorted.
        dtype: the type of the pictures.
        validate_filenames: whether rows whose file is no picture are left out.

    Raises:
        ArgumentTypeError: when a column holds other things than `class_mode` needs.
        InvalidArgumentError: for an unknown mode or subset, or when `"binary"` finds another number of classes.

    Example:
        >>> import pandas
        >>> frame = pandas.DataFrame({"filename": ["a.png", "b.png"], "class": ["cat", "dog"]})
        >>> batches = DataFrameIterator(frame, class_mode="sparse", validate_filenames=False)
        Found 2 non-validated image filenames belonging to 2 classes.
        >>> batches.class_indices
        {'cat': 0, 'dog': 1}

    Source: `DataFrameIterator` of Keras 2.
    """

    allowed_class_modes = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)

    def __init__(
        self,
        dataframe: Any,
        directory: Any = None,
        image_data_generator: Any = None,
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
        data_format: str | None = "channels_last",
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = "float32",
        validate_filenames: bool = True,
    ) -> None:
        pictures = (image_data_generator, target_size, color_mode, class_mode, data_format, subset)
        self._set_pictures(*pictures, interpolation, keep_aspect_ratio, dtype)
        self._set_saving(save_to_dir, save_prefix, save_format)
        self.directory = directory or ""
        _check_columns(dataframe, x_col, y_col, weight_col, classes, class_mode)
        frame = self._with_valid_files(dataframe, x_col) if validate_filenames else dataframe
        belonging = ""
        if class_mode not in _WITHOUT_CLASSES:
            frame, names = _with_classes(frame, y_col, classes)
            self.class_indices = {name: number for number, name in enumerate(names)}
            belonging = f" belonging to {len(names)} classes"
        if self.split:
            first, last = (int(share * len(frame)) for share in self.split)
            frame = frame.iloc[first:last]
        self._read_columns(frame, x_col, y_col, weight_col)
        kind = "validated" if validate_filenames else "non-validated"
        print_line(f"Found {self.samples} {kind} image filenames{belonging}.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _read_columns(self, frame: Any, x_col: str, y_col: Any, weight_col: str | None) -> None:
        self.filenames = frame[x_col].tolist()
        self.samples = len(self.filenames)
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        self._sample_weight = frame[weight_col].to_numpy() if weight_col else None
        if self.class_mode == "multi_output":
            self._targets: Any = [np.array(frame[column].tolist()) for column in y_col]
        elif self.class_mode == "raw":
            self._targets = frame[y_col].to_numpy()
        elif self.class_mode not in _WITHOUT_CLASSES:
            self.classes = [self._numbers(label) for label in frame[y_col]]

    def _numbers(self, label: Any) -> Any:
        if isinstance(label, (list, tuple)):
            return [self.class_indices[name] for name in label]
        return self.class_indices[label]

    def _with_valid_files(self, frame: Any, x_col: str) -> Any:
        paths = (os.path.join(self.directory, name) for name in frame[x_col])
        valid = np.array(
            [p.lower().endswith(self.white_list_formats) and os.path.isfile(p) for p in paths], dtype=bool
        )
        if not valid.all():
            warnings.warn(
                f'Found {(~valid).sum()} invalid image filename(s) in x_col="{x_col}". These filename(s) will be '
                "ignored.",
                stacklevel=4,
            )
        return frame[valid]

    @property
    def labels(self) -> Any:
        """The labels of all pictures."""
        return self._targets if self.class_mode in ("multi_output", "raw") else self.classes

    @property
    def sample_weight(self) -> Any:
        """The weights of all pictures, or None."""
        return self._sample_weight


def _with_classes(frame: Any, y_col: str, classes: Sequence[str] | None) -> tuple[Any, list[str]]:
    """The rows that have a label, and the classes in order."""
    if not classes:
        found = {name for label in frame[y_col] for name in (label if _is_several(label) else [label])}
        return frame.dropna(subset=[y_col]), sorted(found)
    names = list(dict.fromkeys(classes))

    def kept(label: Any) -> Any:
        if _is_several(label):
            return [name for name in label if name in names] or None
        return label if label in names else None

    return frame.assign(**{y_col: frame[y_col].map(kept)}).dropna(subset=[y_col]), names


def _is_several(label: Any) -> bool:
    return isinstance(label, (list, tuple))


def _check_columns(
    frame: Any, x_col: str, y_col: Any, weight_col: str | None, classes: Any, class_mode: str | None
) -> None:
    if class_mode == "multi_output" and not isinstance(y_col, list):
        raise ArgumentTypeError(
            f'If class_mode="multi_output", y_col must be a list. Received {type(y_col).__name__}.'
        )
    if not all(isinstance(name, str) for name in frame[x_col]):
        raise ArgumentTypeError(f"All values in column x_col={x_col} must be strings.")
    kinds: dict[str | None, Any] = {"binary": str, "sparse": str, "categorical": (str, list, tuple)}
    if class_mode in kinds and not all(isinstance(label, kinds[class_mode]) for label in frame[y_col]):
        wanted = "type string, list or tuple" if class_mode == "categorical" else "strings"
        raise ArgumentTypeError(
            f'If class_mode="{class_mode}", y_col="{y_col}" column values must be {wanted}.'
        )
    if class_mode == "binary":
        count = len(set(classes)) if classes else frame[y_col].nunique()
        if count != 2:
            raise InvalidArgumentError(
                f'If class_mode="binary" there must be 2 classes. Found {count} classes.'
            )
    if classes and class_mode in _WITHOUT_CLASSES:
        warnings.warn(f'`classes` will be ignored given the class_mode="{class_mode}"', stacklevel=4)
    if weight_col and frame[weight_col].dtype.kind not in "iuf":
        raise ArgumentTypeError(f"Column weight_col={weight_col} must be numeric.")
