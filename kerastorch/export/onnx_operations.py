"""Operations of torch that its own writer of ONNX files lacks, made of ONNX's operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def translations() -> dict[Callable, Callable]:
    """Returns what writes each operation, for `torch.onnx.export`; onnxscript has to be there.

    Source: the operators of ONNX, https://onnx.ai/onnx/operators.
    """
    from onnxscript import opset18

    op: Any = opset18

    def stable_sort(x: Any, stable: bool = True, dim: int = -1, descending: bool = False) -> Any:
        length = op.Shape(x, start=dim, end=dim + 1 or None)
        numbers = op.Cast(x, to=_INT64) if x.dtype == _BOOL else x  # truth values have no order there
        values, indices = op.TopK(numbers, length, axis=dim, largest=int(descending))
        return op.CastLike(values, x), indices

    def searchsorted(
        keys: Any, x: Any, out_int32: bool = False, right: bool = False, side: Any = None, sorter: Any = None
    ) -> Any:
        # as many as are smaller; where the keys are rows, each row of values has its own
        keys = keys if len(keys.shape) == 1 else op.Unsqueeze(keys, _axes(-2))
        is_right = side == "right" if side else right
        before = (op.LessOrEqual if is_right else op.Less)(keys, op.Unsqueeze(x, _axes(-1)))
        return op.ReduceSum(op.Cast(before, to=_INT32 if out_int32 else _INT64), _axes(-1), keepdims=0)

    def amax(x: Any, dim: Any = (), keepdim: bool = False) -> Any:
        return op.ReduceMax(x, *([_axes(*dim)] if dim else []), keepdims=int(keepdim))

    def amin(x: Any, dim: Any = (), keepdim: bool = False) -> Any:
        return op.ReduceMin(x, *([_axes(*dim)] if dim else []), keepdims=int(keepdim))

    def _axes(*axes: int) -> Any:
        return op.Constant(value_ints=axes)

    return {
        torch.ops.aten.amax.default: amax,
        torch.ops.aten.amin.default: amin,
        torch.ops.aten.searchsorted.Tensor: searchsorted,
        torch.ops.aten.sort.stable: stable_sort,
    }


_INT32, _INT64, _BOOL = 6, 7, 9  # `onnx.TensorProto`
