"""What the estimators do inside scikit-learn, and what Keras says of them."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import kerastorch
from kerastorch import Sequential, errors, layers
from kerastorch.callbacks import History
from kerastorch.compat.redirect import redirected
from kerastorch.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer
from tests.wrappers.models import CLASSES, network

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])
QUIET: dict[str, Any] = {"verbose": 0}
KINDS = {"classifier": SKLearnClassifier, "regressor": SKLearnRegressor, "transformer": SKLearnTransformer}


def classifier(**arguments: Any) -> SKLearnClassifier:
    return SKLearnClassifier(network, **{"model_kwargs": CLASSES, "fit_kwargs": QUIET, **arguments})


def regressor(**arguments: Any) -> SKLearnRegressor:
    return SKLearnRegressor(network, **{"fit_kwargs": QUIET, **arguments})


def same_weights(one: Any, other: Any) -> bool:
    return all(map(np.array_equal, one.get_weights(), other.get_weights()))


@pytest.fixture
def routing() -> Iterator[None]:
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_those_of_keras(kind):
    estimator = KINDS[kind](network)
    expected = {"model": network, "warm_start": False, "model_kwargs": None, "fit_kwargs": None}
    assert estimator.get_params() == expected
    assert estimator.set_params(warm_start=True, model_kwargs={"units": 3}).model_kwargs == {"units": 3}


@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_sets_what_ends_in_an_underscore(kind):
    arguments = CLASSES if kind == "classifier" else {}
    estimator = KINDS[kind](network, model_kwargs=arguments, fit_kwargs={"epochs": 3, "verbose": 0})
    assert estimator.epoch_ == 0
    assert estimator.fit(pd.DataFrame(X, columns=list("abcd")), Y) is estimator
    assert isinstance(estimator.model_, kerastorch.Model)
    assert isinstance(estimator.history_, History)
    assert len(estimator.history_.history["loss"]) == estimator.epoch_ == 3
    assert estimator.n_features_in_ == 4
    assert estimator.feature_names_in_.tolist() == list("abcd")


@pytest.mark.parametrize(
    "labels", [NAMES, np.array([-1, 4, 7]), np.array([True, False, True])], ids=["texts", "numbers", "bools"]
)
def test_a_classifier_answers_with_the_labels(labels):
    y = labels[Y]
    fitted = classifier(model_kwargs={**CLASSES, "seed": 1}).fit(X, y, epochs=100, batch_size=150)
    assert fitted.classes_.tolist() == sorted(set(labels.tolist()))
    assert fitted.predict(X).dtype == y.dtype
    assert fitted.score(X, y) > 0.9
    decisions = fitted.decision_function(X)
    np.testing.assert_array_equal(fitted.classes_[decisions.argmax(axis=-1)], fitted.predict(X))
    np.testing.assert_allclose(decisions.sum(axis=1), 1, rtol=1e-5)


def test_a_callable_gets_the_arrays_that_the_model_is_trained_on():
    seen = []

    def make(X: Any, y: Any, **arguments: Any) -> Any:
        seen.append((X, y))
        return network(X, y, **arguments)

    SKLearnClassifier(make, model_kwargs=CLASSES).fit(X.tolist(), NAMES[Y].tolist(), **QUIET)
    SKLearnRegressor(make).fit(X, Y, **QUIET)
    np.testing.assert_array_equal(seen[0][0], X)
    np.testing.assert_array_equal(seen[0][1], np.eye(3)[Y])
    np.testing.assert_array_equal(seen[1][1], Y[:, None])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((150,), (150,)), ((150, 1), (150,)), ((150, 3), (150, 3))],
    ids=["flat", "column", "three"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_a_regressor_answers_in_the_shape_of_its_targets(shape, expected):
    y = np.resize(np.linspace(0, 1, 450), shape)
    fitted = regressor().fit(X, y)
    assert fitted.predict(X).shape == expected
    assert np.isfinite(fitted.score(X, y))


def test_a_column_of_targets_is_taken_as_flat_with_a_warning():
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        classifier().fit(X, NAMES[Y][:, None])


def test_arguments_of_fit_come_before_those_of_the_estimator_which_stay():
    given = {"epochs": 2, "verbose": 0}
    fitted = classifier(fit_kwargs=given).fit(X, Y, epochs=3, validation_split=0.1)
    assert fitted.history_.epoch == [0, 1, 2]
    assert "val_loss" in fitted.history_.history
    assert given == {"epochs": 2, "verbose": 0}
    assert fitted.fit(X, Y).history_.epoch == [0, 1]


def test_weights_of_classes_and_samples_reach_the_model():
    def accuracies(**weights: Any) -> list[float]:
        fitted = classifier(model_kwargs={**CLASSES, "seed": 1}).fit(
            X, Y, epochs=40, batch_size=150, **weights
        )
        predicted = fitted.predict(X)
        return [float((predicted == each).mean()) for each in range(3)]

    only_two = accuracies(class_weight={0: 1e-6, 1: 1e-6, 2: 1.0})
    assert only_two == [0, 0, 1]
    np.testing.assert_allclose(accuracies(sample_weight=np.array([1e-6, 1e-6, 1.0])[Y]), only_two)


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_warm_start_goes_on_with_the_same_model(warm):
    model = network(X, np.eye(3)[Y], **CLASSES)
    before = [value.copy() for value in model.get_weights()]
    estimator = SKLearnClassifier(model, warm_start=warm, fit_kwargs=QUIET)
    first = estimator.fit(X, Y).model_
    second = estimator.fit(X, Y).model_
    assert (first is model) == (second is model) == (first is second) == warm
    assert any(map(np.any, map(np.not_equal, before, model.get_weights()))) == warm


def test_warm_start_keeps_the_model_of_a_callable():
    estimator = classifier(warm_start=True)
    assert estimator.fit(X, Y).model_ is estimator.fit(X, Y).model_
    estimator.set_params(warm_start=False)
    assert estimator.model_ is not estimator.fit(X, Y).model_


def test_a_clone_has_every_parameter_and_a_model_of_its_own():
    model = network(X, np.eye(3)[Y], **CLASSES)
    estimator = SKLearnClassifier(model, warm_start=True, fit_kwargs=QUIET).fit(X, Y)
    copied = clone(estimator)
    assert copied.fit_kwargs == QUIET
    assert copied.warm_start
    assert copied.model is not model
    assert same_weights(copied.model, model)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        copied.predict(X)
    assert clone(classifier()).model is network


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickled_estimator_answers_the_same(kind):
    estimator = KINDS[kind](network, model_kwargs=CLASSES if kind == "classifier" else {}, fit_kwargs=QUIET)
    estimator.fit(X, Y)
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.predict(X), estimator.predict(X))
    assert again.history_.history == estimator.history_.history


def test_pipelines_searches_and_cross_validation_take_an_estimator():
    pipeline = make_pipeline(StandardScaler(), classifier()).fit(X, Y, sklearnclassifier__epochs=2)
    assert pipeline[-1].history_.epoch == [0, 1]
    assert cross_val_score(regressor(), X, Y, cv=2).shape == (2,)
    grid = {
        "model_kwargs": [{**CLASSES, "units": units} for units in (2, 3)],
        "fit_kwargs": [{"epochs": 2, **QUIET}],
    }
    search = GridSearchCV(classifier(), grid, cv=2, error_score="raise").fit(X, Y)
    assert search.best_params_["model_kwargs"]["units"] in (2, 3)
    assert search.best_estimator_.history_.epoch == [0, 1]


def test_a_transformer_hands_on_the_output_of_its_model():
    transformer = SKLearnTransformer(network, fit_kwargs=QUIET)
    found = transformer.fit_transform(X, X)
    assert found.shape == X.shape
    np.testing.assert_array_equal(found, transformer.model_.predict(X, verbose=0))


def test_a_built_model_transforms_without_a_fit():
    model = Sequential([kerastorch.Input((4,)), layers.Dense(7)])
    transformer = SKLearnTransformer(model)
    np.testing.assert_array_equal(transformer.transform(X), model.predict(X, verbose=0))
    before = [value.copy() for value in model.get_weights()]
    pipeline = make_pipeline(FrozenEstimator(transformer), LogisticRegression(max_iter=1000)).fit(X, Y)
    assert pipeline.score(X, Y) > 0.9
    assert all(map(np.array_equal, before, model.get_weights()))
    with pytest.raises(NotFittedError, match="not fitted yet"):
        transformer.predict(X)


@pytest.mark.usefixtures("routing")
def test_metadata_is_routed_to_fit():
    heavy = np.where(Y == 2, 1.0, 1e-6)
    estimator = classifier(model_kwargs={**CLASSES, "seed": 1}).set_fit_request(
        sample_weight=True, epochs=True
    )
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipeline = make_pipeline(scaler, estimator).fit(X, Y, sample_weight=heavy, epochs=40)
    assert len(pipeline[-1].history_.epoch) == 40
    assert (pipeline.predict(X) == 2).sum() > 80  # of which 50 are
    assert clone(estimator).get_metadata_routing().fit.requests["epochs"]
    with pytest.raises(TypeError, match="Unexpected args"):
        estimator.set_fit_request(speed=True)


def test_requests_need_metadata_routing():
    with pytest.raises(RuntimeError, match="enable_metadata_routing"):
        classifier().set_fit_request(sample_weight=True)


def test_scorers_take_a_classifier():
    scorer = make_scorer(accuracy_score)
    assert 0 <= scorer(classifier().fit(X, Y), X, Y) <= 1


def uncompiled(X: Any, y: Any) -> Any:
    return Sequential([layers.Dense(3)])


def without_loss(X: Any, y: Any) -> Any:
    model = uncompiled(X, y)
    model.compile("adam")
    return model


WRONG_MODELS = {
    "not compiled": (uncompiled, errors.NotCompiledError, "needs to be compiled"),
    "not compiled, as in Keras": (uncompiled(X, Y), RuntimeError, "needs to be compiled"),
    "without a loss": (without_loss, errors.NotCompiledError, "have a loss and an optimizer"),
    "none": (None, errors.ArgumentTypeError, "should be a Model or a callable that returns one.*None"),
    "a number": (lambda X, y: 3, errors.ArgumentTypeError, "which gives 3"),
}


@pytest.mark.parametrize("name", WRONG_MODELS)
def test_a_model_that_cannot_be_trained_is_refused(name):
    model, error, match = WRONG_MODELS[name]
    with pytest.raises(error, match=match):
        SKLearnClassifier(model).fit(X, Y)


ONES = np.ones(len(Y))
WRONG_DATA = {
    "one class": (classifier, X, ONES, {}, r"only one class.*\[1.0\]"),
    "one class with weight": (
        classifier,
        X,
        Y,
        {"sample_weight": Y == 1},
        r"only one class.*sample_weight.*\[1\]",
    ),
    "weights for others": (classifier, X, Y, {"sample_weight": ONES[:4]}, "inconsistent numbers of samples"),
    "numbers for classes": (
        classifier,
        X,
        np.linspace(0, 1.5, 150),
        {},
        "Unknown label type: continuous.*float64",
    ),
    "one-hot classes": (classifier, X, np.eye(3)[Y], {}, r"one label a sample.*multilabel.*\(150, 3\)"),
    "classes for numbers": (regressor, X, NAMES[Y], {}, "should be numbers.*<U10"),
    "no targets": (regressor, X, None, {}, "requires y to be passed"),
    "one axis": (regressor, X[0], Y, {}, "Expected 2D array, got 1D array"),
    "three axes": (regressor, X[:, :, None], Y, {}, "Found array with dim 3"),
    "too few targets": (regressor, X, Y[:9], {}, "inconsistent numbers of samples"),
    "NaN": (regressor, X * np.nan, Y, {}, "Input X contains NaN"),
}


@pytest.mark.parametrize("name", WRONG_DATA)
def test_data_that_cannot_be_used_are_refused(name):
    make, features, targets, arguments, match = WRONG_DATA[name]
    with pytest.raises(ValueError, match=f"(?s){match}"):
        make().fit(features, targets, **arguments)


def test_a_classifier_needs_one_output_a_class():
    def narrow(X: Any, y: Any) -> Any:
        return network(X, y[:, :1])

    fitted = SKLearnClassifier(narrow).fit(
        X, Y, **QUIET
    )  # mean squared errors spread one output over the classes
    with pytest.raises(errors.ShapeError, match=r"for each of 3 classes.*\(150, 1\)"):
        fitted.predict(X)


@pytest.mark.parametrize("method", ["predict", "decision_function"])
def test_other_features_than_those_of_the_fit_are_refused(method):
    fitted = classifier().fit(X, Y)
    with pytest.raises(ValueError, match="X has 2 features, but SKLearnClassifier is expecting 4"):
        getattr(fitted, method)(X[:, :2])


def test_scripts_of_keras_find_the_wrappers():
    with redirected():
        from keras import wrappers
        from tensorflow.keras.wrappers import SKLearnRegressor as found

        assert wrappers.SKLearnRegressor is found is SKLearnRegressor


WITHOUT = """
import sys
sys.modules["sklearn"] = None
from kerastorch.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer
for each in (SKLearnClassifier, SKLearnRegressor, SKLearnTransformer):
    try:
        each(print)
    except ImportError as error:
        print(error)
"""


def test_without_scikit_learn_an_estimator_says_what_to_install():
    ran = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    said = "{} needs scikit-learn 1.6 or later: `pip install scikit-learn`."
    assert ran.stdout.splitlines() == [said.format(each.__name__) for each in KINDS.values()]
