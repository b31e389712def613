"""What scripts do with a tensor of Keras or TensorFlow works on every kind of tensor that is handed out.

A row is an expression of `x`, a tensor of the values 0 to 5 in two rows of three, and what NumPy makes of the same
values. Keras 3.15.1 on torch raises an error for most of them where gradients are taken or an array stands on the
left; TensorFlow 2.21 computes them.
"""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch import ops
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import ShapeError

VALUES = np.arange(6, dtype="float32").reshape(2, 3)
ONES = np.ones((2, 3), dtype="float32")


def from_model() -> Any:
    layer = keras.layers.Dense(3, kernel_initializer="identity")
    return keras.Sequential([layer])(VALUES)


KINDS: dict[str, Callable[[], Any]] = {
    "plain": lambda: torch.tensor(VALUES),
    "leaf": lambda: torch.tensor(VALUES, requires_grad=True),
    "gradients": lambda: torch.tensor(VALUES, requires_grad=True) * 1,
    "model": from_model,
    "op": lambda: ops.add(VALUES, 0),
    "element": lambda: next(iter(tf.data.Dataset.from_tensors(VALUES))),
    "constant": lambda: tf.constant(VALUES),
    "bfloat16": lambda: torch.tensor(VALUES, dtype=torch.bfloat16),
    "weight": lambda: keras.Variable(VALUES),
    "state": lambda: keras.Variable(VALUES, trainable=False),
    "tf.Variable": lambda: tf.Variable(VALUES),
}


class Row(NamedTuple):
    name: str
    call: Callable[[Any], Any]
    expected: Any


def row(text: str, expected: Any = None) -> Row:
    """A row whose expression NumPy can do as well, unless `expected` says what comes out."""
    scope = {
        "np": np,
        "torch": torch,
        "operator": operator,
        "array": ONES,
        "pickle": pickle,
        "tf": tf,
        "ops": ops,
    }
    call = eval(f"lambda x: {text}", scope)
    return Row(text, call, call(VALUES) if expected is None else expected)


