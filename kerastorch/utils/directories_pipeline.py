"""Pipelines over the files of a directory: splits, labels, and samples that are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.screen import print_line
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.elements import as_leaf, copied
from kerastorch.data.pipeline.spec import AUTOTUNE
from kerastorch.data.pipeline.stage import note
from kerastorch.errors import DataError, InvalidArgumentError
from kerastorch.utils.directories import Files, Request, find_files


class DirectoryDataset(Dataset):
    """A `Dataset` of files that knows their classes and names.

    Args:
        stage: the last stage of the pipeline.
        class_names: the names of the classes, in the order of their numbers; None without labels.
        file_paths: the paths of the files, in the order of an iteration without shuffling.

    Example:
        >>> dataset = DirectoryDataset(Dataset.range(2).stage, ["cat", "dog"], ["cat/1.png", "dog/1.png"])
        >>> dataset.class_names, dataset.file_paths
        (['cat', 'dog'], ['cat/1.png', 'dog/1.png'])
    """

    def __init__(self, stage: Any, class_names: list[str] | None, file_paths: list[str]) -> None:
        super().__init__(stage)
        self.class_names = class_names
        self.file_paths = file_paths


def datasets_of(request: Request, load: Callable[[str], Any]) -> Any:
    """Returns the dataset that the user asked for, or those of both subsets.

    Args:
        request: the arguments of the user.
        load: makes a sample of a path; called in threads, when the sample is asked for.

    Raises:
        InvalidArgumentError: when `label_mode="binary"` is asked for other than two classes.
        DataError: when there are no files.
    """
    seed = int(np.random.randint(10**6)) if request.seed is None else request.seed
    files = find_files(request, seed)
    if request.label_mode == "binary" and request.labelled and len(files.class_names or ()) != 2:
        raise InvalidArgumentError(
            'With `label_mode="binary"` there must be exactly 2 classes. Received: '
            f"class_names={files.class_names}. Use label_mode='int' or 'categorical'."
        )
    subsets = ("training", "validation") if request.subset == "both" else (request.subset,)
    parts = [_part(files, request, subset) for subset in subsets]
    datasets = [
        _dataset(part, request, load, seed if number == 0 and request.shuffle else None)
        for number, part in enumerate(parts)
    ]
    return datasets if request.subset == "both" else datasets[0]


def _part(files: Files, request: Request, subset: str | None) -> Files:
    """The files of one subset."""
    part = files
    if subset is not None and request.validation_split:
        held_out = int(request.validation_split * len(files.paths))
        kept = len(files.paths) - held_out
        print_line(f"Using {kept if subset == 'training' else held_out} files for {subset}.")
        rows = slice(None, kept) if subset == "training" else slice(kept, None)
        labels = None if files.labels is None else files.labels[rows]
        part = Files(files.paths[rows], labels, files.class_names)
    if not part.paths:
        which = f"{subset} " if subset else ""
        raise DataError(
            f"No {which}{request.what} found in directory {request.directory}. "
            f"Allowed formats: {request.formats}."
        )
    return part


def _dataset(
    files: Files, request: Request, load: Callable[[str], Any], seed: int | None
) -> DirectoryDataset:
    """The pipeline over some files; what it shuffles are their numbers, so that nothing is read for it."""
    labels = encoded_labels(files, request.label_mode) if request.labelled else None

    def sample(number: torch.Tensor) -> Any:
        place = int(number)
        loaded = _loaded(files.paths[place], load)
        return loaded if labels is None else (loaded, copied(labels[place]))

    dataset: Dataset = Dataset.from_tensor_slices(np.arange(len(files.paths)))
    if seed is not None:
        dataset = dataset.shuffle(len(files.paths), seed=seed)
    dataset = dataset.map(sample, num_parallel_calls=AUTOTUNE)
    if request.batch_size is not None:
        dataset = dataset.batch(request.batch_size)
    return DirectoryDataset(dataset.prefetch(AUTOTUNE).stage, files.class_names, files.paths)


def _loaded(path: str, load: Callable[[str], Any]) -> Any:
    try:
        return load(path)
    except Exception as error:
        note(error, f"Raised while reading {path!r}.")
        raise


def encoded_labels(files: Files, label_mode: str | None) -> Any:
    """Returns the labels as a tensor: `"binary"` float32 (N, 1), `"categorical"` float32 (N, classes), else (N,).

    Args:
        files: the files.
        label_mode: the encoding.

    Raises:
        InvalidArgumentError: when `"categorical"` labels are not the numbers of the classes.
    """
    labels = as_leaf(files.labels)
    if label_mode == "binary":
        return labels.to(torch.float32).unsqueeze(-1)
    if label_mode == "int":
        return labels
    classes = len(files.class_names or ())
    if labels.is_floating_point() or not bool(((labels >= 0) & (labels < classes)).all()):
        raise InvalidArgumentError(
            f"`label_mode='categorical'` needs labels from 0 to {classes - 1}, as there are {classes} different "
            f"ones. Received: class_names={files.class_names}."
        )
    return torch.nn.functional.one_hot(labels.long(), classes).to(torch.float32)
