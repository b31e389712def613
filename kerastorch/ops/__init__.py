"""The functions of `keras.ops`, on tensors, NumPy arrays, Python numbers and symbolic tensors alike."""

from kerastorch.ops import numpy
from kerastorch.ops.numpy import add, divide, multiply, negative, subtract

__all__ = ["add", "divide", "multiply", "negative", "numpy", "subtract"]
