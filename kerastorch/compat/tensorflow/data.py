"""`tf.data`: the pipelines of `kerastorch.data.pipeline` under TensorFlow's names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.data.pipeline.dataset import Dataset, DatasetIterator, DatasetSpec
from kerastorch.data.pipeline.options import Options
from kerastorch.data.pipeline.readers import FixedLengthRecordDataset, TextLineDataset, make_csv_dataset
from kerastorch.data.pipeline.spec import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY

Iterator = NumpyIterator = DatasetIterator


def _cardinality(dataset: Dataset) -> Any:
    """Returns the number of elements of a dataset."""
    return dataset.cardinality()


experimental = SimpleNamespace(
    AUTOTUNE=AUTOTUNE,
    INFINITE_CARDINALITY=INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY=UNKNOWN_CARDINALITY,
    cardinality=_cardinality,
    make_csv_dataset=make_csv_dataset,
)

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Dataset",
    "DatasetSpec",
    "FixedLengthRecordDataset",
    "Iterator",
    "NumpyIterator",
    "Options",
    "TextLineDataset",
    "experimental",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.data", name)
