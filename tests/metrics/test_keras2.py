"""Metrics that only Keras 2 has. Expected values were computed once with tf_keras 2.21."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch import metrics
from kerastorch.errors import MissingMethodError, NotBuiltError, ShapeError


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        (
            [([0, 1, 2, 3], None), ([4, 5, 6, 7], None), ([12, 10, 8, 6], [0, 0.2, 0.5, 1])],
            [2.0, 3.6363635, 4.8, 5.3333335],
        ),
        ([([[1.0, 2.0], [3, 4]], None), ([[5.0, 6], [7, 8]], [[1.0], [0.0]])], [[3.0, 4], [3, 4]]),
        (
            [([[1.0, 2.0], [3, 4]], 2.0), ([[5.0, 6], [7, 8]], None)],
            [[2.3333333, 3.3333333], [4.3333335, 5.3333335]],
        ),
        ([([1.0, 2.0], [0.0, 1.0])], [0.0, 2.0]),
    ],
    ids=["vectors", "rows", "scalar", "nothing counted"],
)
def test_means_of_elements(batches, expected):
    metric = metrics.MeanTensor()
    for values, weight in batches:
        metric.update_state(values, sample_weight=weight)
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


def test_a_weight_for_each_row_of_tensors_holds_for_the_whole_row():
    metric = metrics.MeanTensor()
    metric.update_state([[1.0, 2.0], [3.0, 4.0]], sample_weight=[0.5, 0.0])
    assert metric.result().tolist() == [[1.0, 2.0], [0.0, 0.0]]


def test_a_mean_tensor_of_given_shape_has_its_variables_at_once():
    metric = metrics.MeanTensor(shape=(1, 4), dtype="float64")
    assert [(v.name, tuple(v.shape), v.dtype) for v in metric.variables] == [
        ("total", (1, 4), torch.float64),
        ("count", (1, 4), torch.float64),
    ]
    assert metric.result().tolist() == [[0.0] * 4]


def test_a_mean_tensor_without_a_value_says_so():
    metric = metrics.MeanTensor()
    assert (metric.total, metric.count, metric.variables) == (None, None, [])
    with pytest.raises(NotBuiltError, match="'mean_tensor': MeanTensor does not have any value yet"):
        metric.result()


def test_tensors_of_another_shape_are_named():
    metric = metrics.MeanTensor()
    metric.update_state([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"takes tensors of one shape.*\(2,\). Received: \(3,\)"):
        metric.update_state([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("normalizer", "y_true", "y_pred", "weight", "expected"),
    [
        ([1, 3, 2, 3], [1, 3, 2, 3], [2, 4, 6, 8], None, 1.25),
        ([1, 3, 0, 3], [1, 3, 2, 3], [2, 4, 6, 8], None, 0.75),
        ([1, 3, 2, 3], [1, 3, 2, 3], [2, 4, 6, 8], [0.5, 0, 1, 2], 1.6666666),
        ([[1.0, 3]], [[1.0, 3], [2, 3]], [[2.0, 4], [6, 8]], None, 1.75),
    ],
    ids=["", "zero", "weights", "rows"],
)
def test_relative_errors(normalizer, y_true, y_pred, weight, expected):
    metric = metrics.MeanRelativeError(normalizer)
    metric.update_state(y_true, y_pred, weight)
    assert float(metric.result()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "match"),
    [
        ((3,), (2,), r"'mean_relative_error' must have the same shape.*\(3,\).*\(2,\)"),
        ((5,), (5,), r"normalizer of the metric 'mean_relative_error' has shape \(2,\).*y_pred.shape=\(5,\)"),
    ],
    ids=["labels", "normalizer"],
)
def test_relative_errors_of_shapes_that_do_not_fit(y_true, y_pred, match):
    metric = metrics.MeanRelativeError([1.0, 2.0], name="mean_relative_error")
    with pytest.raises(ShapeError, match=match):
        metric.update_state(torch.ones(y_true), torch.ones(y_pred))


@pytest.mark.parametrize(
    ("values", "weight", "expected"),
    [
        ([1.0, 3, 5, 7], None, 4.0),
        ([1.0, 3, 5, 7], [1, 1, 0, 0], 1.0),
        ([1.0, 3, 5, 7], 0.5, 2.0),
        ([[1.0, 3], [5, 7]], [1.0, 0.5], 2.5),
        ([[1.0, 3], [5, 7]], [[1.0], [0.5]], 2.5),
    ],
    ids=["", "vector", "scalar", "rows", "column"],
)
def test_sums_over_the_batch_size(values, weight, expected):
    metric = metrics.SumOverBatchSize()
    metric.update_state(values, sample_weight=weight)
    assert float(metric.result()) == expected


def test_functions_summed_over_the_batch_size():
    metric = metrics.SumOverBatchSizeMetricWrapper(metrics.mean_squared_error)
    metric.update_state([[1.0, 2], [3, 4]], [[2.0, 2], [5, 5]], sample_weight=[0.5, 2])
    assert float(metric.result()) == 2.625


@pytest.mark.parametrize(
    "metric",
    [
        metrics.MeanTensor(shape=(2, 3)),
        metrics.MeanRelativeError([1.0, 2.0]),
        metrics.SumOverBatchSize(),
        metrics.SumOverBatchSizeMetricWrapper(metrics.mean_squared_error),
    ],
    ids=lambda metric: type(metric).__name__,
)
def test_configs_of_both_formats(metric):
    for legacy in (False, True):
        config = json.loads(json.dumps(metrics.serialize(metric, use_legacy_format=legacy)))
        again = metrics.deserialize(config)
        assert type(again) is type(metric)
        assert again.get_config() == metric.get_config()


@pytest.mark.parametrize(("name", "kind"), [("MeanTensor", "MeanTensor"), ("sum", "Sum")])
def test_names(name, kind):
    assert type(metrics.get(name)).__name__ == kind


@pytest.mark.parametrize("name", ["binary_focal_crossentropy", "categorical_focal_crossentropy", "huber"])
def test_names_of_functions_without_a_class(name):
    assert metrics.get(name) is getattr(metrics, name)


class Distances(metrics.experimental.PyMetric):
    """A metric in plain Python, as users write it."""

    def reset_state(self):
        self.seen = []

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.kinds = {x.device.type for x in (y_true, y_pred)}
        self.grad_seen = y_pred.requires_grad
        self.seen.extend(np.abs(np.asarray(y_true) - np.asarray(y_pred)).ravel().tolist())

    def result(self):
        return max(self.seen, default=0.0)


def test_a_python_metric_counts_and_forgets():
    metric = Distances(name="distance")
    metric.update_state(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 5.0], requires_grad=True))
    assert (float(metric.result()), metric.result().dtype, metric.kinds) == (3.0, torch.float32, {"cpu"})
    assert metric.grad_seen is False
    metric.reset_states()
    assert float(metric.result()) == 0.0


def test_a_python_metric_in_fit():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    metric = Distances(name="distance")
    model.compile("sgd", "mse", metrics=[metric])
    x, y = np.ones((8, 2), "float32"), np.arange(8, dtype="float32")
    assert model.evaluate(x, y, verbose=0, return_dict=True)["distance"] == 7.0
    history = model.fit(x, y, epochs=2, batch_size=4, verbose=0).history
    assert len(history["distance"]) == 2
    assert len(metric.seen) == 8


@pytest.mark.parametrize(
    "call",
    [
        lambda metric: metric.update_state([1], [1]),
        lambda metric: metric.result(),
        lambda metric: metric.merge_state([]),
    ],
    ids=["update_state", "result", "merge_state"],
)
def test_what_a_python_metric_must_define(call):
    class Half(metrics.experimental.PyMetric):
        def reset_state(self):
            pass

    with pytest.raises(MissingMethodError, match="Half must define"):
        call(Half())


def test_a_python_metric_without_reset_cannot_be_made():
    with pytest.raises(MissingMethodError, match=r"PyMetric must define `reset_state\(\)`"):
        metrics.experimental.PyMetric()
