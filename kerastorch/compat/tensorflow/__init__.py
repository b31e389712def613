"""The `tf` names that Keras scripts use, as thin functions over torch: `from kerastorch.compat import tensorflow as tf`.

A tensor of this namespace is a plain `torch.Tensor`, a variable is kerastorch's `Variable`, a tensor of text is a
`StringTensor`. Every function takes tensors, NumPy arrays, lists and numbers, works on symbolic tensors, and takes
`name=`. Tensors of different types are promoted as torch does, where TensorFlow raises an error.
"""

from __future__ import annotations

from typing import Any

from kerastorch.compat.tensorflow import dtypes, tensor_methods
from kerastorch.compat.tensorflow.absent import missing

# Tensors and functions.
from kerastorch.compat.tensorflow.dtypes import (
    DType,
    as_dtype,
    bfloat16,
    bool_ as bool,
    cast,
    complex,
    complex64,
    complex128,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    saturate_cast,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
)
from kerastorch.compat.tensorflow.operation import as_tensor as convert_to_tensor
from kerastorch.compat.tensorflow.shapes import TensorShape, TensorSpec

# Variables, gradients and training.
from kerastorch.compat.tensorflow.gradient import GradientTape, UnconnectedGradients
from kerastorch.compat.tensorflow.custom_gradient import IndexedSlices, custom_gradient, recompute_grad

__all__ = [
    "DType",
    "GradientTape",
    "IndexedSlices",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "as_dtype",
    "bfloat16",
    "bool",
    "cast",
    "complex",
    "complex64",
    "complex128",
    "convert_to_tensor",
    "custom_gradient",
    "double",
    "dtypes",
    "float16",
    "float32",
    "float64",
    "half",
    "int8",
    "int16",
    "int32",
    "int64",
    "recompute_grad",
    "saturate_cast",
    "string",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]

tensor_methods.install()


def __getattr__(name: str) -> Any:
    raise missing("tensorflow", name)
