"""The files of a directory and their classes, for the datasets that are made of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerastorch.callbacks.screen import print_line
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, MissingFileError

_LABEL_MODES = ("int", "categorical", "binary", None)
_SUBSETS = ("training", "validation", "both", None)
_REMOTE = re.compile(r"^(/cns|/cfs|/gcs|/hdfs|/readahead|/placer|/tfhub|.*://)")


@dataclass(frozen=True)
class Files:
    """Some files with their labels, and the classes of all files of their directory."""

    paths: list[str]
    labels: list[Any] | None
    class_names: list[str] | None


@dataclass(frozen=True)
class Request:
    """What the user asks of the files of a directory: the arguments that all kinds of files share.

    Args:
        directory: where the files are.
        labels: `"inferred"` from the folders, None, or one label a file.
        label_mode: `"int"`, `"categorical"`, `"binary"` or None.
        class_names: the folders that count, in the order of their numbers.
        batch_size: number of samples in a batch; None does not batch.
        shuffle: whether the order is random, and another one in each iteration.
        seed: fixes the order.
        validation_split: the fraction of the files that is kept for validation.
        subset: `"training"`, `"validation"`, `"both"` or None.
        follow_links: whether linked folders are looked into.
        verbose: whether to print how many files were found.
        what: what the files are called in messages, such as `"images"`.
        formats: the endings of the file names.
    """

    directory: Any
    labels: Any
    label_mode: str | None
    class_names: Sequence[str] | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool
    what: str
    formats: tuple[str, ...]

    def __post_init__(self) -> None:
        check_labels(self)
        check_split(self.validation_split, self.subset, self.shuffle, self.seed)

    @property
    def labelled(self) -> bool:
        """Whether the dataset gives labels."""
        return self.labels is not None and self.label_mode is not None


def find_files(request: Request, seed: int) -> Files:
    """Returns the files of a directory, in alphabetical order or shuffled.

    Args:
        request: the arguments of the user.
        seed: of the order, when it is random.

    Raises:
        MissingFileError: when there is no such directory.
        InvalidArgumentError: when the labels or the names of the classes do not fit the files.
    """
    directory = _local(request.directory)
    inferred = request.labelled and isinstance(request.labels, str)
    folders = _folders(directory, request.class_names) if inferred else [""]
    found = [list(_walk(os.path.join(directory, folder), request)) for folder in folders]
    paths = [path for in_folder in found for path in in_folder]
    labels: list[Any] | None = None
    class_names: list[str] | None = None
    if inferred:
        labels = [number for number, in_folder in enumerate(found) for _ in in_folder]
        class_names = folders
    elif request.labelled:
        labels = _given_labels(request, paths)
        class_names = [str(label) for label in sorted(set(labels))]
    if request.verbose:
        classes = "" if class_names is None else f" belonging to {len(class_names)} classes"
        print_line(f"Found {len(paths)} files{classes}.")
    if request.shuffle:
        order = np.arange(len(paths))
        np.random.RandomState(seed).shuffle(order)
        paths = [paths[place] for place in order]
        labels = None if labels is None else [labels[place] for place in order]
    return Files(paths, labels, class_names)


def _local(directory: Any) -> str:
    path = os.fspath(directory)
    if _REMOTE.match(path):
        raise InvalidArgumentError(
            f"Only directories of this machine can be read. Received: {path!r}. Copy its files, or mount it, first."
        )
    if not os.path.isdir(path):
        raise MissingFileError(f"There is no directory {path!r}.")
    return path


def _folders(directory: str, class_names: Sequence[str] | None) -> list[str]:
    folders = sorted(
        entry.name for entry in os.scandir(directory) if entry.is_dir() and not entry.name.startswith(".")
    )
    if class_names is None:
        return folders
    if not set(class_names) <= set(folders):
        raise InvalidArgumentError(
            "`class_names` must be names of folders in the directory. "
            f"Expected: {folders} (or a subset of it), but received: class_names={list(class_names)}."
        )
    return list(class_names)


def _walk(folder: str, request: Request) -> Iterator[str]:
    """The files in and below a folder, in alphabetical order."""
    for root, _, names in sorted(os.walk(folder, followlinks=request.follow_links), key=lambda step: step[0]):
        yield from (
            os.path.join(root, name) for name in sorted(names) if name.lower().endswith(request.formats)
        )


def _given_labels(request: Request, paths: list[str]) -> list[Any]:
    labels = list(request.labels)
    if len(labels) != len(paths):
        raise InvalidArgumentError(
            f"Expected the lengths of `labels` to match the number of files, {len(paths)} in directory "
            f"{request.directory}. Received: {len(labels)} labels."
        )
    return labels


def check_labels(request: Request) -> None:
    """Raises when `labels`, `label_mode` and `class_names` do not go together.

    Args:
        request: the arguments of the user.

    Raises:
        InvalidArgumentError: for a value that means nothing, or names that nothing needs.
        ArgumentTypeError: when `labels` is no sequence.
    """
    labels = request.labels
    inferred = isinstance(labels, str) and labels == "inferred"
    if not inferred and labels is not None and not isinstance(labels, (list, tuple, np.ndarray)):
        raise ArgumentTypeError(
            "`labels` argument should be 'inferred' (from the folders), None (no labels), or a list with one integer "
            f"for each of the {request.what}. Received: labels={labels!r}."
        )
    if request.label_mode not in _LABEL_MODES:
        raise InvalidArgumentError(
            f"`label_mode` argument must be one of {_LABEL_MODES}. Received: label_mode={request.label_mode!r}."
        )
    if request.class_names is not None and not (inferred and request.labelled):
        raise InvalidArgumentError(
            'One can only pass `class_names` if `labels="inferred"`; otherwise the sorted labels are the names of the '
            f"classes. Received: labels={labels!r}, label_mode={request.label_mode!r}, "
            f"class_names={request.class_names!r}."
        )


def check_split(validation_split: float | None, subset: str | None, shuffle: bool, seed: int | None) -> None:
    """Raises when the arguments for the split do not go together.

    Args:
        validation_split: a fraction, or None.
        subset: the part that is wanted, or None.
        shuffle: whether the order is random.
        seed: of the order, or None.

    Raises:
        InvalidArgumentError: for a value that means nothing, or one without the other.
    """
    if validation_split and not 0 < validation_split < 1:
        raise InvalidArgumentError(
            f"`validation_split` must be between 0 and 1. Received: validation_split={validation_split}."
        )
    if bool(validation_split) != bool(subset):
        raise InvalidArgumentError(
            "`subset` and `validation_split` must be set together: `validation_split` must be set to take a part. "
            f"Received: subset={subset!r}, validation_split={validation_split!r}."
        )
    if subset not in _SUBSETS:
        raise InvalidArgumentError(f"`subset` must be one of {_SUBSETS}. Received: subset={subset!r}.")
    if validation_split and shuffle and seed is None:
        raise InvalidArgumentError(
            "With a `validation_split` of shuffled files one must provide a `seed`, so that the files for training "
            "and those for validation are not the same. Set `seed`, or shuffle=False."
        )
