"""Batch normalization over several processes under its name in Keras 2."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.layers.normalization.batch_normalization import BatchNormalization


@registry.builtin("keras.layers")
class SyncBatchNormalization(BatchNormalization):
    """`BatchNormalization(synchronized=True)`: the statistics are those of the batches of all processes together.

    Args:
        *args: as those of `BatchNormalization`.
        **kwargs: as those of `BatchNormalization`, without `synchronized`.

    Input shape:
        any, with the channels at `axis`.

    Output shape:
        that of the input.

    Example:
        >>> import torch
        >>> SyncBatchNormalization(epsilon=0.0)(torch.tensor([[1.0], [3.0]]), training=True).tolist()
        [[-1.0], [1.0]]

    Source: `keras.layers.experimental.SyncBatchNormalization` of Keras 2, `torch.nn.SyncBatchNorm`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "synchronized": True})

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config()
        del config["synchronized"]
        return config
