"""Tables of named columns as numbers for a model: one object prepares all features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.spec import KerasTensor
from kerastorch.core.strings import StringTensor, stack_strings
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.dtypes import standardize_dtype
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, NotBuiltError
from kerastorch.layers import (
    Concatenate,
    Discretization,
    HashedCrossing,
    Hashing,
    Input,
    IntegerLookup,
    Layer,
    Normalization,
    Rescaling,
    StringLookup,
)
from kerastorch.layers.preprocessing.values import as_values
from kerastorch.naming import auto_name
from kerastorch.saving.models import save_model
from kerastorch.utils.feature_space_parts import Cross, Feature, TFDIdentity, encoder_of, learns

_SCALARS_IN_A_BATCH = 32  # of data that come one sample at a time


@registry.builtin("keras.utils")
class FeatureSpace(Layer):
    """Prepares and encodes the columns of a table.

    Args:
        features: what each column is, by its name: one of `"float"`, `"float_rescaled"`, `"float_normalized"`,
            `"float_discretized"`, `"integer_categorical"`, `"string_categorical"`, `"integer_hashed"` and
            `"string_hashed"`, or what the methods of these names return, which take settings; or a `feature`.
        output_mode: `"concat"` for one vector a sample, `"dict"` for the encoded features by name.
        crosses: features to be combined by a hash: tuples of names, or what `cross` returns.
        crossing_dim: the number of bins of crosses that are tuples of names.
        hashing_dim: the number of bins of `"integer_hashed"` and `"string_hashed"`.
        num_discretization_bins: the number of bins of `"float_discretized"`.
        name: a name; None makes one.

    Input shape:
        a dictionary of columns: numbers or strings, `(batch,)` or `(batch, 1)`, or single values.

    Output shape:
        `(batch, width)`, or a dictionary of the features and crosses, without the batch axis for single values.

    Raises:
        InvalidArgumentError: when a feature is of no known kind, a cross names a feature that does not exist, or
            something cannot be encoded as it was asked for.
        NotBuiltError: when it is called before `adapt`, although a feature has something to learn.
        ArgumentTypeError: when it is called on something else than a dictionary.

    Example:
        >>> space = FeatureSpace({"size": "float", "town": "string_categorical"})
        >>> space.adapt({"size": [0.5, 1.5, 2.5], "town": ["Bonn", "Ulm", "Bonn"]})
        >>> space({"size": [1.0], "town": ["Bonn"]}).tolist()
        [[1.0, 0.0, 1.0, 0.0]]

    Source: `keras.utils.FeatureSpace`.
    """

    is_saved_as_model = True
    compiled = False

    @classmethod
    def cross(cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Returns a cross of features, see `Cross`."""
        return Cross(feature_names, crossing_dim, output_mode=output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """Returns a feature with a layer of one's own, see `Feature`."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:  # type: ignore[override]
        """Returns a feature of floats that stay as they are."""
        return Feature("float32", TFDIdentity(dtype="float32", name=_name("float", name)), "float")

    @classmethod
    def float_rescaled(cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
        """Returns a feature of floats that are multiplied by `scale`; then `offset` is added."""
        layer = Rescaling(scale=scale, offset=offset, name=_name("float_rescaled", name))
        return Feature("float32", layer, "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Returns a feature of floats that get mean 0 and variance 1."""
        return Feature("float32", Normalization(axis=-1, name=_name("float_normalized", name)), "float")

    @classmethod
    def float_discretized(
        cls,
        num_bins: int | None,
        bin_boundaries: Sequence[Any] | None = None,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Returns a feature of floats that are put into bins."""
        label = _name("float_discretized", name)
        layer = Discretization(num_bins=num_bins, bin_boundaries=bin_boundaries, name=label)
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Returns a feature of integers that are names of categories."""
        label = _name("integer_categorical", name)
        layer = IntegerLookup(name=label, max_tokens=max_tokens, num_oov_indices=num_oov_indices)
        return Feature("int32", layer, output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Returns a feature of strings that are names of categories."""
        label = _name("string_categorical", name)
        layer = StringLookup(name=label, max_tokens=max_tokens, num_oov_indices=num_oov_indices)
        return Feature("string", layer, output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Returns a feature of strings that are put into bins by a hash."""
        return Feature("string", Hashing(name=_name("string_hashed", name), num_bins=num_bins), output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Returns a feature of integers that are put into bins by a hash."""
        return Feature("int32", Hashing(name=_name("integer_hashed", name), num_bins=num_bins), output_mode)

    def __init__(
        self,
        features: dict[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not features:
            raise InvalidArgumentError("The `features` argument cannot be None or empty.")
        if output_mode not in ("dict", "concat"):
            raise InvalidArgumentError(
                "Invalid value for argument `output_mode`. Expected one of {'dict', 'concat'}. "
                f"Received: output_mode={output_mode}"
            )
        self.output_mode = output_mode
        self.crossing_dim = crossing_dim
        self.hashing_dim = hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {key: self._as_feature(key, value) for key, value in features.items()}
        self.crosses = [self._as_cross(cross) for cross in crosses or ()]
        self.crosses_by_name = {cross.name: cross for cross in self.crosses}
        self.preprocessors = {key: feature.preprocessor for key, feature in self.features.items()}
        self.crossers = {c.name: HashedCrossing(c.crossing_dim, name=c.name) for c in self.crosses}
        self.inputs = {key: Input((1,), dtype=f.dtype, name=key) for key, f in self.features.items()}
        self.one_hot_encoders: dict[str, Any] = {}
        self.concat = Concatenate(axis=-1)
        self.encoded_features: Any = None
        self._is_adapted = False

    def _as_feature(self, name: str, value: Any) -> Feature:
        if isinstance(value, Feature):
            return value
        if isinstance(value, dict):
            return deserialize_keras_object(value)
        settings = {
            "float": {},
            "float_rescaled": {},
            "float_normalized": {},
            "float_discretized": {"num_bins": self.num_discretization_bins},
            "integer_categorical": {},
            "string_categorical": {},
            "integer_hashed": {"num_bins": self.hashing_dim},
            "string_hashed": {"num_bins": self.hashing_dim},
        }
        if value not in settings:
            raise InvalidArgumentError(
                f"Invalid feature type: {value}. Expected one of {list(settings)}, or a `FeatureSpace.feature`."
            )
        return getattr(self, value)(name=name, **settings[value])

    def _as_cross(self, cross: Any) -> Cross:
        if isinstance(cross, dict):
            cross = deserialize_keras_object(cross)
        names = cross.feature_names if isinstance(cross, Cross) else cross
        unknown = [key for key in names if key not in self.features]
        if unknown:
            raise InvalidArgumentError(
                "All features referenced in the `crosses` argument should be present in the `features` dict. "
                f"Received unknown features: {unknown}"
            )
        if isinstance(cross, Cross):
            return cross
        if not self.crossing_dim:
            raise InvalidArgumentError(
                "When specifying `crosses`, the argument `crossing_dim` (dimensionality of the crossing space) should "
                f"be specified as well. Received: crossing_dim={self.crossing_dim}"
            )
        return Cross(cross, crossing_dim=self.crossing_dim)

    # Learning from data ---------------------------------------------------------------------------------------------

    def adapt(self, dataset: Any) -> None:
        """Lets all features that have something to learn do so.

        Args:
            dataset: dictionaries of columns, as a `Dataset` of samples or batches, a `DataLoader` or another iterable
                that can be gone through several times; or one dictionary of arrays or lists.

        Raises:
            ArgumentTypeError: when it is something else.
        """
        if isinstance(dataset, dict):
            dataset = Dataset.from_tensor_slices(dataset)
        if not isinstance(dataset, Iterable) or isinstance(dataset, (str, bytes, Iterator)):
            raise ArgumentTypeError(
                "`adapt()` can only be called on a Dataset, another iterable of dictionaries that can be gone through "
                f"several times, or a dict of arrays/lists. Received instead: {dataset!r} (of type {type(dataset)})"
            )
        for name, preprocessor in self.preprocessors.items():
            if learns(preprocessor):
                preprocessor.adapt(_Column(dataset, name))
        self._is_adapted = True
        self.encoded_features = None
        self.get_encoded_features()
        self.built = True

    def _check_adapted(self) -> None:
        if not self._is_adapted and any(map(learns, self.preprocessors.values())):
            raise NotBuiltError(
                "You need to call `.adapt(dataset)` on the FeatureSpace before you can start using it."
            )

    # Encoding -------------------------------------------------------------------------------------------------------

    def get_inputs(self) -> dict[str, Any]:
        """Returns the symbolic inputs of a model for raw features, by name.

        Raises:
            NotBuiltError: before `adapt`.
        """
        self._check_adapted()
        return self.inputs

    def get_encoded_features(self) -> Any:
        """Returns the symbolic outputs for `get_inputs()`, to build a model on.

        Raises:
            NotBuiltError: before `adapt`.
            InvalidArgumentError: when a feature cannot be encoded as it was asked for.
        """
        self._check_adapted()
        if self.encoded_features is None:
            self.encoded_features = self._encoded(self.inputs)
        return self.encoded_features

    def _encoded(self, data: dict[str, Any]) -> Any:
        found = {name: layer(data[name]) for name, layer in self.preprocessors.items()}
        crossed = {
            name: self.crossers[name]([found[key] for key in cross.feature_names])
            for name, cross in self.crosses_by_name.items()
        }
        pairs = [*sorted(found.items()), *sorted(crossed.items())]
        outputs = {name: self._as_asked(name, value) for name, value in pairs}
        if self.output_mode == "dict":
            return outputs
        for name, value in outputs.items():
            _check_is_float(name, _dtype_of(value))
        values = list(outputs.values())
        return self.concat(values) if len(values) > 1 else values[0]

    def _as_asked(self, name: str, value: Any) -> Any:
        """A prepared feature in its output mode."""
        spec: Any = self.features.get(name) or self.crosses_by_name[name]
        if spec.output_mode != "one_hot":
            return value
        if name not in self.one_hot_encoders:
            layer = self.preprocessors.get(name) or self.crossers[name]
            self.one_hot_encoders[name] = encoder_of(name, layer, _dtype_of(value))
        return self.one_hot_encoders[name](value)

    def __call__(self, data: Any) -> Any:
        """Encodes a dictionary of columns, or of single values.

        Args:
            data: the raw features by name; others are ignored.
        """
        self.get_encoded_features()
        if not isinstance(data, dict):
            raise ArgumentTypeError(
                f"A FeatureSpace can only be called with a dict. Received: data={data} (of type {type(data)})"
            )
        missing = [name for name in self.features if name not in data]
        if missing:
            raise InvalidArgumentError(
                f"The data lack the features {missing}. Received: {sorted(data)}, expected {sorted(self.features)}."
            )
        columns = {name: as_values(data[name]) for name in self.features}
        single = any(len(x.shape) == 0 for x in columns.values())
        outputs = self._encoded({name: _as_column(x) for name, x in columns.items()})
        return tree.map_structure(_without_batch, outputs) if single else outputs

    # Files ----------------------------------------------------------------------------------------------------------

    def get_config(self) -> dict:
        """Returns the constructor's arguments, with what was learned from data where it is part of a config."""
        return {
            "features": serialize_keras_object(self.features),
            "output_mode": self.output_mode,
            "crosses": serialize_keras_object(self.crosses),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
        }

    @classmethod
    def from_config(cls, config: dict) -> FeatureSpace:
        """Returns the space that has a config."""
        return cls(**config)

    def get_build_config(self) -> dict:
        """Returns what each preprocessor is built for."""
        return {name: layer.get_build_config() for name, layer in self.preprocessors.items()}

    def build_from_config(self, config: dict) -> None:
        """Builds each preprocessor for what `get_build_config` returned."""
        for name, build_config in config.items():
            layer = self.preprocessors[name]
            if not layer.built and build_config:
                layer.build_from_config(build_config)
        self._is_adapted = True

    def save(self, filepath: Any) -> None:
        """Writes a `.keras` file, which `kerastorch.models.load_model` reads.

        Args:
            filepath: where.
        """
        save_model(self, filepath)

    def save_own_variables(self, store: Any) -> None:
        """Writes nothing: the state is that of the preprocessors."""

    def load_own_variables(self, store: Any) -> None:
        """Reads nothing: the state is that of the preprocessors."""


def _name(kind: str, name: str | None) -> str:
    return f"{name or auto_name(kind)}_preprocessor"


def _dtype_of(value: Any) -> str:
    dtype = tree.flatten(value)[0].dtype
    return "string" if dtype == "string" else standardize_dtype(dtype)


def _check_is_float(name: str, dtype: str) -> None:
    if dtype.startswith("int") or dtype == "string":
        raise InvalidArgumentError(
            f"Cannot concatenate features because feature {name!r} has not been encoded (it has dtype {dtype}). "
            "Consider using `output_mode='dict'`."
        )


def _as_column(x: Any) -> Any:
    """Values with an axis of one for the samples, and another for their values."""
    if isinstance(x, KerasTensor) or len(x.shape) > 1:
        return x
    return x.reshape(-1, 1)


def _without_batch(x: Any) -> Any:
    return x[0] if x.ndim >= 2 and x.shape[0] == 1 else x


class _Column:
    """The batches of one column of a dataset of dictionaries, of two axes at least.

    Args:
        dataset: what is gone through, as often as this is.
        name: that of the column.
    """

    def __init__(self, dataset: Iterable, name: str) -> None:
        self._dataset, self._name = dataset, name

    def __iter__(self) -> Iterator[Any]:
        values = (as_values(_columns_of(element)[self._name]) for element in self._dataset)
        while several := list(islice(values, 1)):
            if not several[0].shape:
                several += islice(values, _SCALARS_IN_A_BATCH - 1)
                several = [_stacked(several)]
            yield _as_column(several[0])


def _columns_of(element: Any) -> dict[str, Any]:
    """The columns in an element: a dictionary, or the first part of `(x, y)`."""
    return element[0] if isinstance(element, tuple) else element


def _stacked(values: list[Any]) -> Any:
    return stack_strings(values) if isinstance(values[0], StringTensor) else torch.stack(values)