SAME_AS_NUMPY = """
    np.asarray(x) | np.array(x) | np.array(x, copy=True) | np.asarray(x, dtype='float64') | np.asarray(x, dtype=int)
    np.mean(x) | np.mean(x, axis=0) | np.sum(x) | np.sum(x, axis=-1) | np.std(x) | np.var(x) | np.max(x) | np.min(x)
    np.max(x, axis=1) | np.prod(x) | np.any(x) | np.all(x) | np.argmax(x) | np.argmax(x, axis=-1) | np.median(x)
    np.argsort(x) | np.sort(x) | np.cumsum(x) | np.round(x, 1) | np.clip(x, 1, 2) | np.squeeze(x[:1]) | np.ravel(x)
    np.reshape(x, (3, 2)) | np.transpose(x) | np.concatenate([x, x]) | np.concatenate([x, array]) | np.stack([x, array])
    np.expand_dims(x, 0) | np.where(x > 1, x, array) | np.dot(x, array.T) | np.linalg.norm(x) | np.repeat(x, 2)
    np.percentile(x, 50) | np.unique(x) | np.allclose(x, x) | np.array_equal(x, x) | np.shape(x) | np.ndim(x)
    np.size(x) | np.squeeze(x)
    np.zeros_like(x) | np.isclose(x, array) | np.diff(x) | np.tile(x, 2) | np.vstack([x, array]) | np.take(x, [0])
    {0: 'zero', 5: 'five'}[np.argmax(x)] | np.argmax(x, axis=1).astype('int32') | np.mean(np.argmax(x, 1) == [2, 2])
    x + array | array + x | x - array | array - x | x * array | array * x | x / array | array / (x + 1) | x // array
    array // (x + 1) | x % array | array % (x + 1) | x ** array | array ** x | x @ array.T | array @ x.T
    x < array | array < x | x >= array | array >= x | x == array | array == x | x != array | array != x
    x - array[::-1] | array[:, ::-1] * x | np.broadcast_to(array, (2, 3)) + x | x * np.float32(2) | np.float32(2) * x
    np.float64(2) - x | np.int64(2) * x
    np.exp(x) | np.sqrt(x) | np.square(x) | np.log1p(x) | np.abs(-x) | np.tanh(x) | np.sign(x) | np.isnan(x)
    np.maximum(x, 1.5) | np.minimum(2, x) | np.maximum(array, x) | np.equal(x, array) | np.logical_and(x, array)
    np.power(x, 2) | np.add(x, array) | np.negative(x) | np.isfinite(x) | np.floor(x / 2) | np.cbrt(x) | np.rint(x / 2)
    np.add.reduce(x) | np.arctan2(x, 2) | np.hypot(x, array) | np.multiply.outer(x, np.ones(2, 'float32'))
    x[::-1] | x[:, ::-1] | x[..., ::-1] | x[::-1, ::-2] | x[1::-1] | x[:, 2:0:-1] | x[:, -1:-3:-1] | x[..., ::-1, :]
    x[0, ::-1] | x[None, ::-1] | x[:, None, ::-2] | x[::-1, None, ..., ::-1] | x[9::-1] | x[:, -9::-1] | x[:, :-9:-1]
    x[[0, 1], ::-1] | x[np.array([True, False]), ::-1] | x[x > 2] | x[-1] | x[..., 0] | x[:, np.newaxis] | x[1:, :2]
    x[..., None] | x[:, -2:] | x[None, ..., None] | x[np.array([1, 0])] | x[1, 2]
    float(x[0, 1]) | int(x[0, 1]) | bool(x[0, 1]) | len(x) | [float(r[0]) for r in x] | tuple(x.shape) | x.ndim
    f'{x[0, 1]:.3f}' | '{:5.1f}'.format(x[1, 1]) | x.shape == (2, 3) | x.shape[1:] == (3,) | len(x.shape) | x.shape[-1]
    (x > 1) & (x < 4) | ~(x > 1) | -x | abs(x) | x + 1 | 1 - x | 2 / (x + 1) | x ** 2 | 2 ** x | 7 // (x + 1) | x % 2
    x[0, 1] in [1, 2] | 1 in x | x[0, 1] == 1 | (7, *x.shape[1:]) | list(x.shape) | isinstance(x.shape, tuple)
    pickle.loads(pickle.dumps(x)) | np.array([x[0, 1], x[0, 2]]) | np.asarray([x[0, 1], x[0, 2]]) | range(int(x[0, 1]))
"""
ROWS = [row(text.strip()) for line in SAME_AS_NUMPY.strip().splitlines() for text in line.split(" | ")]
ROWS += [
    row("x.numpy()", VALUES),
    row("x.eval()", VALUES),
    row("x.shape.as_list()", [2, 3]),
    row("x.get_shape().as_list()", [2, 3]),
    row("x.get_shape()[1:].num_elements()", 3),
    row("x.shape.rank", 2),
    row("x.shape.ndims", 2),
    row("x.shape.dims", [2, 3]),
    row("x.shape.num_elements()", 6),
    row("x.shape.is_fully_defined()", True),
    row("x.shape.is_compatible_with([None, 3])", True),
    row("x.shape.is_compatible_with([None, 4])", False),
    row("x.shape.merge_with([None, 3])", (2, 3)),
    row("x.shape.concatenate([4])", (2, 3, 4)),
    row("x.shape.with_rank(2)", (2, 3)),
    row("x.shape[:1].as_list()", [2]),
    row("x.set_shape([None, 3]) is None", True),
    row("x.dtype == 'int32'", False),
    row("x.dtype != 'int32'", True),
    row("x.dtype in ('int32', x.dtype.name)", True),
    row("x.dtype == x.dtype.name and x.dtype.name == x.dtype", True),
    row("(x > 1).dtype == 'bool' and (x > 1).dtype == np.bool_", True),
    row("x.dtype == torch.int32 or x.dtype == np.int32 or x.dtype is None or x.dtype == tf.int32", False),
    row("x.dtype.is_floating", True),
    row("x.dtype.is_integer", False),
    row("x.dtype.is_bool", False),
    row("x.dtype.is_complex", False),
    row("x.dtype.base_dtype == x.dtype", True),
    row("x.dtype.as_numpy_dtype", np.float32),
    row("x.dtype.max > 1e38", True),
    row("(x > 1).dtype.name", "bool"),
    row("(x > 1).dtype.is_bool", True),
    row("np.argmax(x, 1).dtype.name", "int64"),
    row("isinstance(x, tf.Tensor)", True),
    row("tf.is_tensor(x)", True),
    row("ops.is_tensor(x)", True),
    row("{x.ref(): 1}[x.ref()]", 1),
    row("x.ref().deref() is x", True),
    row("x.experimental_ref() == x.ref()", True),
    row("x in [x]", True),
    row("x[tf.newaxis].shape", (1, 2, 3)),
    row("x[..., tf.newaxis].shape", (2, 3, 1)),
    row("x.device.type in ('cpu', 'cuda')", True),
    row("str(x) != '' and repr(x) != ''", True),
    row("tf.as_dtype(x.dtype).name == x.dtype.name", True),
]


def numbers(value: Any) -> np.ndarray:
    """A result as numbers that NumPy compares."""
    value = value.detach().cpu() if isinstance(value, torch.Tensor) else value
    return np.asarray(value, dtype=float)


