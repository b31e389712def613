"""`tf.data`: lazily evaluated pipelines of data. `dataset` tells where what is."""

from kerastorch.data.pipeline.dataset import Dataset, DatasetIterator, DatasetSpec
from kerastorch.data.pipeline.options import Options
from kerastorch.data.pipeline.readers import FixedLengthRecordDataset, TextLineDataset, make_csv_dataset
from kerastorch.data.pipeline.spec import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, TensorSpec

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Dataset",
    "DatasetIterator",
    "DatasetSpec",
    "FixedLengthRecordDataset",
    "Options",
    "TensorSpec",
    "TextLineDataset",
    "make_csv_dataset",
]
