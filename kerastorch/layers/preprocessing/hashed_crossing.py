"""Combinations of features as numbers of bins, by a hash."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.fingerprints import crossed, remainder
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.layers.preprocessing.categories import check_output_mode, encode_categories, encoded_shape
from kerastorch.layers.preprocessing.hashing import check_bins
from kerastorch.layers.preprocessing.values import TakesValues, is_text


@registry.builtin("keras.layers")
class HashedCrossing(TakesValues):
    """Puts combinations of strings and integers into a fixed number of bins, those of TensorFlow, by a hash.

    Args:
        num_bins: how many bins there are.
        output_mode: `"int"` for the number of the bin, `"one_hot"` for a vector.
        sparse: whether the vectors are sparse tensors in torch's COO format.
        name: a name; None makes one.
        dtype: the type of the outputs; None is int64 for `"int"`.
        **kwargs: base arguments of `Layer`.

    Input shape:
        a list of at least two features, strings or integers, all of shape `()`, `(batch,)` or `(batch, 1)`.

    Output shape:
        that of one feature for `"int"`; `(batch, num_bins)` for `"one_hot"`.

    Raises:
        InvalidArgumentError: when `num_bins` is not positive or the mode is unknown; in the call when there are fewer
            than two features.
        ShapeError: when the features have other shapes, or different ones.
        ArgumentTypeError: when a feature holds floats.

    Example:
        >>> layer = HashedCrossing(num_bins=5)
        >>> layer((["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102])).tolist()
        [1, 4, 1, 1, 3]

    Source: `keras.layers.HashedCrossing`, `tf.sparse.cross_hashed`.
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        check_bins(type(self), num_bins)
        check_output_mode(type(self), output_mode, sparse, ("int", "one_hot"))
        dtype = "int64" if dtype is None and output_mode == "int" else dtype
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.autocast = False  # floats are refused, not cut to integers
        self.num_bins = num_bins
        self.output_mode = output_mode
        self.sparse = sparse
        self._build_at_init()

    def _convert(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        args, kwargs = super()._convert(args, kwargs)
        given = args[0] if args else kwargs.get("inputs")
        _check_features(given)
        return args, kwargs

    def call(self, inputs: Any) -> torch.Tensor:
        """Crosses features.

        Args:
            inputs: a list or tuple of them.
        """
        bins = remainder(crossed(list(inputs)), self.num_bins)
        return encode_categories(bins, self.output_mode, self.num_bins, self.compute_dtype, self.sparse)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Returns the symbolic output for symbolic inputs of integers or strings."""
        _check_features(inputs)
        return super().compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Returns the shape of one feature, or that of the vectors.

        Raises:
            ShapeError: when the features have different shapes.
        """
        shapes = [tuple(shape) for shape in input_shape]
        if len(set(shapes)) > 1:
            raise ShapeError(
                f"Expected the input tensors to have identical shapes. Received input_shape={input_shape}"
            )
        return encoded_shape(shapes[0], self.output_mode, self.num_bins)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


def _check_features(features: Any) -> None:
    if not isinstance(features, (list, tuple)):
        raise InvalidArgumentError(
            f"`HashedCrossing` should be called on a list or tuple of inputs. Received: inputs={features}"
        )
    if len(features) < 2:
        raise InvalidArgumentError(
            f"`HashedCrossing` should be called on at least two inputs. Received: inputs={features}"
        )
    shapes = [tuple(feature.shape) for feature in features]
    if len(shapes[0]) > 2 or (len(shapes[0]) == 2 and shapes[0][1] != 1):
        raise ShapeError(
            "All `HashedCrossing` inputs should have shape `()`, `(batch_size)` or `(batch_size, 1)`. "
            f"Received: shapes {shapes}"
        )
    if any(shape != shapes[0] for shape in shapes):
        raise ShapeError(f"All `HashedCrossing` inputs should have equal shape. Received: shapes {shapes}")
    kinds = [str(feature.dtype).removeprefix("torch.") for feature in features]
    if any(not is_text(f) and "int" not in kind for f, kind in zip(features, kinds, strict=True)):
        raise ArgumentTypeError(
            f"All `HashedCrossing` inputs should have an integer or string dtype. Received: dtypes {kinds}"
        )
