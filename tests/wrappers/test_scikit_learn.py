"""The wrappers of Keras 1 and 2: `keras.wrappers.scikit_learn`."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerastorch import Sequential, errors, layers, losses, optimizers, utils
from kerastorch.compat.redirect import redirected
from kerastorch.wrappers.scikit_learn import KerasClassifier, KerasRegressor

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]


def build(units: int = 8, outputs: int = 3, loss: Any = "categorical_crossentropy") -> Sequential:
    utils.set_random_seed(1)
    last = "sigmoid" if outputs == 1 else "softmax"
    model = Sequential([layers.Dense(units, activation="relu"), layers.Dense(outputs, activation=last)])
    model.compile(optimizers.Adam(0.02), loss, metrics=["accuracy"])
    return model


def number(units: int = 8, outputs: int = 1) -> Sequential:
    model = Sequential([layers.Dense(units, activation="relu"), layers.Dense(outputs)])
    model.compile("adam", "mse")
    return model


class Built(KerasClassifier):
    def __call__(self, units: int = 4) -> Sequential:
        return build(units)


TARGETS = {
    "labels": (NAMES, {}),
    "labels and a loss of numbers": (NAMES, {"loss": "sparse_categorical_crossentropy"}),
    "labels and a loss object": (NAMES, {"loss": losses.CategoricalCrossentropy()}),
    "a column": (Y[:, None], {"loss": "sparse_categorical_crossentropy"}),
    "one-hot": (np.eye(3)[Y], {}),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_classifier_learns_labels(name):
    y, arguments = TARGETS[name]
    classifier = KerasClassifier(build_fn=build, epochs=40, batch_size=150, verbose=0, **arguments)
    assert len(classifier.fit(X, y).history["loss"]) == 40
    labels = y.argmax(axis=1) if name == "one-hot" else y.ravel()
    assert classifier.classes_.tolist() == sorted(set(labels.tolist()))
    assert classifier.n_classes_ == 3
    assert (classifier.predict(X) == labels).mean() == pytest.approx(classifier.score(X, y))
    assert classifier.score(X, y) > 0.6
    np.testing.assert_allclose(classifier.predict_proba(X).sum(axis=1), 1, rtol=1e-5)


def test_two_classes_may_have_one_output():
    two = Y < 2
    classifier = KerasClassifier(build, outputs=1, loss="binary_crossentropy", epochs=60, verbose=0)
    classifier.fit(X[two], NAMES[two])
    assert classifier.predict(X[two]).shape == (100, 1)
    assert (
        classifier.score(X[two], NAMES[two]) == (classifier.predict(X[two])[:, 0] == NAMES[two]).mean() > 0.9
    )
    chances = classifier.predict_proba(X[two])
    assert chances.shape == (100, 2)
    np.testing.assert_allclose(chances[:, 1], classifier.model.predict(X[two], verbose=0)[:, 0])


@pytest.mark.parametrize(("outputs", "shape"), [(1, (150,)), (4, (150, 4))], ids=["one", "four"])
def test_a_regressor_predicts_numbers(outputs, shape):
    y = X[:, 0] if outputs == 1 else X
    regressor = KerasRegressor(number, outputs=outputs, epochs=2, verbose=0)
    regressor.fit(X, y)
    assert regressor.predict(X).shape == shape
    squares = np.square(y - regressor.predict(X)).mean()
    np.testing.assert_allclose(regressor.score(X, y), -squares, rtol=1e-5)


def test_arguments_come_before_parameters():
    classifier = KerasClassifier(build, epochs=3, batch_size=50, verbose=0)
    assert classifier.fit(X, Y, epochs=2).epoch == [0, 1]
    assert classifier.filter_sk_params(build, {"units": 2}) == {"units": 2}
    assert classifier.get_params() == {"build_fn": build, "epochs": 3, "batch_size": 50, "verbose": 0}
    assert classifier.set_params(units=5, epochs=1).fit(X, Y).epoch == [0]
    assert classifier.model.layers[0].units == 5


def test_the_arguments_of_older_scripts_are_taken():
    with pytest.warns(DeprecationWarning, match="`nb_epoch` is called `epochs`"):
        assert KerasRegressor(number, nb_epoch=2, verbose=0).fit(X, Y).epoch == [0, 1]


def test_a_subclass_may_build_the_model_itself():
    assert Built(units=3, epochs=1, verbose=0).fit(X, Y).epoch == [0]


def test_scikit_learn_takes_them():
    classifier = KerasClassifier(build, epochs=2, verbose=0)
    regressor = KerasRegressor(number, epochs=2, verbose=0)
    assert is_classifier(classifier)
    assert is_regressor(regressor)
    assert clone(classifier).get_params() == classifier.get_params()
    assert "epochs=2" in repr(classifier)
    assert cross_val_score(classifier, X, NAMES, cv=KFold(2, shuffle=True, random_state=1)).shape == (2,)
    assert (cross_val_score(regressor, X, Y, cv=2) < 0).all()
    search = GridSearchCV(classifier, {"units": [2, 4], "epochs": [1]}, cv=2, error_score="raise").fit(X, Y)
    assert search.best_params_["units"] in (2, 4)
    for each in (classifier, regressor):
        assert make_pipeline(StandardScaler(), each).fit(X, Y).predict(X).shape == (150,)
    again = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(again.predict(X), classifier.predict(X))


WRONG = {
    "parameter": (
        lambda: KerasClassifier(build, unit=3),
        "unit is not a legal parameter. Did you mean 'units'",
    ),
    "new parameter": (lambda: KerasRegressor(number).set_params(speed=3), "speed is not a legal parameter"),
    "no function": (lambda: KerasClassifier(), "needs a function `build_fn`.*build_fn=None"),
    "shape of labels": (
        lambda: KerasClassifier(build).fit(X, np.ones((150, 2, 2))),
        r"shape for y: \(150, 2, 2\)",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_refused(name):
    call, match = WRONG[name]
    with pytest.raises(errors.InvalidArgumentError, match=match):
        call()


def test_accuracy_has_to_be_compiled():
    def silent() -> Sequential:
        model = build()
        model.compile("adam", "categorical_crossentropy")
        return model

    classifier = KerasClassifier(silent, verbose=0)
    classifier.fit(X, Y)
    with pytest.raises(errors.InvalidArgumentError, match=r"metrics=\['accuracy'\].*\['loss'\]"):
        classifier.score(X, Y)


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_nothing_is_predicted_before_a_fit(method):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(KerasClassifier(build), method)(X)


def test_scripts_find_them_where_they_were():
    with redirected():
        from keras.wrappers.scikit_learn import KerasClassifier as first
        from tensorflow.keras.wrappers.scikit_learn import KerasRegressor as second
    assert (first, second) == (KerasClassifier, KerasRegressor)
