"""Stages that read files: lines of text, records of one length, and tables of comma-separated values."""

from __future__ import annotations

import bz2
import glob
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any

import numpy as np

from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.sources import Slices
from kerastorch.data.pipeline.spec import TensorSpec
from kerastorch.data.pipeline.stage import Stage
from kerastorch.errors import DataError, InvalidArgumentError

_OPENERS: dict[str, Callable[..., Any]] = {
    "": open,
    "GZIP": gzip.open,
    "ZLIB": lambda path, mode: BytesIO(zlib.decompress(_read(path))),
    "BZ2": bz2.open,
    "XZ": lzma.open,
}


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def opener(compression: str | None) -> Callable[..., Any]:
    """Returns the function that opens files of a compression: None, "", "GZIP", "ZLIB", "BZ2" or "XZ".

    Raises:
        InvalidArgumentError: for another one.
    """
    if (compression or "") not in _OPENERS:
        raise InvalidArgumentError(
            f"`compression_type` must be one of {sorted(_OPENERS)} or None. Received: {compression!r}."
        )
    return _OPENERS[compression or ""]


def paths_of(names: Any) -> list[str]:
    """Returns file names as a list of text.

    Args:
        names: one name, or names in a list, array, string tensor, or a dataset of them.
    """
    if hasattr(names, "stage"):
        return [path for element in names for path in paths_of(element)]
    if hasattr(names, "__fspath__"):
        return [str(names)]
    if isinstance(names, (list, tuple)):
        return [path for name in names for path in paths_of(name)]
    return as_strings(names).decode().reshape(-1).tolist()


def matching(patterns: Any) -> list[str]:
    """Returns the files that match patterns, sorted.

    Args:
        patterns: one or more patterns with `*`, `?` and `[]`.

    Raises:
        DataError: when no file matches.
    """
    wanted = paths_of(patterns)
    found = sorted({path for pattern in wanted for path in glob.glob(pattern)})
    if not found:
        raise DataError(f"No files matched pattern: {', '.join(wanted)}")
    return found


class TextLines(Stage):
    """The lines of files, without their ends.

    Args:
        paths: gives the file names.
        compression: how the files are compressed.
    """

    def __init__(self, paths: Callable[[], list[str]], compression: str | None) -> None:
        self.paths = paths
        self.open = opener(compression)

    def stream(self, run: Run) -> Iterator[StringTensor]:
        for path in self.paths():
            with self.open(path, "rb") as file:
                for line in file:
                    yield as_strings(line.rstrip(b"\n").removesuffix(b"\r"))

    def spec(self) -> TensorSpec:
        return TensorSpec((), "string")


class FixedLengthRecords(TextLines):
    """Records of one length.

    Args:
        paths: gives the file names.
        compression: how the files are compressed.
        record: bytes in a record.
        header: bytes before the first record of a file.
        footer: bytes after the last one.
    """

    def __init__(
        self, paths: Callable[[], list[str]], compression: str | None, record: int, header: int, footer: int
    ) -> None:
        super().__init__(paths, compression)
        self.record = record
        self.header = header
        self.footer = footer

    def stream(self, run: Run) -> Iterator[StringTensor]:
        for path in self.paths():
            with self.open(path, "rb") as file:
                file.read(self.header)
                yield from self._records(file, path)

    def _records(self, file: Any, path: str) -> Iterator[StringTensor]:
        held = b""
        while block := file.read(self.record):
            held += block
            while len(held) >= self.record + self.footer:
                yield as_strings(held[: self.record])
                held = held[self.record :]
        if len(held) != self.footer:
            raise DataError(
                f"{path!r} does not hold whole records of {self.record} bytes between a header of {self.header} and "
                f"a footer of {self.footer}: {len(held) - self.footer} bytes are left over."
            )


class CsvRows(Stage):
    """The rows of CSV files as dictionaries of columns, read in blocks.

    Args:
        paths: the files.
        options: keyword arguments of `pandas.read_csv`.
        kinds: the type of each column.
        fills: what stands for missing values, by column; otherwise zero and the empty string.
        label: the column that becomes the target, or None.
    """

    block = 1024  # rows read at a time

    def __init__(
        self,
        paths: Sequence[str],
        options: dict[str, Any],
        kinds: dict[str, str],
        fills: dict[str, Any],
        label: str | None,
    ) -> None:
        if label is not None and label not in kinds:
            raise DataError(f"`label_name` must be one of the columns {list(kinds)}. Received: {label!r}.")
        texts = {name: str for name, kind in kinds.items() if kind == "string"}
        self.paths = paths
        self.options = {**options, "dtype": texts}
        self.kinds = kinds
        self.fills = fills
        self.label = label

    def stream(self, run: Run) -> Iterator[Any]:
        import pandas

        for path in self.paths:
            with pandas.read_csv(path, chunksize=self.block, **self.options) as blocks:
                for block in blocks:
                    yield from Slices(self._columns(block)).stream(run)

    def _columns(self, block: Any) -> Any:
        columns: dict[str, Any] = {}
        for name, kind in self.kinds.items():
            filled = block[name].fillna(self.fills.get(name, "" if kind == "string" else 0))
            columns[name] = as_strings(filled.to_numpy(object)) if kind == "string" else filled.to_numpy(kind)
        return columns if self.label is None else (columns, columns.pop(self.label))


def column_kinds(path: str, options: dict[str, Any], rows: int | None) -> dict[str, str]:
    """Returns the types of the columns of a CSV file as TensorFlow infers them.

    Args:
        path: the file.
        options: keyword arguments of `pandas.read_csv`.
        rows: how many rows to look at; None is all.
    """
    import pandas

    frame = pandas.read_csv(path, nrows=rows, **options)
    return {str(name): _kind(frame[name]) for name in frame.columns}


def _kind(series: Any) -> str:
    if series.dtype.kind == "f":
        return "float32"
    if series.dtype.kind in "iu":
        return "int32" if np.abs(series.to_numpy()).max(initial=0) < 2**31 else "int64"
    return "string"
