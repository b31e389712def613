"""Data type policies by the paths of layers, the global one, and what identifiers and configs stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from kerastorch import registry
from kerastorch.config import dialect
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.dtypes import standardize_dtype
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.policy import DTypePolicy, Global, dtype_policy, named_policy


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
                f"Path {path!r} matches multiple dtype policy keys of the DTypePolicyMap: {found}. Expected at most "
                "one: write narrower expressions, or the path itself."
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
        """Returns the constructor's arguments; without a default the policies, too, follow the global one when read."""
        policies = {path: serialize_keras_object(policy) for path, policy in self._policies.items()}
        if self._default is None:
            for path, policy in self._policies.items():
                source = "name" if policy.quantization_mode is None else "source_name"
                policies[path]["config"][source] = None
            return {"default_policy": None, "policy_map": policies}
        return {"default_policy": serialize_keras_object(self._default), "policy_map": policies}

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
        mapping = [(path, policy.name) for path, policy in self._policies.items()]
        return f"<DTypePolicyMap default_policy={default}, mapping={mapping}>"


def set_dtype_policy(policy: str | DTypePolicy | None) -> None:
    """Sets the policy of layers made without `dtype`.

    Args:
        policy: a policy or its name; in the dialect of tf_keras also None, to follow `floatx()` again.

    Raises:
        InvalidArgumentError: when it is none of these.

    Example:
        >>> set_dtype_policy("mixed_bfloat16")
        >>> dtype_policy().compute_dtype
        'bfloat16'
        >>> Global.policy = None
    """
    known = isinstance(policy, (str, DTypePolicy)) or (policy is None and dialect() == "tf_keras")
    if not known:
        raise InvalidArgumentError(
            "Invalid `policy` argument. Expected the string name of a policy (such as 'mixed_float16') or a "
            f"`DTypePolicy` instance. Received: policy={policy!r} (of type {type(policy).__name__})"
        )
    Global.policy = None if policy is None else get(policy)


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
        return named_policy(identifier)
    try:
        return DTypePolicy(standardize_dtype(identifier))
    except InvalidArgumentError as error:
        raise InvalidArgumentError(
            "Cannot interpret `dtype` argument. Expected a string or an instance of DTypePolicy. "
            f"Received: dtype={identifier!r}"
        ) from error


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
