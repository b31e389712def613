"""Datasets over files: lines of text, records of one length, and tables of comma-separated values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerastorch.core.strings import STRING
from kerastorch.data.pipeline.checks import seed_of, whole
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.spec import AUTOTUNE, TensorSpec
from kerastorch.data.pipeline.text import (
    CsvRows,
    FixedLengthRecords,
    TextLines,
    column_kinds,
    matching,
    paths_of,
)
from kerastorch.errors import InvalidArgumentError


class TextLineDataset(Dataset):
    r"""The lines of text files as scalar string tensors, without their ends.

    Args:
        filenames: one or more file names, or a dataset of them.
        compression_type: None, `""`, `"GZIP"`, `"ZLIB"`, `"BZ2"` or `"XZ"`. Default: None.
        buffer_size: accepted for TensorFlow.
        num_parallel_reads: accepted; files are read one after the other.
        name: accepted for TensorFlow.

    Raises:
        InvalidArgumentError: when there is no such compression.

    Example:
        >>> with open("lines.txt", "w") as file:
        ...     _ = file.write("to be\nor not")
        >>> [line.numpy() for line in TextLineDataset("lines.txt")]
        [b'to be', b'or not']

    Source: `tf.data.TextLineDataset`
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: str | None = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(TextLines(lambda: paths_of(filenames), compression_type))


class FixedLengthRecordDataset(Dataset):
    """The records of binary files as scalar string tensors.

    Args:
        filenames: one or more file names, or a dataset of them.
        record_bytes: bytes in a record.
        header_bytes: bytes before the first record of a file. Default: None, 0.
        footer_bytes: bytes after the last record of a file. Default: None, 0.
        buffer_size: accepted for TensorFlow.
        compression_type: None, `""`, `"GZIP"`, `"ZLIB"`, `"BZ2"` or `"XZ"`. Default: None.
        num_parallel_reads: accepted; files are read one after the other.
        name: accepted for TensorFlow.

    Raises:
        InvalidArgumentError: when there is no such compression, or a number of bytes is impossible.

    Example:
        >>> with open("records.bin", "wb") as file:
        ...     _ = file.write(b"HEADaabb")
        >>> [record.numpy() for record in FixedLengthRecordDataset("records.bin", 2, header_bytes=4)]
        [b'aa', b'bb']

    Source: `tf.data.FixedLengthRecordDataset`
    """

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
        compression_type: str | None = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        record = whole(record_bytes, "record_bytes", 1)
        header = whole(header_bytes or 0, "header_bytes", 0)
        footer = whole(footer_bytes or 0, "footer_bytes", 0)
        paths = lambda: paths_of(filenames)  # noqa: E731
        super().__init__(FixedLengthRecords(paths, compression_type, record, header, footer))


