"""Names, configs and signatures are Keras's; both dialects' names are understood."""

from __future__ import annotations

import inspect
import json

import keras
import pytest
import torch

from kerastorch import metrics
from kerastorch.errors import InvalidArgumentError, ShapeError, UnknownIdentifierError, UnsafeModelError
from kerastorch.registry import CustomObjectScope
from tests.metrics.cases import ALL, label, pair, tensors

CLASSES = sorted(
    name for name in dir(keras.metrics) if inspect.isclass(getattr(keras.metrics, name)) and name != "Metric"
)
KERAS_NAMES = sorted(set(keras.src.metrics.ALL_OBJECTS_DICT) - {"Metric", "metric"})


def distance(y_true, y_pred, power=1):
    return (y_true - y_pred).abs() ** power


@pytest.mark.parametrize("name", CLASSES)
def test_signatures_are_those_of_keras(name):
    def arguments(cls):
        return [(p.name, p.default, p.kind) for p in inspect.signature(cls).parameters.values()]

    assert arguments(getattr(metrics, name)) == arguments(getattr(keras.metrics, name))


@pytest.mark.parametrize("name", sorted(n for n in dir(keras.metrics) if not n.startswith("_")))
def test_every_name_of_keras_is_there(name):
    assert hasattr(metrics, name)


@pytest.mark.parametrize("case", ALL, ids=label)
def test_configs_are_those_of_keras(case):
    ours, theirs = pair(case)
    expected = theirs.get_config()
    found = ours.get_config()
    weights = expected.get("label_weights")
    if weights is not None:
        expected["label_weights"] = weights.tolist()
    if case[0] == "CosineSimilarity" and "axis" in case[1]:
        expected["axis"] = case[1]["axis"]  # Keras loses it
    found["name"] = expected["name"] = ""
    assert found == expected


@pytest.mark.parametrize("case", ALL, ids=label)
def test_metrics_survive_their_config(case):
    metric = pair(case)[0]
    config = json.loads(json.dumps(metrics.serialize(metric)))
    assert (config["module"], config["class_name"], config["registered_name"]) == (
        "keras.metrics",
        case[0],
        None,
    )
    other = metrics.deserialize(config)
    assert type(other) is type(metric)
    assert other.get_config() == metric.get_config()


@pytest.mark.parametrize("name", KERAS_NAMES)
def test_names_of_keras(name):
    expected = keras.src.metrics.ALL_OBJECTS_DICT[name].__name__
    try:
        found = metrics.get(name)
    except TypeError as error:  # classes with arguments that have no default
        assert "required positional argument" in str(error)  # noqa: PT017
    else:
        assert type(found).__name__ == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("acc", "Accuracy"),
        ("ACC", "Accuracy"),
        ("cosine_proximity", "CosineSimilarity"),
        ("kld", "KLDivergence"),
        ("KLD", "KLDivergence"),
        ("kullback_leibler_divergence", "KLDivergence"),
        ("logcosh", "LogCoshError"),
        ("log_cosh", "LogCoshError"),
        ("fbeta_score", "FBetaScore"),
    ],
)
def test_names_of_keras_2(name, kind):
    assert type(metrics.get(name)).__name__ == kind


@pytest.mark.parametrize(
    "name", ["mse", "MAE", "mape", "MSLE", "kld", "logcosh", "kullback_leibler_divergence"]
)
def test_short_names_are_functions_of_the_module(name):
    assert inspect.isfunction(getattr(metrics, name))


@pytest.mark.parametrize(
    "identifier",
    [metrics.Mean, metrics.Mean(), {"class_name": "Mean", "config": {}}, "mean", "Mean", "keras"],
    ids=str,
)
def test_identifiers_of_every_kind(identifier):
    if identifier == "keras":
        identifier = keras.metrics.serialize(keras.metrics.Mean())
    assert isinstance(metrics.get(identifier), metrics.Mean)


