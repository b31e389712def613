"""What a `FeatureSpace` is made of: features, crosses of them, and how categories become vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers import (
    CategoryEncoding,
    Discretization,
    HashedCrossing,
    Hashing,
    IntegerLookup,
    Normalization,
    StringLookup,
)
from kerastorch.layers.preprocessing.values import TakesValues

_KERAS_MODULE = "keras.src.layers.preprocessing.feature_space"  # as the configs of Keras name these classes


@registry.builtin(_KERAS_MODULE)
class Cross:
    """Several features that are combined by a hash.

    Args:
        feature_names: their names.
        crossing_dim: the number of bins of the hash.
        output_mode: `"one_hot"` for a vector, `"int"` for the number of the bin.

    Raises:
        InvalidArgumentError: when the mode is unknown.

    Example:
        >>> Cross(("city", "age"), crossing_dim=32).name
        'city_X_age'

    Source: `keras.utils.FeatureSpace.cross`.
    """

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        _check_mode(output_mode, ("int", "one_hot"))
        self.feature_names = tuple(feature_names)
        self.crossing_dim = crossing_dim
        self.output_mode = output_mode

    @property
    def name(self) -> str:
        """The names of the features, joined by `_X_`."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict) -> Cross:
        """Returns the cross that has a config."""
        return cls(**config)


@registry.builtin(_KERAS_MODULE)
class Feature:
    """A feature: the type of its raw values, the layer that prepares them, and what comes out.

    Args:
        dtype: the type of the raw values, such as `"float32"` or `"string"`.
        preprocessor: the layer that prepares them, or its config.
        output_mode: `"float"` for what the layer puts out; `"one_hot"` for a vector of its integers; `"int"` for the
            integers.

    Raises:
        InvalidArgumentError: when the mode is unknown.

    Example:
        >>> Feature("float32", Normalization(), output_mode="float").dtype
        'float32'

    Source: `keras.utils.FeatureSpace.feature`.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        _check_mode(output_mode, ("int", "one_hot", "float"))
        self.dtype = dtype
        self.preprocessor = (
            deserialize_keras_object(preprocessor) if isinstance(preprocessor, dict) else preprocessor
        )
        self.output_mode = output_mode

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            "dtype": self.dtype,
            "preprocessor": serialize_keras_object(self.preprocessor),
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict) -> Feature:
        """Returns the feature that has a config."""
        return cls(**config)


@registry.builtin(_KERAS_MODULE)
class TFDIdentity(TakesValues):
    """Returns its input: the preparation of plain floats."""

    def call(self, inputs: Any) -> Any:
        """Returns the input."""
        return inputs

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input."""
        return tuple(input_shape)


def learns(preprocessor: Any) -> bool:
    """Returns whether a layer has something to learn from data by `adapt`.

    Args:
        preprocessor: the layer.
    """
    if not hasattr(preprocessor, "adapt"):
        return False
    if isinstance(preprocessor, Normalization):
        return preprocessor.input_mean is None
    if isinstance(preprocessor, Discretization):
        return preprocessor.num_bins is not None
    lookup = getattr(preprocessor, "_lookup_layer", preprocessor)
    return not getattr(lookup, "_has_input_vocabulary", False)


def encoder_of(name: str, preprocessor: Any, dtype: str) -> CategoryEncoding:
    """Returns the layer that makes vectors of the integers that a preprocessor puts out.

    Args:
        name: the name of the feature, for the error.
        preprocessor: the layer that makes the integers.
        dtype: the type of what it puts out.

    Raises:
        InvalidArgumentError: when that is no integer type, or it is not known how many integers there are.
    """
    if not dtype.startswith("int"):
        raise InvalidArgumentError(
            f"Feature {name!r} has `output_mode='one_hot'`. Thus its preprocessor should return an integer dtype. "
            f"Instead it returns a {dtype} dtype."
        )
    return CategoryEncoding(num_tokens=_cardinality(name, preprocessor), output_mode="multi_hot")


def _cardinality(name: str, preprocessor: Any) -> int:
    """How many integers a preprocessor puts out."""
    if isinstance(preprocessor, (IntegerLookup, StringLookup)):
        return preprocessor.vocabulary_size()
    if isinstance(preprocessor, CategoryEncoding):
        return preprocessor.num_tokens
    if isinstance(preprocessor, Discretization):
        return preprocessor.num_bins or len(preprocessor.bin_boundaries or ()) + 1
    if isinstance(preprocessor, (HashedCrossing, Hashing)):
        return preprocessor.num_bins
    raise InvalidArgumentError(
        f"Feature {name!r} has `output_mode='one_hot'`. However it isn't a standard feature and the dimensionality of "
        "its output space is not known, thus it cannot be one-hot encoded. Try using `output_mode='int'`."
    )


def _check_mode(output_mode: Any, known: tuple[str, ...]) -> None:
    if output_mode not in known:
        raise InvalidArgumentError(
            f"Invalid value for argument `output_mode`. Expected one of {known}. Received: output_mode={output_mode}"
        )
