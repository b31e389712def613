"""Layers that were experimental in Keras 2: `kerastorch.layers.experimental`."""

from kerastorch.layers.core.einsum_dense import EinsumDense
from kerastorch.layers.core.random_fourier_features import RandomFourierFeatures
from kerastorch.layers.experimental import preprocessing
from kerastorch.layers.normalization.sync_batch_normalization import SyncBatchNormalization

__all__ = ["EinsumDense", "RandomFourierFeatures", "SyncBatchNormalization", "preprocessing"]
