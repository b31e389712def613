"""Shapes of the commonest operations, for which torch itself would first load its whole compiler.

torch answers many operations on the meta device with Python code whose first call imports `torch._dynamo`: seconds and
some 80 MB for a process that only builds a model. The rules here answer them at once. Each gives what torch gives (a
test compares them); an operation without a rule, or with arguments that no rule knows, is left to torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch.core.meta_algebra import ALGEBRA_RULES
from kerastorch.core.meta_losses import LOSS_RULES
from kerastorch.core.meta_matrices import MATRIX_RULES
from kerastorch.core.meta_places import PLACE_RULES
from kerastorch.core.meta_windows import WINDOW_RULES, Unknown

# Pointwise operations by the type of their result: that of the operands, a float, or a truth value. Those of the first
# line of settings take one operand; their numbers are settings and do not change the type.
_SAME = """add.Tensor add.Scalar sub.Tensor sub.Scalar rsub.Scalar mul.Tensor mul.Scalar neg clamp clamp_min
clamp_max maximum minimum pow.Tensor_Scalar pow.Tensor_Tensor pow.Scalar remainder.Tensor remainder.Scalar
floor_divide floor_divide.Scalar floor ceil trunc round sign relu _prelu_kernel clamp.Tensor lerp.Tensor fmax
fmin fmod.Tensor fmod.Scalar hypot heaviside nextafter logaddexp logaddexp2 gcd lcm bitwise_not
bitwise_and.Tensor bitwise_and.Scalar bitwise_or.Tensor bitwise_or.Scalar bitwise_xor.Tensor
bitwise_xor.Scalar bitwise_left_shift.Tensor bitwise_left_shift.Tensor_Scalar bitwise_right_shift.Tensor
bitwise_right_shift.Tensor_Scalar"""
_SAME_WITH_SETTINGS = """elu celu gelu leaky_relu hardtanh hardsigmoid hardswish softplus mish silu threshold randn_like
roll flip tril triu hardshrink softshrink nan_to_num round.decimals"""
_FLOAT = """div.Tensor div.Scalar exp exp2 expm1 log log10 log1p log2 sqrt rsqrt reciprocal sin sinc cos tan asin acos
atan atan2 sinh cosh tanh asinh acosh atanh deg2rad rad2deg i0 ldexp.Tensor erf erfc erfinv sigmoid"""
_IN_PLACE = """relu_ ceil_ floor_ round_ lerp_.Tensor add_.Tensor sub_.Tensor mul_.Tensor mul_.Scalar
div_.Tensor div_.Scalar bernoulli_.float normal_ uniform_"""
_TRUTH = """eq.Tensor eq.Scalar ne.Tensor ne.Scalar gt.Tensor gt.Scalar ge.Tensor ge.Scalar lt.Tensor lt.Scalar
le.Tensor le.Scalar isnan isinf isneginf isposinf signbit logical_and logical_or logical_xor logical_not"""


def _shape_of(tensors: Sequence[torch.Tensor]) -> list[int]:
    """The shape to which tensors are broadcast."""
    rank = max(t.ndim for t in tensors)
    shape = [1] * rank
    for tensor in tensors:
        for axis, size in enumerate(tensor.shape, rank - tensor.ndim):
            if size != 1 and shape[axis] not in (1, size):
                raise Unknown  # torch has the words for it
            shape[axis] = size if shape[axis] == 1 else shape[axis]
    return shape


def _empty(shape: Sequence[int], dtype: torch.dtype, like: torch.Tensor) -> torch.Tensor:
    """A meta tensor; it keeps the memory order of `like` where that has the shape and no gaps."""
    if list(like.shape) == list(shape) and not like.is_contiguous() and _is_dense(like):
        return torch.empty_strided(shape, like.stride(), dtype=dtype, device="meta")
    return torch.empty(shape, dtype=dtype, device="meta")


def _is_dense(x: torch.Tensor) -> bool:
    expected = 1
    for stride, size in sorted(zip(x.stride(), x.shape, strict=True)):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True


def _promoted(operands: list[Any]) -> torch.dtype:
    dtype = torch.result_type(operands[0], operands[1]) if len(operands) > 1 else operands[0].dtype
    for operand in operands[2:]:
        dtype = torch.promote_types(
            dtype, torch.result_type(torch.empty((), dtype=dtype, device="meta"), operand)
        )
    return dtype


def _pointwise(kind: str, count: int | None = None) -> Callable:
    """The rule for a pointwise operation, of which the first `count` arguments are operands."""

    def rule(args: tuple, kwargs: dict) -> torch.Tensor:
        operands = [a for a in args[:count] if isinstance(a, (torch.Tensor, bool, int, float, complex))]
        tensors = [a for a in operands if isinstance(a, torch.Tensor)]
        if not tensors or set(kwargs) & {"out", "dtype", "rounding_mode"}:
            raise Unknown
        if kwargs and not tensors[0].is_floating_point():  # a keyword may be an operand that changes the type
            raise Unknown
        dtype = torch.bool if kind == "truth" else _promoted(operands)
        if kind == "float" and not (dtype.is_floating_point or dtype.is_complex):
            dtype = torch.get_default_dtype()
        shape = _shape_of(tensors)
        like = next((t for t in tensors if list(t.shape) == shape), tensors[0])
        return _empty(shape, dtype, like)

    return rule


def _of_complex(kind: str) -> Callable:
    """The rule for a function whose result is real where the operand is complex."""

    def rule(args: tuple, kwargs: dict) -> torch.Tensor:
        x = args[0]
        return _empty(x.shape, x.dtype.to_real(), x) if x.is_complex() else _pointwise(kind)(args, kwargs)

    return rule


def _rounded_quotient(args: tuple, kwargs: dict) -> torch.Tensor:
    if kwargs.get("rounding_mode") is None:
        raise Unknown
    return _pointwise("same")(args, {})


def _addmm(args: tuple, kwargs: dict) -> torch.Tensor:
    bias, left, right = args[:3]
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[0] or left.dtype != right.dtype:
        raise Unknown
    shape = [left.shape[0], right.shape[1]]
    if bias.dtype != left.dtype or _shape_of([bias, torch.empty(shape, device="meta")]) != shape:
        raise Unknown
    return torch.empty(shape, dtype=left.dtype, device="meta")


def _cat(args: tuple, kwargs: dict) -> torch.Tensor:
    tensors = [t for t in args[0] if t.shape != (0,)]
    axis = args[1] if len(args) > 1 else kwargs.get("dim", 0)
    if not tensors or not -tensors[0].ndim <= axis < tensors[0].ndim:
        raise Unknown
    axis %= tensors[0].ndim
    shape = list(tensors[0].shape)
    for tensor in tensors[1:]:
        others = [(a, b) for i, (a, b) in enumerate(zip(shape, tensor.shape, strict=False)) if i != axis]
        if tensor.ndim != len(shape) or any(a != b for a, b in others):
            raise Unknown
        shape[axis] += tensor.shape[axis]
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = torch.promote_types(dtype, tensor.dtype)
    return torch.empty(shape, dtype=dtype, device="meta")


def _stack(args: tuple, kwargs: dict) -> torch.Tensor:
    tensors = args[0]
    axis = args[1] if len(args) > 1 else kwargs.get("dim", 0)
    if any(t.shape != tensors[0].shape or t.dtype != tensors[0].dtype for t in tensors):
        raise Unknown
    if not -tensors[0].ndim - 1 <= axis <= tensors[0].ndim:
        raise Unknown
    shape = list(tensors[0].shape)
    shape.insert(axis % (len(shape) + 1), len(tensors))
    return torch.empty(shape, dtype=tensors[0].dtype, device="meta")


def _reduced(x: torch.Tensor, axes: Any, keepdims: bool, dtype: torch.dtype | None = None) -> torch.Tensor:
    rank = max(x.ndim, 1)
    axes = range(x.ndim) if axes is None or axes == [] else [axes] if isinstance(axes, int) else axes
    if any(not -rank <= axis < rank for axis in axes):
        raise Unknown
    gone = {axis % rank for axis in axes}
    shape = [1 if i in gone else n for i, n in enumerate(x.shape) if keepdims or i not in gone]
    return torch.empty(shape, dtype=dtype or x.dtype, device="meta")


def _mean(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axes, keepdims = (*args, None, False)[:3] if len(args) < 3 else args[:3]
    dtype = kwargs.get("dtype")
    if dtype is None and not x.is_floating_point():
        raise Unknown
    return _reduced(x, axes, keepdims, dtype)


def _vector_norm(args: tuple, kwargs: dict) -> torch.Tensor:
    x, _, axes, keepdims = (*args, 2, None, False)[:4] if len(args) == 1 else (*args, None, False)[:4]
    if kwargs or not x.is_floating_point():
        raise Unknown
    return _reduced(x, axes, keepdims)


def _std(args: tuple, kwargs: dict) -> torch.Tensor:
    axes = args[1] if len(args) > 1 else kwargs.get("dim")
    return _reduced(args[0], axes, bool(kwargs.get("keepdim", False)))


def _log_sum_exp(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axes, keepdims = (*args, False)[:3]
    if not x.is_floating_point():
        raise Unknown
    return _reduced(x, axes, keepdims)


def _truth_along(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axis, keepdims = (*args, None, False)[:3] if len(args) == 1 else (*args, False)[:3]
    return _reduced(x, axis, keepdims, torch.bool if x.dtype is not torch.uint8 else torch.uint8)


def _places(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axis, keepdims = (*args, None, False)[:3] if len(args) == 1 else (*args, False)[:3]
    return _reduced(x, axis, keepdims, torch.int64)


def _check_axis(x: torch.Tensor, axis: int) -> None:
    rank = max(x.ndim, 1)
    if not -rank <= axis < rank:  # torch does not look when it sorts meta tensors
        raise IndexError(f"axis {axis} is out of bounds for a tensor with {x.ndim} axes")


def _sorted(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    _check_axis(args[0], args[1] if len(args) > 1 else kwargs.get("dim", -1))
    return _empty(args[0].shape, args[0].dtype, args[0]), _empty(args[0].shape, torch.int64, args[0])


def _least_and_most(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    least, most = (_reduced(args[0], kwargs.get("dim"), kwargs.get("keepdim", False)) for _ in range(2))
    return least, most


def _filled(args: tuple, kwargs: dict) -> torch.Tensor:
    return _empty(_shape_of(args[:2]), args[0].dtype, args[0])


def _gathered(args: tuple, kwargs: dict) -> torch.Tensor:
    if args[0].ndim != args[2].ndim:
        raise Unknown
    return torch.empty(args[2].shape, dtype=args[0].dtype, device="meta")


def _itself(args: tuple, kwargs: dict) -> torch.Tensor:
    return args[0]


def _cumulative(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axis = args
    _check_axis(x, axis)
    dtype = x.dtype if x.is_floating_point() or x.is_complex() else torch.int64
    return _empty(x.shape, kwargs.get("dtype") or dtype, x)


def _product(args: tuple, kwargs: dict) -> torch.Tensor:
    left, right = args
    if left.ndim != right.ndim or left.shape[:-2] != right.shape[:-2] or left.dtype != right.dtype:
        raise Unknown
    if left.shape[-1] != right.shape[-2]:
        raise Unknown
    return torch.empty((*left.shape[:-1], right.shape[-1]), dtype=left.dtype, device="meta")


def _matrix_by_vector(args: tuple, kwargs: dict) -> torch.Tensor:
    matrix, vector = args
    if matrix.ndim != 2 or matrix.shape[1:] != vector.shape or matrix.dtype != vector.dtype:
        raise Unknown
    return torch.empty(matrix.shape[:1], dtype=matrix.dtype, device="meta")


def _baddbmm(args: tuple, kwargs: dict) -> torch.Tensor:
    product = _product(args[1:3], kwargs)
    if args[0].dtype != product.dtype or _shape_of([args[0], product]) != list(product.shape):
        raise Unknown
    return product


def _sum(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axes, keepdims = (*args, None, False)[:3] if len(args) < 3 else args[:3]
    dtype = kwargs.get("dtype") or (x.dtype if x.is_floating_point() or x.is_complex() else torch.int64)
    return _reduced(x, axes, keepdims, dtype)


def _extreme(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axes, keepdims = (*args, [], False)[:3] if len(args) < 3 else args[:3]
    return _reduced(x, axes, keepdims)


def _embedding(args: tuple, kwargs: dict) -> torch.Tensor:
    weight, index = args[:2]
    if weight.ndim != 2 or index.dtype not in (torch.int64, torch.int32):
        raise Unknown
    return torch.empty((*index.shape, weight.shape[1]), dtype=weight.dtype, device="meta")


def _arange(args: tuple, kwargs: dict) -> torch.Tensor:
    dtype = kwargs.get("dtype") or torch.int64
    if not all(isinstance(v, int) for v in args) or 0 in args[2:]:
        raise Unknown
    return torch.empty(len(range(*args)), dtype=dtype, device="meta")


def _like(args: tuple, kwargs: dict) -> torch.Tensor:
    x = args[0]
    if kwargs.get("memory_format") not in (None, torch.preserve_format):
        raise Unknown
    return _empty(x.shape, kwargs.get("dtype") or x.dtype, x)


def _gated(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axis = (*args, -1)[:2]
    if not -x.ndim <= axis < x.ndim or x.shape[axis] % 2:
        raise Unknown
    shape = list(x.shape)
    shape[axis] //= 2
    return torch.empty(shape, dtype=x.dtype, device="meta")


def _repeated(args: tuple, kwargs: dict) -> torch.Tensor:
    x, times = args
    if len(times) < x.ndim or min(times, default=1) < 0:
        raise Unknown
    shape = [1] * (len(times) - x.ndim) + list(x.shape)
    sizes = [size * count for size, count in zip(shape, times, strict=True)]
    return torch.empty(sizes, dtype=x.dtype, device="meta")


def _in_place(args: tuple, kwargs: dict) -> torch.Tensor:
    if not args[0].is_floating_point():
        raise Unknown  # torch says which results do not fit into whole numbers
    return args[0]


def _log_softmax(args: tuple, kwargs: dict) -> torch.Tensor:
    x, _, half_to_float = args
    if half_to_float or not x.is_floating_point():
        raise Unknown
    return torch.empty(x.shape, dtype=x.dtype, device="meta")


def _safe_softmax(args: tuple, kwargs: dict) -> torch.Tensor:
    if len(args) > 2 or kwargs:
        raise Unknown
    return _log_softmax((*args, False), {})


def _where(args: tuple, kwargs: dict) -> torch.Tensor:
    condition, first, second = args
    if first.dtype != second.dtype:
        raise Unknown
    return torch.empty(_shape_of([condition, first, second]), dtype=first.dtype, device="meta")


def _batch_norm(args: tuple, kwargs: dict) -> tuple[torch.Tensor, ...]:
    x = args[0]
    if x.ndim < 2:
        raise Unknown
    size = x.shape[1]
    dtype = torch.float32 if x.dtype in (torch.float16, torch.bfloat16) else x.dtype
    statistics = (torch.empty(size, dtype=dtype, device="meta") for _ in range(2))
    return (_empty(x.shape, x.dtype, x), *statistics)


def _layer_norm(args: tuple, kwargs: dict) -> tuple[torch.Tensor, ...]:
    x, normalized = args[0], list(args[1])
    outer = x.ndim - len(normalized)
    if outer < 0 or list(x.shape[outer:]) != normalized or x.dtype in (torch.float16, torch.bfloat16):
        raise Unknown
    shape = [*x.shape[:outer], *([1] * len(normalized))]
    statistics = (torch.empty(shape, dtype=x.dtype, device="meta") for _ in range(2))
    return (torch.empty(x.shape, dtype=x.dtype, device="meta"), *statistics)


def _group_norm(args: tuple, kwargs: dict) -> tuple[torch.Tensor, ...]:
    x, samples, groups = args[0], args[3], args[6]
    dtype = torch.float32 if x.dtype in (torch.float16, torch.bfloat16) else x.dtype
    statistics = (torch.empty((samples, groups), dtype=dtype, device="meta") for _ in range(2))
    return (_empty(x.shape, x.dtype, x), *statistics)


RULES: dict[str, Callable[[tuple, dict], Any]] = {
    "abs": _of_complex("same"),
    "angle": _of_complex("float"),
    "div.Tensor_mode": _rounded_quotient,
    "bitwise_and_.Tensor": _itself,
    "bitwise_or_.Tensor": _itself,
    "masked_fill.Scalar": _filled,
    "masked_fill_.Scalar": _itself,
    "gather": _gathered,
    "scatter_add": _like,
    "argmax": _places,
    "argmin": _places,
    "count_nonzero": _places,
    "count_nonzero.dim_IntList": _places,
    "aminmax": _least_and_most,
    "sort": _sorted,
    "sort.stable": _sorted,
    "arange": _arange,
    "arange.start": _arange,
    "arange.start_step": _arange,
    "addmm": _addmm,
    "cat": _cat,
    "stack": _stack,
    "mean": _mean,
    "mean.dim": _mean,
    "linalg_vector_norm": _vector_norm,
    "std.correction": _std,
    "logsumexp": _log_sum_exp,
    "any": _truth_along,
    "any.dim": _truth_along,
    "any.dims": _truth_along,
    "all": _truth_along,
    "all.dim": _truth_along,
    "all.dims": _truth_along,
    "cumsum": _cumulative,
    "cumprod": _cumulative,
    "native_batch_norm": _batch_norm,
    "native_group_norm": _group_norm,
    "native_layer_norm": _layer_norm,
    "_log_softmax": _log_softmax,
    "_softmax": _log_softmax,
    "_safe_softmax": _safe_softmax,
    "where.self": _where,
    "mm": _product,
    "mv": _matrix_by_vector,
    "bmm": _product,
    "baddbmm": _baddbmm,
    "sum.dim_IntList": _sum,
    "prod.dim_int": _sum,
    "amax": _extreme,
    "amin": _extreme,
    "var.correction": _std,
    "embedding": _embedding,
    "glu": _gated,
    "repeat": _repeated,
}
RULES.update(WINDOW_RULES)
RULES.update(PLACE_RULES)
RULES.update(ALGEBRA_RULES)
RULES.update(MATRIX_RULES)
RULES.update(LOSS_RULES)
RULES.update({name: _pointwise("same") for name in _SAME.split()})
RULES.update({name: _pointwise("same", 1) for name in _SAME_WITH_SETTINGS.split()})
RULES.update({name: _pointwise("float") for name in _FLOAT.split()})
RULES.update({name: _pointwise("truth") for name in _TRUTH.split()})
RULES.update({f"{kind}_like": _like for kind in ("empty", "zeros", "ones", "full", "rand")})
RULES.update(dict.fromkeys(_IN_PLACE.split(), _in_place))


def answer(func: Any, args: tuple, kwargs: dict) -> Any:
    """Returns the meta result of an operation, from a rule where there is one, else from torch.

    Args:
        func: the operation, a `torch._ops.OpOverload`.
        args: its positional arguments, tensors on the meta device.
        kwargs: its keyword arguments.
    """
    rule = RULES.get(func.name().removeprefix("aten::"))
    if rule is not None:
        try:
            return rule(args, kwargs)
        except Unknown:
            pass
    return func(*args, **kwargs)