def cases() -> list:
    """Each expression with each kind of tensor; three kinds run always, the others in the sweep."""
    always = ("plain", "gradients", "weight")
    return [
        pytest.param(case, kind, id=f"{case.name}-{kind}", marks=() if kind in always else pytest.mark.sweep)
        for kind in KINDS
        for case in ROWS
    ]


@pytest.mark.parametrize(("case", "kind"), cases())
def test_an_expression_means_what_it_says(case, kind):
    found = case.call(KINDS[kind]())
    if isinstance(case.expected, (str, bool, tuple, list, range, type)):
        assert found == case.expected
    else:
        tolerance = 0.02 if kind == "bfloat16" else 1e-6
        np.testing.assert_allclose(numbers(found), numbers(case.expected), rtol=tolerance, atol=tolerance)


OPERATORS = {
    "array - x": (lambda x: ONES - x, -1.0),
    "x - array": (lambda x: x - ONES, 1.0),
    "array * x": (lambda x: 3 * ONES * x, 3.0),
    "x * array": (lambda x: x * (3 * ONES), 3.0),
    "array / x": (lambda x: ONES / (x - x.detach() + 1), -1.0),
    "array + x": (lambda x: ONES + x, 1.0),
    "array @ x.T": (lambda x: ONES[:1] @ x.T, 1.0),
    "scalar * x": (lambda x: np.float64(2) * x, 2.0),
    "0-d array * x": (lambda x: np.array(2.0) * x, 2.0),
    "np.exp": (lambda x: np.exp(x - x.detach()), 1.0),
    "np.multiply": (lambda x: np.multiply(2, x), 2.0),
    "np.maximum": (lambda x: np.maximum(x, -ONES), 1.0),
    "np.square": (lambda x: np.square(x - x.detach() + 1), 2.0),
    "x[::-1]": (lambda x: x[::-1, ..., ::-1], 1.0),
    "reversed array": (lambda x: x * (2 * ONES)[::-1], 2.0),
}


@pytest.mark.parametrize("kind", ["leaf", "weight", "tf.Variable"])
@pytest.mark.parametrize("name", OPERATORS)
def test_gradients_flow_where_arrays_take_part(name, kind):
    call, slope = OPERATORS[name]
    x = KINDS[kind]()
    call(x).sum().backward()
    assert x.grad.tolist() == [[slope] * 3] * 2


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int8", "int32", "int64", "float16", "bfloat16", "float64"]
)
def test_a_type_has_its_name(dtype):
    x = ops.zeros((2,), dtype)
    assert x.dtype.name == dtype
    assert x.dtype == dtype
    assert x.dtype == tf.as_dtype(dtype)
    assert dtype == "bfloat16" or x.dtype == np.dtype(dtype)
    assert {x.dtype: 1}[getattr(torch, dtype)] == 1
    assert x.dtype.size == x.dtype.itemsize
    assert (x.dtype.is_floating, x.dtype.is_integer) == ("float" in dtype, "int" in dtype)
    assert x.dtype.is_unsigned == (dtype == "uint8")
    assert x.dtype.limits == (x.dtype.min, x.dtype.max) == (tf.as_dtype(dtype).min, tf.as_dtype(dtype).max)
    assert pickle.loads(pickle.dumps(x.dtype)) is x.dtype


def test_torch_keeps_what_it_has():
    x = torch.zeros(3)
    x.numpy()[0] = 5.0
    assert x.tolist() == [5.0, 0.0, 0.0]
    assert (torch.float32.is_complex, torch.float32.itemsize, x.shape.numel()) == (False, 4, 3)
    assert torch.float32 != torch.float64
    with pytest.raises(TypeError, match="immutable"):
        torch.dtype.name = "other"
    with pytest.raises(IndexError, match="out of bounds"):
        x[3]
    with pytest.raises(IndexError, match="too many indices"):
        x[0, ::-1]
    with pytest.raises(ValueError, match="step cannot be zero"):
        x[::0]
    with pytest.raises(TypeError, match="meta"):
        torch.zeros(3, device="meta").numpy()


def test_an_array_takes_numbers_in_place():
    total = np.zeros((2, 3))
    total += KINDS["gradients"]()
    assert type(total) is np.ndarray
    assert total.tolist() == VALUES.tolist()


def test_set_shape_checks():
    with pytest.raises(ShapeError, match="incompatible"):
        KINDS["plain"]().set_shape((None, 4))


@pytest.mark.parametrize(
    "text", ["x[::-1] * 2", "ones - x", "x * x.shape.rank", "x + 1 if x.dtype.name == 'float32' else x"]
)
def test_additions_are_compiled(text):
    function = eval(f"lambda x: {text}", {"ones": ONES})
    x = KINDS["plain"]()
    compiled = torch.compile(function, fullgraph=True, backend="eager")
    assert compiled(x).tolist() == function(x).tolist()