def test_functions_and_none_are_given_back():
    assert metrics.get(distance) is distance
    assert metrics.get(None) is None


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (
            lambda: metrics.get("acuracy"),
            UnknownIdentifierError,
            "Unknown metric: 'acuracy'. Did you mean 'accuracy'",
        ),
        (lambda: metrics.get(3), UnknownIdentifierError, "Could not interpret metric identifier: 3"),
        (lambda: metrics.deserialize({"class_name": "Nope", "config": {}}), UnsafeModelError, "'Nope'"),
        (
            lambda: metrics.Mean.from_config({"colour": 1}),
            InvalidArgumentError,
            "Mean could not be made.*colour",
        ),
        (lambda: metrics.AUC(curve="RC"), InvalidArgumentError, "Invalid AUC curve value: .RC.*mean 'ROC'"),
        (lambda: metrics.AUC(summation_method="x"), InvalidArgumentError, "AUC summation method value: .x"),
        (lambda: metrics.AUC(num_thresholds=1), InvalidArgumentError, "must be an integer > 1"),
        (lambda: metrics.AUC(num_labels=2), InvalidArgumentError, "only when `multi_label` is True"),
        (
            lambda: metrics.Precision(thresholds=[0.5, 2]),
            InvalidArgumentError,
            r"in \[0, 1\]. Received: \[2\]",
        ),
        (lambda: metrics.PrecisionAtRecall(2), InvalidArgumentError, "`recall` must be in the range"),
        (lambda: metrics.PrecisionAtRecall(0.5, 0), InvalidArgumentError, "must be an integer > 0"),
        (lambda: metrics.R2Score(class_aggregation="x"), InvalidArgumentError, "`class_aggregation`.*'x'"),
        (lambda: metrics.R2Score(num_regressors=-1), InvalidArgumentError, "`num_regressors`.*-1"),
        (lambda: metrics.F1Score(average="x"), InvalidArgumentError, "Invalid .average.*average=x"),
        (lambda: metrics.F1Score(threshold=2.0), InvalidArgumentError, "Invalid `threshold`.*2.0"),
        (lambda: metrics.FBetaScore(beta=1), InvalidArgumentError, "Invalid `beta`.*beta=1"),
        (lambda: metrics.IoU(2, [2]), InvalidArgumentError, r"id 2 is out of range, which is \[0, 2\)"),
    ],
)
def test_wrong_arguments(call, error, match):
    with pytest.raises(error, match=match):
        call()


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "match"),
    [
        (metrics.Accuracy(), (3,), (4,), r"'accuracy' do not fit.*y_true.shape=\(3,\), y_pred.shape=\(4,\)"),
        (metrics.BinaryAccuracy(), (3, 2), (4, 2), "'binary_accuracy' do not fit"),
        (
            metrics.CategoricalAccuracy(),
            (4, 1),
            (4, 3),
            "Class numbers are for 'sparse_categorical_accuracy'",
        ),
        (metrics.SparseCategoricalAccuracy(), (4, 4), (4, 4), "one-hot labels for 'categorical_accuracy'"),
        (metrics.TopKCategoricalAccuracy(), (4,), (4, 3), "'sparse_top_k_categorical_accuracy'"),
        (metrics.SparseTopKCategoricalAccuracy(), (4, 3), (4, 3), "labels for 'top_k_categorical_accuracy'"),
        (metrics.Precision(), (4,), (3,), r"Shapes \(4,\) of y_true and \(3,\) of y_pred are incompatible"),
        (metrics.Precision(class_id=1), (4,), (4,), r"y_pred must be a 2D array.*\(4,\)"),
        (
            metrics.Precision(class_id=7),
            (4, 3),
            (4, 3),
            r"`class_id` must be in \[0, 3\). Received: class_id=7",
        ),
        (metrics.Precision(top_k=5), (4, 3), (4, 3), "`top_k` is 5, but the predictions have only 3 classes"),
        (metrics.AUC(multi_label=True), (4,), (4,), "rank 2 when `multi_label=True`. Found rank 1"),
        (metrics.R2Score(), (4,), (4,), "R2Score expects 2D inputs"),
        (metrics.F1Score(), (4,), (4,), "F1Score expects 2D inputs"),
    ],
    ids=lambda x: getattr(x, "name", None),
)
def test_data_that_does_not_fit(metric, y_true, y_pred, match):
    with pytest.raises(InvalidArgumentError, match=match):
        metric.update_state(torch.ones(y_true), torch.ones(y_pred))


@pytest.mark.parametrize(
    "metric", [metrics.Mean(), metrics.AUC(), metrics.Precision(), metrics.Sum()], ids=str
)
def test_weights_that_do_not_fit(metric):
    data = [torch.ones(4)] * (1 if metric.name in ("mean", "sum") else 2)
    with pytest.raises(ShapeError, match=r"\(3,"):
        metric.update_state(*data, sample_weight=torch.ones(3))


@pytest.mark.parametrize(
    ("fn", "arguments"),
    [
        (distance, {"power": 2}),
        (metrics.mean_squared_error, {}),
        (metrics.binary_accuracy, {"threshold": 0.25}),
        (metrics.pearson_correlation, {}),
    ],
)
def test_wrapped_functions_survive_their_config(fn, arguments):
    metric = metrics.MeanMetricWrapper(fn, name="wrapped", **arguments)
    with CustomObjectScope({"distance": distance}):
        other = metrics.deserialize(json.loads(json.dumps(metrics.serialize(metric))))
    data = tensors(torch.tensor([[1.0, 0.0, 1.0]]), torch.tensor([[0.9, 0.3, 0.2]]))
    assert torch.equal(other(*data), metric(*data))
    assert other.name == "wrapped"


@pytest.mark.parametrize("name", ["mean_squared_error", "binary_accuracy"])
def test_wrapped_functions_of_keras_configs(name):
    config = keras.metrics.serialize(keras.metrics.MeanMetricWrapper(getattr(keras.metrics, name), name="x"))
    assert metrics.deserialize(config)._fn is getattr(metrics, name)


def test_unregistered_functions_in_configs_are_refused():
    config = metrics.serialize(metrics.MeanMetricWrapper(distance))
    with pytest.raises(UnsafeModelError, match="Could not locate function 'distance'"):
        metrics.deserialize(config)


@pytest.mark.parametrize("name", CLASSES)
def test_directions(name):
    required = {"num_classes": 2, "target_class_ids": [0], "fn": distance}
    required |= dict.fromkeys(("precision", "recall", "specificity", "sensitivity"), 0.5)
    made = []
    for module in (metrics, keras.metrics):
        cls = getattr(module, name)
        needed = [p.name for p in inspect.signature(cls).parameters.values() if p.default is p.empty]
        made.append(cls(**{key: required[key] for key in needed if key in required}))
    ours, theirs = (getattr(metric, "_direction", None) for metric in made)
    assert ours == theirs
