"""Data type policies: in which type a layer keeps its weights and in which it computes."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.core.serializable import deserialize_keras_object
from kerastorch.dtypes import TORCH_DTYPES, standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError, did_you_mean

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
    """Returns the policy that a name, data type, config or policy stands for; None is the global one.

    Raises:
        InvalidArgumentError: when it is none of these.
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize_keras_object(identifier)
    if isinstance(identifier, str) and identifier in _MIXED:
        return DTypePolicy(identifier)
    return DTypePolicy(standardize_dtype(identifier))
