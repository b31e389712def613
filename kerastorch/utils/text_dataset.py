"""`text_dataset_from_directory`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerastorch.core.strings import StringTensor
from kerastorch.utils.directories import Request
from kerastorch.utils.directories_pipeline import datasets_of
from kerastorch.utils.image_dataset import check_format


def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Returns a dataset of the texts in the folders of a directory, a folder for each class.

    Args:
        directory: where the folders are, with files that end in .txt.
        labels: `"inferred"` takes the number of the folder; a list has one label for each file in alphabetical
            order, and folders mean nothing; None gives no labels. Default: `"inferred"`.
        label_mode: `"int"` gives labels int32 (batch,), `"categorical"` float32 (batch, classes), `"binary"` float32
            (batch, 1), None none. Default: `"int"`.
        class_names: the folders that count, in the order of their numbers. Default: None, all, alphabetically.
        batch_size: number of texts in a batch; None gives them one by one. Default: 32.
        max_length: number of bytes after which a text is cut off. Default: None.
        shuffle: whether the order is random and another one in each epoch; else alphabetical. Default: True.
        seed: fixes the order, and with it the split. Default: None.
        validation_split: fraction of the files that is kept for validation. Default: None.
        subset: with a `validation_split`: `"training"`, `"validation"`, or `"both"` for a list of two datasets.
            Default: None.
        follow_links: whether linked folders are looked into. Default: False.
        format: accepted for Keras; there is one kind of dataset here, which `"tf"` is the name of. Default: `"tf"`.
        verbose: whether to print how many files were found. Default: True.

    Returns:
        A `Dataset` of string tensors (batch,), or of pairs of them and labels, with the attributes `class_names`
        and `file_paths`; a list of two such for `subset="both"`.

    Raises:
        InvalidArgumentError: when an argument has a value that means nothing, or labels do not fit the files.
        MissingFileError: when there is no such directory.
        DataError: when there are no texts in it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     for name in ("good", "bad"):
        ...         Path(home, name).mkdir()
        ...         _ = Path(home, name, "1.txt").write_text(f"It is {name}.")
        ...     dataset = text_dataset_from_directory(home, shuffle=False)
        ...     texts, labels = next(iter(dataset))
        Found 2 files belonging to 2 classes.
        >>> texts.tolist(), labels.tolist(), dataset.class_names
        ([b'It is bad.', b'It is good.'], [0, 1], ['bad', 'good'])

    Source: keras.utils.text_dataset_from_directory
    """
    request = Request(
        directory,
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
        "text files",
        (".txt",),
    )
    check_format(format)

    def load(path: str) -> StringTensor:
        return StringTensor(Path(path).read_bytes()[:max_length])

    return datasets_of(request, load)
