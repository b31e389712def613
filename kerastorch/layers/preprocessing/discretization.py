"""Numbers as the bins that they fall into."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch import registry
from kerastorch.config import floatx
from kerastorch.core.variable import host_array
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, NotBuiltError
from kerastorch.layers.preprocessing.adapting import PreprocessingLayer
from kerastorch.layers.preprocessing.categories import check_output_mode, encode_categories, encoded_shape
from kerastorch.layers.preprocessing.quantiles import boundaries_of, empty_summary, merged, summarize
from kerastorch.layers.preprocessing.values import TakesValues


@registry.builtin("keras.layers")
class Discretization(TakesValues, PreprocessingLayer):
    """Puts numbers into bins, whose boundaries are given, or are quantiles of data that `adapt` finds.

    Args:
        bin_boundaries: numbers in rising order; the first bin is below the first, and a boundary belongs to the bin
            above it.
        num_bins: how many bins `adapt` makes.
        epsilon: the error of the quantiles that `adapt` finds, as a share of the data.
        output_mode: `"int"` for the number of the bin; `"one_hot"` for a vector for each number; `"multi_hot"` for
            one vector a sample, 1 for each bin that is hit; `"count"` for how often it is.
        sparse: whether the vectors are sparse tensors in torch's COO format.
        **kwargs: base arguments of `Layer`, and Keras 2's `bins`, which is `num_bins` or `bin_boundaries`.

    Input shape:
        any.

    Output shape:
        that of the input for `"int"`; else `(batch, ..., bins)` without the second axis, with `"one_hot"` with it
        unless the last axis has one number.

    Raises:
        InvalidArgumentError: when not exactly one of `bin_boundaries` and `num_bins` is given, or the mode is unknown;
            in `adapt` when the boundaries were given.
        NotBuiltError: in the call, before there are boundaries.

    Example:
        >>> Discretization(bin_boundaries=[0.0, 1.0])([-1.0, 0.0, 0.5, 2.0]).tolist()
        [0, 1, 1, 2]

    Source: `keras.layers.Discretization`, `torch.bucketize`.
    """

    _boundaries: Any

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        bins = kwargs.pop("bins", None)
        if bins is not None:
            warnings.warn("`bins` is deprecated: use `bin_boundaries` or `num_bins`.", stacklevel=2)
            num_bins, bin_boundaries = (bins, bin_boundaries) if np.ndim(bins) == 0 else (num_bins, bins)
        super().__init__(dtype=dtype, name=name, autocast=False, **kwargs)
        check_output_mode(type(self), output_mode, sparse)
        _check_bins(num_bins, bin_boundaries)
        self.num_bins = num_bins
        self.epsilon = epsilon
        self.output_mode = output_mode
        self.sparse = sparse
        self.summary: Any = None if bin_boundaries is not None else empty_summary()
        self.register_buffer("_boundaries", None, persistent=False)
        self.bin_boundaries = bin_boundaries
        self._build_at_init()

    @property
    def bin_boundaries(self) -> list[float] | None:
        """The numbers between the bins; None before `adapt`. They can be set."""
        return self.__dict__["_bin_boundaries"]

    @bin_boundaries.setter
    def bin_boundaries(self, value: Any) -> None:
        self.__dict__["_bin_boundaries"] = None if value is None else np.asarray(value).tolist()
        # Until `adapt` there are zeros, so that symbolic calls know the number of bins.
        numbers = [0.0] * ((self.num_bins or 1) - 1) if value is None else self.__dict__["_bin_boundaries"]
        device = None if self._boundaries is None else self._boundaries.device
        self._boundaries = torch.tensor(numbers, dtype=torch_dtype(floatx()), device=device)

    @property
    def input_dtype(self) -> str:
        """The type in which numbers are compared with the boundaries."""
        return floatx()

    @property
    def output_dtype(self) -> str:
        """The type of the outputs."""
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Finds the boundaries of `num_bins` bins that hold about as many values each.

        Args:
            data: as for every layer that adapts: arrays, or batches of them.
            batch_size: samples in a batch; None is a whole array, and 32 samples of a torch `Dataset`.
            steps: how many batches to take; None takes all.

        Raises:
            InvalidArgumentError: when the boundaries were given to the layer.
        """
        if self.num_bins is None:
            raise InvalidArgumentError(
                "Cannot adapt a Discretization layer that has been initialized with `bin_boundaries`, use `num_bins` "
                f"instead. Received: bin_boundaries={self.bin_boundaries}."
            )
        super().adapt(data, batch_size, steps)

    def update_state(self, data: Any) -> None:
        """Takes a batch into account.

        Args:
            data: an array or tensor.
        """
        values = host_array(data) if isinstance(data, torch.Tensor) else np.asarray(data)
        self.summary = merged(summarize(values, self.epsilon), self.summary, self.epsilon)

    def finalize_state(self) -> None:
        """Makes the boundaries of what `update_state` has seen."""
        if self.num_bins is not None:
            self.bin_boundaries = boundaries_of(self.summary, self.num_bins)

    def reset_state(self) -> None:
        """Forgets the data; the boundaries stay until `finalize_state`."""
        if self.num_bins is not None:
            self.summary = empty_summary()

    def load_own_variables(self, store: Any) -> None:
        """Takes the summary of a file that has one; the boundaries are in the config, or follow from it."""
        if len(store.keys()) == 1:
            self.summary = np.asarray(store["0"])
            if self.bin_boundaries is None:
                self.finalize_state()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Puts numbers into bins."""
        if self.bin_boundaries is None and not inputs.is_meta:
            raise NotBuiltError(
                "You need to either pass the `bin_boundaries` argument at construction time or call `adapt(dataset)` "
                "before you can start using the `Discretization` layer."
            )
        boundaries = self._boundaries
        numbers = torch.bucketize(inputs.to(boundaries.dtype), boundaries, out_int32=True, right=True)
        return encode_categories(numbers, self.output_mode, self._depth, self.output_dtype, self.sparse)

    @property
    def _depth(self) -> int:
        """The number of bins."""
        return len(self._boundaries) + 1

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input, or that of the vectors."""
        return encoded_shape(tuple(input_shape), self.output_mode, self._depth)

    def get_config(self) -> dict:
        """Returns the constructor's arguments, and the boundaries that `adapt` found."""
        config = super().get_config()
        del config["trainable"]  # Keras's layer does not take it
        return {
            **config,
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Returns a layer with the boundaries that `adapt` had found, if it had."""
        if config.get("bin_boundaries") is None or config.get("num_bins") is None:
            return super().from_config(config)
        layer = super().from_config({**config, "bin_boundaries": None})
        layer.bin_boundaries = config["bin_boundaries"]
        return layer


def _check_bins(num_bins: Any, bin_boundaries: Any) -> None:
    if num_bins is not None and num_bins < 0:
        raise InvalidArgumentError(
            f"`num_bins` must be greater than or equal to 0. Received: `num_bins={num_bins}`"
        )
    if num_bins is not None and bin_boundaries is not None:
        raise InvalidArgumentError(
            "Both `num_bins` and `bin_boundaries` should not be set. "
            f"Received: `num_bins={num_bins}` and `bin_boundaries={bin_boundaries}`"
        )
    if num_bins is None and bin_boundaries is None:
        raise InvalidArgumentError("You need to set either `num_bins` or `bin_boundaries`. Received neither.")
