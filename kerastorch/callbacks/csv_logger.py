"""Writing loss and metrics of each epoch to a CSV file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.callback import Callback
from kerastorch.errors import InvalidArgumentError


class CSVLogger(Callback):
    """Writes a line for each epoch of `fit` to a CSV file, which is complete after each of them.

    The columns are `epoch` and the sorted names of the first epoch's logs. Where that one has no validation, each name
    has a second column with `val_` in front. What an epoch lacks is `NA`.

    Args:
        filename: the path of the file.
        separator: the character between two columns. Default: `","`.
        append: whether to write at the end of a file that exists, without a second header, in place of a new file.
            Default: False.

    Raises:
        InvalidArgumentError: when `separator` is not a single character.

    Example:
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "log.csv")
        >>> logger = CSVLogger(path)
        >>> logger.on_train_begin()
        >>> logger.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.25})
        >>> logger.on_train_end()
        >>> print(open(path).read())
        epoch,loss,val_loss
        0,0.5,0.25
        <BLANKLINE>

    Source: keras.callbacks.CSVLogger
    """

    def __init__(self, filename: str | os.PathLike, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        if not isinstance(separator, str) or len(separator) != 1:
            raise InvalidArgumentError(f"`separator` must be a single character. Received: {separator!r}.")
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.append_header = True
        self.keys: list[str] | None = None
        self.csv_file: Any = None
        self.writer: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._end_run()
        path = Path(self.filename)
        self.append_header = not (self.append and path.exists() and path.stat().st_size)
        self.csv_file = path.open("a" if self.append else "w", newline="", encoding="utf-8")
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        if self.writer is None:
            self._start(logs)
        row = {key: _cell(logs.get(key, "NA")) for key in self.keys or ()}
        self.writer.writerow({"epoch": epoch, **row})
        self.csv_file.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._end_run()

    def _start(self, logs: dict[str, Any]) -> None:
        """Decides on the columns and writes their names."""
        self.keys = sorted(logs)
        if not any(key.startswith("val_") for key in self.keys):
            self.keys += [f"val_{key}" for key in self.keys]
        self.writer = csv.DictWriter(self.csv_file, ["epoch", *self.keys], delimiter=self.sep)
        if self.append_header:
            self.writer.writeheader()

    def _end_run(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()
        self.writer = None


def _cell(value: Any) -> Any:
    """What the file shows of a value: numbers and texts as they are, a list in brackets."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    scalar = isinstance(value, np.ndarray) and value.ndim == 0
    if scalar or isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return f'"[{", ".join(map(str, value))}]"'
