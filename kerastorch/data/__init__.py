"""From what users give to `fit` to batches on the device that trains, and `tf.data`'s pipelines."""

from typing import TYPE_CHECKING

from kerastorch.lazy import later

if TYPE_CHECKING:
    from kerastorch.data.pipeline.dataset import Dataset
    from kerastorch.data.pipeline.options import Options
    from kerastorch.data.pipeline.readers import FixedLengthRecordDataset, TextLineDataset, make_csv_dataset
    from kerastorch.data.pipeline.spec import (
        AUTOTUNE,
        INFINITE_CARDINALITY,
        UNKNOWN_CARDINALITY,
        TensorSpec,
    )

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Dataset",
    "FixedLengthRecordDataset",
    "Options",
    "TensorSpec",
    "TextLineDataset",
    "make_csv_dataset",
]

__getattr__, __dir__ = later(__name__, dict.fromkeys(__all__, "kerastorch.data.pipeline"))