def make_csv_dataset(
    file_pattern: Any,
    batch_size: Any,
    column_names: Sequence[str] | None = None,
    column_defaults: Sequence[Any] | None = None,
    label_name: str | None = None,
    select_columns: Sequence[Any] | None = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    num_parallel_reads: int | None = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: str | None = None,
    ignore_errors: bool = False,
    encoding: str = "utf-8",
) -> Dataset:
    r"""Returns a dataset of batches of the rows of CSV files: a dictionary of columns, or that and the label.

    Args:
        file_pattern: file names, or patterns of them.
        batch_size: rows in a batch; the last smaller one is left out only when the dataset is endless.
        column_names: names of the columns. Default: None, the first line of each file.
        column_defaults: for each column that is selected, a type, where values must be there, or the value for
            missing ones, whose type decides. Default: None, types are inferred.
        label_name: the column that is the label. Default: None.
        select_columns: names or numbers of the columns to read. Default: None, all.
        field_delim: what stands between values. Default: `","`.
        use_quote_delim: whether quotation marks enclose values. Default: True.
        na_value: what stands for a missing value besides the empty string. Default: `""`.
        header: whether the first line holds the names. Default: True.
        num_epochs: how often the files are read. Default: None, for ever.
        shuffle: whether the rows are shuffled. Default: True.
        shuffle_buffer_size: rows to draw from. Default: 10000.
        shuffle_seed: fixes the order. Default: None.
        prefetch_buffer_size: batches to read ahead. Default: None, chosen.
        num_parallel_reads: accepted; files are read one after the other.
        sloppy: accepted; the order always stays.
        num_rows_for_inference: rows of the first file that types are inferred from; None is all. Default: 100.
        compression_type: None, `""`, `"GZIP"`, `"BZ2"` or `"XZ"`. Default: None.
        ignore_errors: whether lines with too many values are left out. Default: False.
        encoding: of the text. Default: UTF-8.

    Returns:
        The dataset; text as string tensors, numbers as int32, int64 or float32.

    Raises:
        DataError: when no file matches, or the label is no column.
        InvalidArgumentError: when the defaults do not fit the columns.

    Example:
        >>> with open("rows.csv", "w") as file:
        ...     _ = file.write("a,b\n1,x\n2,y\n")
        >>> dataset = make_csv_dataset("rows.csv", 2, label_name="a", num_epochs=1, shuffle=False)
        >>> [(features["b"].tolist(), label.tolist()) for features, label in dataset]
        [([b'x', b'y'], [1, 2])]

    Source: `tf.data.experimental.make_csv_dataset`
    """
    paths = matching(file_pattern)
    names = list(column_names) if column_names is not None else None
    options: dict[str, Any] = {
        "sep": field_delim,
        "quoting": 0 if use_quote_delim else 3,
        "keep_default_na": False,
        "na_values": ["", na_value],
        "header": 0 if header else None,
        "names": names,
        "usecols": list(select_columns) if select_columns is not None else None,
        "compression": _compression(compression_type),
        "on_bad_lines": "skip" if ignore_errors else "error",
        "encoding": encoding,
    }
    kinds = column_kinds(paths[0], options, num_rows_for_inference)
    kinds, fills = _declared(kinds, column_defaults)
    dataset = Dataset(CsvRows(paths, options, kinds, fills, label_name))
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, seed_of(shuffle_seed))
    dataset = dataset.repeat(num_epochs).batch(batch_size, drop_remainder=num_epochs is None)
    return dataset.prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size)


def _compression(kind: str | None) -> str | None:
    known = {"GZIP": "gzip", "BZ2": "bz2", "XZ": "xz"}
    if kind and kind not in known:
        raise InvalidArgumentError(
            f"`compression_type` must be one of {sorted(known)} or None. Received: {kind!r}."
        )
    return known.get(kind or "")


def _declared(kinds: dict[str, str], defaults: Sequence[Any] | None) -> tuple[dict[str, str], dict[str, Any]]:
    """The types of columns and the values for missing ones that `column_defaults` declares."""
    if defaults is None:
        return kinds, {}
    if len(defaults) != len(kinds):
        raise InvalidArgumentError(
            f"`column_defaults` must have one entry for each of the {len(kinds)} columns {list(kinds)}. "
            f"Received: {len(defaults)}."
        )
    declared, fills = {}, {}
    for name, default in zip(kinds, defaults, strict=True):
        value = default[0] if isinstance(default, (list, tuple)) and default else default
        kind, fill = _kind_of_default(value)
        declared[name] = kind
        if fill is not None:
            fills[name] = fill
    return declared, fills


def _kind_of_default(value: Any) -> tuple[str, Any]:
    if isinstance(value, (str, bytes)) and value not in ("float32", "float64", "int32", "int64", "string"):
        return "string", value.decode() if isinstance(value, bytes) else value
    if isinstance(value, (bool, int)):
        return "int32", value
    if isinstance(value, float):
        return "float32", value
    spec = TensorSpec((), value)
    return ("string" if spec.dtype == STRING else str(spec.dtype).removeprefix("torch.")), None
