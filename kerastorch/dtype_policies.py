"""Data type policies: `kerastorch.dtype_policies`."""

from kerastorch.precision import DTypePolicy, DTypePolicyMap, FloatDTypePolicy, deserialize, get, serialize

__all__ = ["DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "deserialize", "get", "serialize"]
