"""Data type policies: in which type a layer keeps its weights and in which it computes."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.dtypes import TORCH_DTYPES, standardize_dtype, torch_dtype
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, did_you_mean

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}


@registry.builtin("keras")
class DTypePolicy:
    """The pair of types that a layer computes in and keeps its weights in.

    Args:
        name: a data type, `"mixed_float16"` or `"mixed_bfloat16"`; None takes `floatx()`.

    Raises:
        InvalidArgumentError: for any other name.

    Example:
        >>> policy = DTypePolicy("mixed_bfloat16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('bfloat16', 'float32')

    Source: `keras.DTypePolicy`.
    """

    quantization_mode = None

    def __init__(self, name: str | None = None) -> None:
        self.name = name or config.floatx()
        if self.name in _MIXED:
            self.compute_dtype, self.variable_dtype = _MIXED[self.name], "float32"
        elif self.name in TORCH_DTYPES:
            self.compute_dtype = self.variable_dtype = self.name
        else:
            raise InvalidArgumentError(
                f"Cannot convert {name!r} to a DTypePolicy.{did_you_mean(str(name), [*_MIXED, *TORCH_DTYPES])}"
            )

    def at(self, path: str) -> DTypePolicy:
        """Returns the policy of the layer with a path: the same for all, but for a `DTypePolicyMap`."""
        return self

    @property
    def is_mixed(self) -> bool:
        """Whether computation and weights have different types."""
        return self.compute_dtype != self.variable_dtype

    def autocast(self, device: torch.device) -> torch.autocast:
        """Returns torch's context that computes in `compute_dtype` while weights stay as they are."""
        return torch.autocast(device.type, dtype=torch_dtype(self.compute_dtype))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict) -> DTypePolicy:
        """Returns a policy made from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


FloatDTypePolicy = DTypePolicy


@registry.builtin("keras.dtype_policies")
class DTypePolicyMap(DTypePolicy, MutableMapping):
    """Policies by the paths of layers: given as `dtype` to a layer, each layer inside takes that of its own path.

    Args:
        default_policy: the policy of paths that the map does not have; None takes the global one.
        policy_map: policies, or their names, by path or by a regular expression that matches whole paths.

    Raises:
        ArgumentTypeError: when `policy_map` is no dictionary.
        InvalidArgumentError: when `default_policy` is a map itself, a key is set twice, a value is no policy, or a
            path is looked up that several expressions match.

    Example:
        >>> policies = DTypePolicyMap("float32", {"encoder/.*": "bfloat16"})
        >>> policies["encoder/dense"].name, policies["decoder/dense"].name
        ('bfloat16', 'float32')

    Source: `keras.dtype_policies.DTypePolicyMap`.
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise InvalidArgumentError("`default_policy` cannot be a `DTypePolicyMap`.")
        if policy_map is not None and not isinstance(policy_map, dict):
            raise ArgumentTypeError(
                f"If specified, `policy_map` must be a dict. Received: policy_map={policy_map!r} of type "
                f"{type(policy_map).__name__}."
            )
        self._default = None if default_policy is None else get(default_policy)
        self._policies: dict[str, DTypePolicy] = {}
        self.update(policy_map or {})

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths that the map does not have."""
        return self._default or dtype_policy()

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of the default policy after `map_`."""
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self) -> str:  # type: ignore[override]
        """That of the default policy."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:  # type: ignore[override]
        """That of the default policy."""
        return self.default_policy.variable_dtype

    def at(self, path: str) -> DTypePolicy:
        """Returns the policy of the layer with a path."""
        return self[path]

    def __getitem__(self, path: str) -> DTypePolicy:
        if path in self._policies:
            return self._policies[path]
        found = [pattern for pattern in self._policies if re.fullmatch(pattern, path)]
        if len(found) > 1:
            raise InvalidArgumentError(
                f"Path {path!r} matches multiple keys of the DTypePolicyMap: {found}. Expected at most one: write "
                "narrower expressions, or the path itself."
            )
        return self._policies[found[0]] if found else self.default_policy

    def __setitem__(self, path: str, policy: Any) -> None:
        if path in self._policies:
            raise InvalidArgumentError(
                f"{path!r} already exists in the DTypePolicyMap with value {self._policies[path]}. Delete it before "
                "it is set again."
            )
        self._policies[path] = get(policy)

    def __delitem__(self, path: str) -> None:
        del self._policies[path]

    def __contains__(self, path: object) -> bool:
        return path in self._policies

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def __len__(self) -> int:
        return len(self._policies)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            "default_policy": None if self._default is None else serialize_keras_object(self._default),
            "policy_map": {path: serialize_keras_object(policy) for path, policy in self._policies.items()},
        }

    @classmethod
    def from_config(cls, config: dict) -> DTypePolicyMap:
        """Returns a map made from what `get_config` returned."""
        policies = {path: get(policy) for path, policy in config["policy_map"].items()}
        return cls(config.get("default_policy"), policies)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        default = None if self._default is None else self._default.name
        mapping = {path: policy.name for path, policy in self._policies.items()}
        return f"<DTypePolicyMap default_policy={default}, mapping={mapping}>"


class _Global:
    policy: DTypePolicy | None = None


def dtype_policy() -> DTypePolicy:
    """Returns the policy of layers made without `dtype`; it follows `floatx()` unless one was set.

    Example:
        >>> dtype_policy()
        <DTypePolicy "float32">
    """
    return _Global.policy or DTypePolicy(config.floatx())


def set_dtype_policy(policy: str | DTypePolicy | None) -> None:
    """Sets the policy of layers made without `dtype`.

    Args:
        policy: a policy or its name; None follows `floatx()` again.

    Example:
        >>> set_dtype_policy("mixed_bfloat16")
        >>> dtype_policy().compute_dtype
        'bfloat16'
        >>> set_dtype_policy(None)
    """
    _Global.policy = None if policy is None else get(policy)


def get(identifier: Any) -> DTypePolicy:
    """Returns the policy that an identifier stands for.

    Args:
        identifier: a name, a data type, a config or a policy; None is the global policy.

    Raises:
        InvalidArgumentError: when it is none of these.

    Example:
        >>> get("mixed_bfloat16").variable_dtype
        'float32'
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize_keras_object(identifier)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    return DTypePolicy(standardize_dtype(identifier))


def serialize(dtype_policy: DTypePolicy) -> dict:
    """Returns the config of a policy, with its class.

    Args:
        dtype_policy: a policy.

    Example:
        >>> serialize(DTypePolicy("float32"))["config"]
        {'name': 'float32'}
    """
    return serialize_keras_object(dtype_policy)


def deserialize(config: dict, custom_objects: dict[str, Any] | None = None) -> DTypePolicy:
    """Returns the policy that `serialize` described.

    Args:
        config: what `serialize` returned.
        custom_objects: classes of the user by name.

    Example:
        >>> deserialize(serialize(DTypePolicy("mixed_float16")))
        <DTypePolicy "mixed_float16">
    """
    return deserialize_keras_object(config, custom_objects=custom_objects)
