"""The base class, wrapped functions, shortcuts of the mean, and faults."""

from __future__ import annotations

import copy
import pickle
import warnings

import keras
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from kerastorch import losses
from kerastorch.core.logits import remember_logits
from tests.losses.cases import CASES, KINDS, case_id, inputs


class Cubed(losses.Loss):
    def __init__(self, factor=0.1, name="cubed", **kwargs):
        super().__init__(name=name, **kwargs)
        self.factor = factor

    def call(self, y_true, y_pred):
        return self.factor * ((y_true - y_pred).abs() ** 3).mean(-1)


class KerasCubed(keras.losses.Loss):
    def __init__(self, factor=0.1, name="cubed", **kwargs):
        super().__init__(name=name, **kwargs)
        self.factor = factor

    def call(self, y_true, y_pred):
        return self.factor * ((y_true - y_pred).abs() ** 3).mean(-1)


class Calls(TorchFunctionMode):
    """Records the torch functions that run."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name not in ("__get__", "numel", "dim"):
            self.names.append(name)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum", "none", None])
@pytest.mark.parametrize("weight", [None, [1.0, 0.0, 2.0]], ids=["plain", "weighted"])
def test_own_loss(reduction, weight):
    y_true, y_pred = np.arange(6.0).reshape(3, 2), np.ones((3, 2))
    got = Cubed(2.0, reduction=reduction)(y_true, y_pred, sample_weight=weight)
    expected = KerasCubed(2.0, reduction=reduction)(y_true, y_pred, sample_weight=weight)
    np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-6)


@pytest.mark.parametrize("labels", [torch.tensor([[1], [2]]), [[1], [2]], np.array([[1], [2]], "int8")])
def test_own_loss_gets_float_targets(labels):
    seen = []

    class Spy(losses.Loss):
        def call(self, y_true, y_pred):
            seen.append((y_true.dtype, y_pred.dtype))
            return y_pred.mean(-1)

    Spy()(labels, torch.ones(2, 1, dtype=torch.float64))
    assert seen == [(torch.float32, torch.float32)]


@pytest.mark.parametrize("result", [2, 2.5, np.array([1.0, 3.0]), torch.tensor([1, 3])], ids=repr)
def test_own_loss_may_return_numbers_and_arrays(result):
    class Constant(losses.Loss):
        def call(self, y_true, y_pred):
            return result

    value = Constant()(torch.ones(2, 1), torch.ones(2, 1))
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(float(np.mean(np.asarray(result))))


def test_own_call_of_a_built_in_loss_is_used():
    class Doubled(losses.MeanSquaredError):
        def call(self, y_true, y_pred):
            return 2 * super().call(y_true, y_pred)

    assert Doubled()(torch.zeros(2, 2), torch.ones(2, 2)).item() == 2.0


def test_own_mean_is_used_without_weights_only():
    class Shortcut(losses.MeanSquaredError):
        def mean(self, y_true, y_pred):
            return torch.tensor(7.0)

    loss = Shortcut()
    assert loss(torch.zeros(2, 2), torch.ones(2, 2)).item() == 7.0
    assert loss(torch.zeros(2, 2), torch.ones(2, 2), sample_weight=1.0).item() == 1.0


@pytest.mark.parametrize(
    ("arguments", "reduction"),
    [
        (("sum", "own"), "sum"),
        (("auto", "own"), "sum_over_batch_size"),
        (("own", "sum"), "sum"),
        (("own", None), None),
    ],
)
def test_place_of_the_reduction_in_both_dialects(arguments, reduction):
    loss = losses.Loss(*arguments)  # Keras 2 has the reduction first, Keras 3 the name
    assert (loss.name, loss.reduction) == ("own", reduction)


def test_mask_of_the_result_counts():
    class Positive(losses.Loss):
        def call(self, y_true, y_pred):
            out = y_pred.mean(-1)
            out._keras_mask = out > 0
            return out

    assert Positive()(torch.zeros(3, 1), torch.tensor([[2.0], [-5.0], [4.0]])).item() == 3.0


def test_missing_call():
    class Empty(losses.Loss):
        pass

    with pytest.raises(NotImplementedError, match="Empty must define `call"):
        Empty()(torch.ones(1), torch.ones(1))


def test_names_are_automatic_and_unique():
    first, second = losses.Loss(), losses.Loss()
    assert first.name.startswith("loss")
    assert first.name != second.name


def test_nested_structures():
    def total(y_true, y_pred, scale):
        return scale * sum((y_true[k] - y_pred[k]).abs().mean(-1) for k in y_true)

    y_true = {"a": np.zeros((3, 1)), "b": np.zeros(3)}
    y_pred = {"a": np.ones((3, 1)), "b": np.ones((3, 1))}
    assert losses.LossFunctionWrapper(total, scale=2.0)(y_true, y_pred).item() == 4.0


def test_parameters_are_predictions_too():
    weight = torch.nn.Parameter(torch.ones(2, 2))
    losses.MeanSquaredError()(torch.zeros(2, 2), weight).backward()
    torch.testing.assert_close(weight.grad, torch.full((2, 2), 0.5))


FUSED = {
    "mse": ("mse_loss", torch.rand(6, 4), torch.rand(6, 4), {}),
    "mae": ("l1_loss", torch.rand(6, 4), torch.rand(6, 4), {}),
    "huber": ("huber_loss", torch.rand(6, 4), torch.rand(6, 4), {"delta": 0.5}),
    "bce": ("binary_cross_entropy_with_logits", torch.rand(6, 4), torch.rand(6, 4), {"from_logits": True}),
    "categorical_crossentropy": ("cross_entropy", torch.rand(6, 4), torch.rand(6, 4), {"from_logits": True}),
    "sparse_categorical_crossentropy": (
        "cross_entropy",
        torch.tensor([0, 1, 2, 3, 0, 1]),
        torch.rand(6, 4),
        {"from_logits": True},
    ),
}


@pytest.mark.parametrize("name", FUSED)
def test_mean_is_one_torch_call(name):
    function, y_true, y_pred, options = FUSED[name]
    loss = losses.LossFunctionWrapper(losses.get(name), **options)
    with Calls() as calls:
        value = loss(y_true, y_pred)
    assert calls.names == [function]
    expected = losses.get(name)(y_true, y_pred, **options).mean()
    torch.testing.assert_close(value, expected)


def test_mean_on_remembered_logits_is_one_torch_call():
    x = torch.rand(6, 4)
    y_pred = remember_logits(x.softmax(-1), x, "softmax")
    loss = losses.SparseCategoricalCrossentropy()
    labels = torch.tensor([0, 1, 2, 3, 0, 1])
    with Calls() as calls:
        loss(labels, y_pred)
    assert calls.names == ["cross_entropy"]


@pytest.mark.parametrize("name", KINDS)
def test_no_value_is_read_from_the_device(name):
    y_true, y_pred = (torch.as_tensor(a).to("meta") for a in inputs(name, {}))
    value = losses.get(name)(y_true, y_pred)
    assert value.device.type == "meta"
    assert losses.get(name)(y_true, y_pred, torch.ones(1, device="meta")).device.type == "meta"


@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalCrossentropy", "BinaryCrossentropy"])
@pytest.mark.parametrize("weighted", [False, True])
def test_compiles_as_one_graph(name, weighted):
    y_true, y_pred = (torch.as_tensor(a) for a in inputs(name, {}))
    weight = torch.arange(6.0) if weighted else None
    loss = losses.get(name)
    compiled = torch.compile(lambda t, p: loss(t, p, weight), fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(y_true, y_pred), loss(y_true, y_pred, weight))


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["copy", "pickle"]
)
def test_copies(name, options, duplicate):
    y_true, y_pred = inputs(name, options)
    loss = getattr(losses, name)(**options)
    assert duplicate(loss)(y_true, y_pred).equal(loss(y_true, y_pred))


@pytest.mark.parametrize("writable", [True, False])
def test_arrays_convert_without_a_warning(writable):
    array = np.ones((4, 2), dtype="float32")[::-1]
    array.flags.writeable = writable
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert losses.MeanSquaredError()(array, array).item() == 0.0


def test_label_smoothing_matches_torch():
    x, y = torch.randn(5, 3), torch.eye(3)[[0, 1, 2, 0, 1]]
    loss = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.3)
    torch.testing.assert_close(loss(y, x), F.cross_entropy(x, y, label_smoothing=0.3))
