"""The functions of NumPy on tensors."""

from kerastorch.ops.numpy.arithmetic import add, divide, multiply, negative, subtract

__all__ = ["add", "divide", "multiply", "negative", "subtract"]
