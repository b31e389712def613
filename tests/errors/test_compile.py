"""`compile`, losses and metrics with arguments that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from kerastorch import losses, metrics
from kerastorch.errors import (
    CompileError,
    DataError,
    InvalidArgumentError,
    NotCompiledError,
    ShapeError,
    UnknownArgumentError,
    UnknownIdentifierError,
)
from tests.errors.harness import Case, Wrong, check, classes, classifier, floats, state_of, two_outputs, words


def compiling(on: Any = classifier, **arguments: Any) -> Any:
    """A use that compiles again with other arguments."""
    usual = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}
    if on is two_outputs:
        usual = {"optimizer": "adam", "loss": ["sparse_categorical_crossentropy", "mse"]}
    return lambda case: case.model.compile(**{**usual, **arguments})


def on_a_copy(**arguments: Any) -> Any:
    """A use that compiles and trains a model of its own."""

    def use(case: Case) -> None:
        other = type(case.model)(case.model.input, case.model.output, name="other")
        other.compile(**arguments)
        other.fit(case.x, case.y, verbose=0)

    return use


def without_gradient(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    return torch.as_tensor(y_pred.detach().numpy()).mean()


def returns_nothing(y_true: torch.Tensor, y_pred: torch.Tensor) -> None:
    y_pred.mean()


def takes_one(y_pred: torch.Tensor) -> torch.Tensor:
    return y_pred.mean()


def breaks(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    return y_pred @ torch.ones(7, 1)


class Forgetful(metrics.Metric):
    def __init__(self) -> None:
        self.total = self.add_weight(name="total")


class FailingMetric(metrics.Metric):
    """Its update fails after it has counted."""

    def __init__(self) -> None:
        super().__init__(name="failing")
        self.seen = self.add_weight(name="seen", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.seen.assign_add(1.0)
        raise InvalidArgumentError("The metric 'failing' cannot be computed.")

    def result(self) -> Any:
        return self.seen


COMPILE = [
    Wrong(
        "a misspelt optimizer",
        CompileError,
        (r"optimizer", r"'adm'", r"Did you mean 'adam'\?"),
        compiling(optimizer="adm"),
    ),
    Wrong(
        "a number as optimizer",
        CompileError,
        (r"optimizer", r"0\.01", r"Expected a name"),
        compiling(optimizer=0.01),
    ),
    Wrong(
        "a function as optimizer",
        CompileError,
        (r"optimizer", r"print", r"Expected a name"),
        compiling(optimizer=print),
    ),
    Wrong(
        "a misspelt loss",
        CompileError,
        (
            r"`loss` of output 'probs'",
            r"'categorical_crosentropy'",
            r"Did you mean 'categorical_crossentropy'\?",
        ),
        compiling(loss="categorical_crosentropy"),
    ),
    Wrong(
        "a number as loss",
        CompileError,
        (r"`loss` of output 'probs'", r"loss", r"3", r"Expected"),
        compiling(loss=3),
    ),
    Wrong(
        "a misspelt metric",
        CompileError,
        (r"`metrics` of output 'probs'", r"'acuracy'", r"Did you mean 'accuracy'\?"),
        compiling(metrics=["acuracy"]),
    ),
    Wrong(
        "a misspelt weighted metric",
        CompileError,
        (r"`weighted_metrics` of output 'probs'", r"'presicion'", r"Did you mean '[Pp]recision'\?"),
        compiling(weighted_metrics=["presicion"]),
    ),
    Wrong(
        "a number as metric",
        CompileError,
        (r"`metrics` of output 'probs'", r"metric", r"3"),
        compiling(metrics=[3]),
    ),
    Wrong(
        "three faults at once",
        CompileError,
        (r"3 faults", r"1\. .*'adm'", r"'mse2'", r"'acuracy'", r"Did you mean 'adam'", r"Did you mean 'mse'"),
        compiling(optimizer="adm", loss="mse2", metrics=["acuracy"]),
    ),
    Wrong(
        "a loss for an output that does not exist",
        CompileError,
        (r"`loss`", r"'kidn'", r"no output", r"'kind', 'size'", r"Did you mean 'kind'\?"),
        compiling(two_outputs, loss={"kidn": "mse", "size": "mse"}),
        on=two_outputs,
    ),
    Wrong(
        "three losses for two outputs",
        CompileError,
        (r"`loss` is a list of 3", r"2 output", r"'kind', 'size'", r"a dictionary by name"),
        compiling(two_outputs, loss=["mse", "mse", "mse"]),
        on=two_outputs,
    ),
    Wrong(
        "metrics for an output that does not exist",
        CompileError,
        (r"`metrics`", r"'sise'", r"'kind', 'size'", r"Did you mean 'size'\?"),
        compiling(two_outputs, metrics={"sise": ["mae"]}),
        on=two_outputs,
    ),
    Wrong(
        "one loss weight for two outputs",
        CompileError,
        (r"`loss_weights`", r"2 outputs", r"'kind', 'size'"),
        compiling(two_outputs, loss_weights=0.5),
        on=two_outputs,
    ),
    Wrong(
        "three loss weights for two outputs",
        CompileError,
        (r"`loss_weights` is a list of 3", r"2 output"),
        compiling(two_outputs, loss_weights=[1.0, 1.0, 1.0]),
        on=two_outputs,
    ),
    Wrong(
        "a loss weight as text",
        CompileError,
        (r"loss weight", r"'kind'", r"number", r"'much'"),
        compiling(two_outputs, loss_weights={"kind": "much"}),
        on=two_outputs,
    ),
    Wrong(
        "no steps in an execution",
        CompileError,
        (r"`steps_per_execution`", r"positive integer", r"0"),
        compiling(steps_per_execution=0),
    ),
    Wrong(
        "eager and compiled",
        CompileError,
        (r"`jit_compile`", r"`run_eagerly`", r"cannot"),
        compiling(run_eagerly=True, jit_compile=True),
    ),
    Wrong(
        "an unknown jit_compile",
        CompileError,
        (r"`jit_compile`", r"'auto'", r"'fast'"),
        compiling(jit_compile="fast"),
    ),
    Wrong(
        "an unknown keyword of compile",
        UnknownArgumentError,
        (r"`compile`", r"'metric'", r"Did you mean 'metrics'\?"),
        compiling(metric=["accuracy"]),
        TypeError,
    ),
    Wrong(
        "compile without a loss",
        NotCompiledError,
        (r"'other'", r"epoch 1, step 1", r"No loss", r"`loss` argument in `compile\(\)`", r"add_loss"),
        on_a_copy(optimizer="adam"),
    ),
    Wrong(
        "a loss that takes only the prediction",
        DataError,
        (r"Output 'probs'", r"'takes_one'", r"takes 1 positional argument", r"\(16, 3\)"),
        on_a_copy(optimizer="adam", loss=takes_one),
    ),
    Wrong(
        "a loss that returns nothing",
        InvalidArgumentError,
        (r"'other', epoch 1, step 1", r"Output 'probs'", r"'returns_nothing'", r"Expected a tensor", r"None"),
        on_a_copy(optimizer="adam", loss=returns_nothing),
    ),
    Wrong(
        "a loss that fails",
        DataError,
        (r"'other', epoch 1, step 1", r"Output 'probs'", r"'breaks'", r"multiplied", r"\(16, 3\)"),
        on_a_copy(optimizer="adam", loss=breaks),
    ),
    Wrong(
        "a loss of NumPy values",
        InvalidArgumentError,
        (r"'other'", r"no gradient", r"\.numpy\(\)", r"torch operations"),
        on_a_copy(optimizer="adam", loss=without_gradient),
    ),
    Wrong(
        "a metric that fails",
        InvalidArgumentError,
        (r"'other', epoch 1, step 1", r"'failing'"),
        on_a_copy(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=[FailingMetric()]),
    ),
    Wrong(
        "class numbers for a categorical loss",
        ShapeError,
        (
            r"Output 'probs'",
            r"'categorical_crossentropy'",
            r"y_true.shape=\(16,\)|targets of shape \(16,\)",
            r"use `sparse_categorical_crossentropy`",
        ),
        on_a_copy(optimizer="adam", loss="categorical_crossentropy"),
    ),
]

CALLS = [
    Wrong(
        "an unknown reduction",
        InvalidArgumentError,
        (r"reduction", r"'avg'", r"sum_over_batch_size"),
        lambda c: losses.MeanSquaredError(reduction="avg"),
    ),
    Wrong(
        "shapes that do not fit a loss",
        ShapeError,
        (r"mean_squared_error", r"\(2, 3\)", r"\(2, 4\)"),
        lambda c: losses.MeanSquaredError()(floats(2, 3), floats(2, 4)),
    ),
    Wrong(
        "text for a loss",
        InvalidArgumentError,
        (r"tensor, an array or numbers", r"\['a'\]", r"list"),
        lambda c: losses.mse(["a"], [1.0]),
    ),
    Wrong(
        "a label beyond the classes",
        InvalidArgumentError,
        (r"label", r"\[0, 2\)", r"ignore_class"),
        lambda c: losses.sparse_categorical_crossentropy([5], [[0.5, 0.5]]),
    ),
    Wrong(
        "an unknown name for losses.get",
        UnknownIdentifierError,
        (r"loss", r"'huberr'", r"Did you mean 'huber'\?"),
        lambda c: losses.get("huberr"),
    ),
    Wrong(
        "an unknown name for metrics.get",
        UnknownIdentifierError,
        (r"metric", r"'AUCC'", r"Did you mean 'AUC'\?"),
        lambda c: metrics.get("AUCC"),
    ),
    Wrong(
        "AUC with one threshold",
        InvalidArgumentError,
        (r"num_thresholds", r"> 1|greater", r"1"),
        lambda c: metrics.AUC(num_thresholds=1),
    ),
    Wrong(
        "AUC of an unknown curve",
        InvalidArgumentError,
        (r"curve", r'"RC"', r"ROC"),
        lambda c: metrics.AUC(curve="RC"),
    ),
    Wrong(
        "Precision at a threshold beyond 1",
        InvalidArgumentError,
        (r"[Tt]hreshold", r"\[0, 1\]", r"1\.5"),
        lambda c: metrics.Precision(thresholds=1.5),
    ),
    Wrong(
        "shapes that do not fit a metric",
        ShapeError,
        (r"\(2, 3\)", r"\(2, 4\)"),
        lambda c: metrics.MeanAbsoluteError().update_state(floats(2, 3), floats(2, 4)),
    ),
    Wrong(
        "a metric without super().__init__()",
        InvalidArgumentError,
        (r"Forgetful", r"super\(\).__init__\(\)"),
        lambda c: Forgetful(),
    ),
]

ROWS = [*COMPILE, *CALLS]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_wrong_compile(row: Wrong) -> None:
    check(row)


def test_metric_that_fails_leaves_weights_and_metrics_alone() -> None:
    case = classifier()
    case.model.compile("adam", "sparse_categorical_crossentropy", metrics=[FailingMetric()])
    weights = case.model.get_weights()
    before = state_of(case.model)["metrics"]
    with pytest.raises(
        InvalidArgumentError, match=r"Model 'iris', epoch 1, step 1: Output 'probs': the metric 'failing'"
    ):
        case.fit()
    assert state_of(case.model)["metrics"] == before
    for now, then in zip(case.model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(now, then)


def test_last_layer_of_one_unit_with_a_sparse_loss() -> None:
    case = words()
    case.model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(DataError, match=r"Output 'likes'.*\[0, 1\).*from 0 to 1.*needs 2 units"):
        case.fit(y=classes(2))


def test_frozen_model_warns_and_keeps_its_weights() -> None:
    case = classifier()
    case.model.trainable = False
    case.model.compile("adam", "sparse_categorical_crossentropy")
    before = case.model.get_weights()[0]
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        case.fit()
    np.testing.assert_array_equal(case.model.get_weights()[0], before)
