"""A device that runs out of memory in `fit`: the batch is taken in parts, with the gradient of the whole."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, losses, ops
from tests.training.twins import rows

X, Y = rows(40)
LABELS = np.random.default_rng(1).integers(0, 4, (40, 6))
TEXTS = np.random.default_rng(2).integers(0, 9, (40, 6))
OUT_OF_MEMORY = "ran out of memory"


class NoRoom(torch.autograd.Function):
    """Nothing, but for a device whose memory ends in the backward pass."""

    @staticmethod
    def forward(ctx, inputs, limit):
        ctx.limit = limit
        return inputs.clone()

    @staticmethod
    def backward(ctx, gradient):
        if len(gradient) > ctx.limit:
            raise torch.OutOfMemoryError(f"CUDA out of memory in backward: {len(gradient)} rows")
        return gradient, None


class Limited(layers.Layer):
    """Fails as a CUDA device does for more rows than have room, in the forward or the backward pass."""

    def __init__(self, limit=1000, where="forward"):
        super().__init__()
        self.limit, self.where, self.seen, self.from_call = limit, where, [], 0
        self.supports_masking = True

    def call(self, inputs):
        if inputs.is_meta:  # only shapes are asked for
            return inputs
        self.seen.append(len(inputs))
        limit = self.limit if len(self.seen) > self.from_call else 1000
        if self.where == "backward":
            return NoRoom.apply(inputs, limit)
        if len(inputs) > limit:
            raise torch.OutOfMemoryError(f"CUDA out of memory: {len(inputs)} rows")
        return inputs * 1.0


def plain(limited):
    return kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(5, "tanh"), limited, layers.Dense(1)])


def regularized(limited):
    dense = layers.Dense(5, "tanh", kernel_regularizer="l2", activity_regularizer="l2")
    return kerastorch.Sequential([kerastorch.Input((3,)), dense, limited, layers.Dense(1)])


def two_headed(limited):
    x = kerastorch.Input((3,))
    hidden = limited(layers.Dense(5, "tanh")(x))
    return kerastorch.Model(x, [layers.Dense(1, name="a")(hidden), layers.Dense(1, name="b")(hidden)])


def tagger(limited, last="softmax"):
    embedding = layers.Embedding(9, 4, mask_zero=True)
    return kerastorch.Sequential(
        [kerastorch.Input((6,), dtype="int64"), embedding, limited, layers.Dense(4, last)]
    )


def tagger_of_logits(limited):
    model = kerastorch.Sequential([kerastorch.Input((6,), dtype="int64"), layers.Embedding(9, 4), limited])
    model.add(layers.Dense(4))
    return model


def mean_of_squares(y_true, y_pred):
    return ops.mean(ops.square(y_true - y_pred))


def compiled(build, loss="mse", limit=1000, where="forward", optimizer="adam", **options):
    kerastorch.utils.set_random_seed(3)
    limited = Limited(limit, where)
    model = build(limited)
    model.compile(optimizer, loss, **options)
    return model, limited


SPARSE = losses.SparseCategoricalCrossentropy
BY_WEIGHTS = losses.MeanSquaredError(reduction="mean_with_sample_weight")
WEIGHTS = np.linspace(0.1, 2.0, 40).astype("float32")
CASES = {
    "mean": (plain, "mse", X, Y, None),
    "weights": (plain, "mae", X, Y, WEIGHTS),
    "sum": (plain, losses.MeanSquaredError(reduction="sum"), X, Y, WEIGHTS),
    "by weights": (plain, BY_WEIGHTS, X, Y, WEIGHTS),
    "lists of losses": (two_headed, {"a": ["mse", "mae"], "b": ["mse"]}, X, [Y, -Y], None),
    "function": (plain, mean_of_squares, X, Y, None),
    "of torch": (plain, torch.nn.SmoothL1Loss(), X, Y, None),
    "sum of torch": (plain, torch.nn.MSELoss(reduction="sum"), X, Y, None),
    "regularizers": (regularized, "mse", X, Y, None),
    "two outputs": (two_headed, ["mse", losses.MeanSquaredError(reduction="sum")], X, [Y, -Y], None),
    "mask": (tagger, "sparse_categorical_crossentropy", TEXTS, LABELS, None),
    "mask and weights": (tagger, "sparse_categorical_crossentropy", TEXTS, LABELS, WEIGHTS),
    "ignored class": (tagger_of_logits, SPARSE(from_logits=True, ignore_class=2), TEXTS, LABELS, None),
    "ignored class of torch": (
        tagger_of_logits,
        torch.nn.CrossEntropyLoss(ignore_index=2),
        TEXTS,
        LABELS,
        None,
    ),
    "weighted classes of torch": (
        tagger_of_logits,
        torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 0.5, 3.0])),
        TEXTS,
        LABELS,
        None,
    ),
}


def trained(case, limit=1000, where="forward", optimizer="sgd", batch_size=20):
    build, loss, x, y, weights = case
    metrics = [["mae"], ["mae"]] if isinstance(y, list) else ["mae"]
    if x is TEXTS:
        metrics = ["accuracy"]
    model, limited = compiled(build, loss, limit, where, optimizer, metrics=metrics)
    history = model.fit(
        x, y, sample_weight=weights, batch_size=batch_size, epochs=2, shuffle=False, verbose=0
    )
    return model, history.history, limited


def assert_same(ours, expected):
    for weight, other in zip(ours.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(weight, other, atol=2e-6, rtol=2e-6)


@pytest.mark.parametrize("where", ["forward", "backward"])
@pytest.mark.parametrize("name", CASES)
def test_training_in_parts_is_that_of_the_whole_batch(name, where):
    whole, expected, _ = trained(CASES[name])
    with pytest.warns(UserWarning, match=f"{OUT_OF_MEMORY}.*batch of 20 samples in 4 parts of at most 5"):
        parts, history, limited = trained(CASES[name], limit=7, where=where)
    assert_same(parts, whole)
    assert list(history) == list(expected)
    for key, values in expected.items():
        np.testing.assert_allclose(history[key], values, rtol=1e-5, err_msg=key)
    assert set(limited.seen) == {20, 10, 5}
    assert limited.seen.count(20) == 1  # later batches are divided at once


def test_gradients_are_those_of_the_whole_batch():
    found = []

    class Keep(torch.optim.SGD):
        def step(self, closure=None):
            found.append([p.grad.clone() for group in self.param_groups for p in group["params"]])

    for limit in (1000, 3):
        model, _ = compiled(plain, "mse", limit)
        model.compile(Keep(model.parameters(), lr=0.1), "mse")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, Y, batch_size=40, verbose=0)
    for whole, parts in zip(*found, strict=True):
        torch.testing.assert_close(parts, whole, atol=1e-6, rtol=1e-6)


def test_it_is_said_once():
    model, _ = compiled(plain, limit=7)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, Y, batch_size=20, epochs=3, verbose=0)
    assert [OUT_OF_MEMORY in str(w.message) for w in caught].count(True) == 1


def test_whole_batches_that_fit_are_not_divided():
    model, limited = compiled(plain, limit=20)
    with pytest.warns(UserWarning, match="batch of 24 samples in 2 parts of at most 12"):
        model.fit(X[:35], Y[:35], batch_size=24, shuffle=False, verbose=0)
    assert limited.seen == [24, 12, 12, 12, 11]  # one look at a part says how its loss counts


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_memory_that_ends_later_in_an_epoch(where):
    """The metrics hold each sample once, also where the batch had been counted before its backward pass failed."""
    whole, expected, _ = trained(CASES["mean"], batch_size=10)
    model, limited = compiled(plain, "mse", 5, where, "sgd", metrics=["mae"])
    limited.from_call = 3
    with pytest.warns(UserWarning, match="batch of 10 samples in 2 parts"):
        history = model.fit(X, Y, batch_size=10, epochs=2, shuffle=False, verbose=0).history
    assert_same(model, whole)
    for key, values in expected.items():
        np.testing.assert_allclose(history[key], values, rtol=1e-5, err_msg=key)


def test_layers_that_normalize_are_named():
    def build(limited):
        return kerastorch.Sequential([kerastorch.Input((3,)), layers.BatchNormalization(name="bn"), limited])

    model, _ = compiled(build, limit=7)
    with pytest.warns(UserWarning, match="normalize by the samples of a part, not of the batch: bn"):
        model.fit(X, X, batch_size=20, verbose=0)


def state_of(model):
    values = [*model.parameters(), *model.buffers()]
    values += [v for metric in model.metrics for v in metric.variables]
    values += model.optimizer.variables if model.optimizer.built else []
    return [value.detach().clone() for value in values]


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_no_row_fits(where):
    """The model is as it was, and trains on once there is room."""

    def build(limited):
        return kerastorch.Sequential(
            [kerastorch.Input((3,)), layers.BatchNormalization(), layers.Dense(2), limited, layers.Dense(1)]
        )

    model, limited = compiled(build)
    model.fit(X, Y, verbose=0)
    before = state_of(model)
    limited.limit, limited.where = 0, where
    with pytest.raises(
        torch.OutOfMemoryError, match=r"(?s)one sample does not fit either: model 'sequential.*CUDA out of"
    ):
        model.fit(X, Y, verbose=0)
    for value, old in zip(state_of(model), before, strict=True):
        torch.testing.assert_close(value, old, rtol=0, atol=0)
    assert all(p.grad is None for p in model.parameters())
    limited.limit = 1000
    model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("build_late", [False, True])
def test_model_of_the_users_own(build_late):
    class Own(kerastorch.Model):
        def __init__(self, limited):
            super().__init__()
            self.dense, self.limited, self.last = layers.Dense(5), limited, layers.Dense(1)

        def call(self, inputs):
            return {"out": self.last(self.limited(self.dense(inputs["x"])))}

    found = []
    for limit in (1000, 7):
        model, _ = compiled(Own, {"out": "mse"}, limit, metrics={"out": ["mae"]})
        if not build_late:
            model({"x": torch.zeros(1, 3)})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append((model, model.fit({"x": X}, {"out": Y}, shuffle=False, verbose=0).history))
    if not build_late:
        assert_same(found[1][0], found[0][0])
        assert found[1][1]["loss"] == pytest.approx(found[0][1]["loss"], rel=1e-5)
    assert found[1][1].keys() == found[0][1].keys()


class OwnStep(kerastorch.Sequential):
    def train_step(self, data):
        return super().train_step(data)


def test_step_of_the_users_own_is_not_divided():
    model = OwnStep([kerastorch.Input((3,)), Limited(7), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(
        torch.OutOfMemoryError,
        match=r"divided: the model has a `train_step` of its own(?s:.*)CUDA out of memory: 20 rows",
    ):
        model.fit(X, Y, batch_size=20, verbose=0)


def test_batch_that_cannot_be_divided():
    """The rows of the inputs are not those of the targets: nobody knows what belongs together."""

    class Mean(layers.Layer):
        def call(self, inputs):
            return inputs.mean(0, keepdim=True)

    model = kerastorch.Sequential([kerastorch.Input((3,)), Limited(7), layers.Dense(1), Mean()])
    model.compile("sgd", "mse")
    with pytest.raises(
        torch.OutOfMemoryError,
        match=r"divided: its tensors differ in their number of rows(?s:.*)CUDA out of memory",
    ):
        model.fit(((x, np.ones((1, 1), "float32")) for x in [X[:20]]), verbose=0)


def test_other_errors_are_left_alone():
    class Broken(layers.Layer):
        def call(self, inputs):
            raise RuntimeError("broken, not out of memory")

    model = kerastorch.Sequential([layers.Dense(2), Broken()])
    model.compile("sgd", "mse")
    with pytest.raises(RuntimeError, match="broken, not out of memory"):
        model.fit(X, Y, verbose=0)


def test_loss_scaling():
    """Small gradients of float16 are scaled in each part."""
    found = []
    for limit in (1000, 7):
        scaled = kerastorch.mixed_precision.LossScaleOptimizer(
            kerastorch.optimizers.SGD(0.1), initial_scale=128.0
        )
        model, _ = compiled(plain, "mse", limit, optimizer=scaled)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, Y, batch_size=20, shuffle=False, verbose=0)
        found.append(model)
    assert_same(found[1], found[0])
