"""Data that a metric cannot take: the error says which metric, what it got and what it expected."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch import metrics
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.metrics import counting


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [([0, 3], [0, 1]), ([0, -1], [0, 1]), ([0, 2], [0, 7])],
    ids=["large", "negative", "prediction"],
)
def test_classes_out_of_range_are_left_out_with_one_warning_for_a_metric(y_true, y_pred, recwarn):
    metric = metrics.MeanIoU(num_classes=3, name="iou")
    with pytest.warns(UserWarning, match=r"Metric 'iou': labels or .*\[0, 3\).*`ignore_class`") as seen:
        metric(y_true, y_pred)
    metric.update_state(y_true, y_pred)
    assert (len(seen), len(recwarn)) == (1, 0)
    assert metric.total_cm.tolist() == [[2, 0, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("weight", [None, [0.5, 2.0, 1.0, 0.25]], ids=["", "weighted"])
@pytest.mark.parametrize("ignore", [None, 1, 255], ids=str)
@pytest.mark.filterwarnings("ignore:Metric 'iou'")
def test_counts_are_the_same_where_nothing_may_look(weight, ignore, monkeypatch):
    y_true, y_pred = [0, 1, -1, 1 if ignore is None else ignore], [0, 2, 2, 1]
    found = []
    for looks in (counting.can_look, lambda x: False):
        monkeypatch.setattr(counting, "can_look", looks)
        metric = metrics.MeanIoU(num_classes=3, ignore_class=ignore, dtype="float32", name="iou")
        metric.update_state(y_true, y_pred, weight)
        found.append(metric.total_cm.tolist())
    assert found[0] == found[1]


def test_ignored_labels_may_be_out_of_range(recwarn):
    metric = metrics.MeanIoU(num_classes=2, ignore_class=255)
    metric.update_state([0, 1, 255], [0, 1, 9])
    assert [str(w.message) for w in recwarn] == []
    assert float(metric.result()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "weight", "match"),
    [
        (metrics.MeanIoU(num_classes=2), (4,), (3,), None, r"label for each prediction.*y_true.shape=\(4,\)"),
        (
            metrics.MeanIoU(num_classes=2, dtype="float32"),
            (4,),
            (4,),
            (3,),
            r"`sample_weight` does not fit.*\(4,\)",
        ),
        (metrics.F1Score(), (4, 2), (4, 3), None, r"same shape.*\(4, 2\).*\(4, 3\)"),
        (metrics.F1Score(), (4, 2), (4, 2), (3,), r"`sample_weight` does not fit"),
        (metrics.R2Score(), (4, 2), (4, 3), None, r"same shape.*\(4, 2\).*\(4, 3\)"),
        (metrics.R2Score(), (4, 2), (4, 2), (3, 2), r"`sample_weight` does not fit.*\(3, 2\)"),
        (metrics.RootMeanSquaredError(), (4, 2), (3, 2), None, r"\(4, 2\).*\(3, 2\)"),
        (metrics.PearsonCorrelation(), (4, 2), (3, 2), None, r"\(4, 2\).*\(3, 2\)"),
        (metrics.ConcordanceCorrelation(), (4, 2), (3, 2), None, r"\(4, 2\).*\(3, 2\)"),
        (metrics.CosineSimilarity(), (4, 2), (3, 2), None, r"\(4, 2\).*\(3, 2\)"),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_shapes_that_do_not_fit_are_named(metric, y_true, y_pred, weight, match):
    weight = None if weight is None else torch.ones(weight)
    with pytest.raises(ShapeError, match=f"Metric '{metric.name}': .*{match}"):
        metric.update_state(torch.ones(y_true), torch.ones(y_pred), weight)


@pytest.mark.parametrize("shape", [(), (2,), (2, 1), (2, 1, 1), (2, 3, 1), (2, 3, 4)], ids=str)
def test_weights_of_maps_of_classes(shape):
    y_true, y_pred = (
        torch.randint(0, 3, (2, 3, 4), generator=torch.Generator().manual_seed(s)) for s in (0, 1)
    )
    weight = torch.rand(shape, generator=torch.Generator().manual_seed(2))
    metric, whole = (metrics.MeanIoU(num_classes=3, dtype="float32") for _ in range(2))
    metric.update_state(y_true, y_pred, weight)
    whole.update_state(y_true, y_pred, weight.reshape(*shape, *[1] * (3 - len(shape))).expand(2, 3, 4))
    torch.testing.assert_close(metric.total_cm, whole.total_cm)


@pytest.mark.parametrize("shape", [(), (4,), (4, 1), (4, 3)], ids=str)
@pytest.mark.parametrize("kind", [metrics.F1Score, metrics.R2Score])
def test_weights_of_rows(kind, shape):
    y_true, y_pred, weight = torch.eye(4, 3), torch.rand(4, 3), torch.rand(shape)
    metric, whole = kind(), kind()
    metric.update_state(y_true, y_pred, weight)
    whole.update_state(y_true, y_pred, (weight[:, None] if len(shape) == 1 else weight).expand(4, 3))
    torch.testing.assert_close(metric.result(), whole.result())


def test_in_fit_the_output_is_named():
    inputs = keras.Input((3,))
    model = keras.Model(
        inputs, {name: keras.layers.Dense(2, name=name)(inputs) for name in ("first", "second")}
    )
    model.compile(
        "sgd", "mse", metrics={"second": [metrics.AUC(name="area", multi_label=True, num_labels=5)]}
    )
    x, y = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
    with pytest.raises(InvalidArgumentError, match=r"Output 'second': the metric 'area' cannot be.*\(4, 2\)"):
        model.fit(x, {"first": y, "second": y}, verbose=0)
