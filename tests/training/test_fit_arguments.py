"""Arguments of `fit` that cannot be used, and those of older versions of Keras."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kerastorch.errors import DataError
from tests.training.twins import dense, rows, twins

X, Y = rows(40)


def compiled():
    models = twins(dense)
    for model in models:
        model.compile("adam", "mse", metrics=["mae"])
    return models


WRONG = [
    ({"epochs": -1}, "`epochs` must be an integer"),
    ({"epochs": 1.5}, "`epochs` must be an integer"),
    ({"epochs": "3"}, "`epochs` must be an integer"),
    ({"initial_epoch": -2}, "`initial_epoch`"),
    ({"batch_size": 0}, "`batch_size` must be a positive integer"),
    ({"batch_size": 2.5}, "`batch_size` must be a positive integer"),
    ({"batch_size": float("nan")}, "`batch_size` must be a positive integer"),
    ({"steps_per_epoch": 0}, "`steps_per_epoch` must be a positive"),
    ({"validation_data": (X, Y), "validation_steps": -1}, "`validation_steps`"),
    ({"validation_data": (X, Y), "validation_freq": 0}, "`validation_freq`"),
    ({"validation_split": 1.5}, "`validation_split` must be a number between 0 and 1"),
    ({"validation_split": -0.1}, "`validation_split` must be a number between 0 and 1"),
    ({"validation_split": 0.99}, "not sufficient to split"),
    ({"shuffle": "epoch"}, "`shuffle` must be True, False or 'batch'"),
    ({"verbose": 3}, "`verbose` must be 0, 1, 2 or 'auto'"),
    ({"class_weight": [1.0, 2.0]}, "`class_weight` must be a dictionary"),
    ({"class_weight": {"a": 2.0}}, "`class_weight` must be a dictionary"),
    ({"class_weight": {-1: 2.0}}, "negative class"),
    ({"sample_weight": np.ones(7)}, "same number of samples.*sample_weight: 7"),
    ({"validation_data": (X, Y[:5])}, "same number of samples"),
    ({"validation_data": (X, Y, Y, Y)}, "tuple of length 4"),
    ({"y": Y[:7]}, "same number of samples.*x: 40.*y: 7"),
    ({"x": None}, "argument `x` is None"),
    ({"x": None, "y": None, "validation_split": 0.2}, "argument `x` is None|no data"),
    ({"x": X[:0], "y": Y[:0]}, "hold no samples"),
    ({"x": np.float32(3), "y": None}, "Unrecognized data type|scalar"),
    ({"x": np.array(3.0), "y": None}, "axis of samples"),
    ({"x": []}, "no data"),
    ({"x": {}}, "no data"),
    ({"x": "data.csv"}, "Unrecognized data type: str"),
    ({"x": np.array([["a", "b", "c"]] * 40)}, "holds text"),
    ({"x": pd.DataFrame({"a": ["u"] * 40, "b": [1] * 40})}, "cannot be converted to numbers"),
    ({"x": [[1.0, 2.0], [3.0]] * 20}, "one length|inhomogeneous"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG, ids=lambda v: v if isinstance(v, str) else "")
def test_wrong_arguments_change_nothing(arguments, text):
    model = compiled()[0]
    before = [np.array(w) for w in model.get_weights()]
    with pytest.raises(DataError, match=text):
        model.fit(**{"x": X, "y": Y, "verbose": 0, **arguments})
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert not model.training
    model.fit(X, Y, verbose=0)


def test_class_weight_without_targets():
    model = compiled()[0]
    with pytest.raises(DataError, match="`class_weight` needs targets"):
        model.fit(X, class_weight={0: 1.0}, verbose=0)


def test_unknown_keyword():
    with pytest.raises(TypeError, match=r"unexpected keyword arguments: \['epoch'\]. Did you mean 'epochs'"):
        compiled()[0].fit(X, Y, epoch=3)


def test_nb_epoch_of_keras_1():
    with pytest.warns(DeprecationWarning, match="`nb_epoch` is called `epochs`"):
        history = compiled()[0].fit(X, Y, nb_epoch=3, verbose=0)
    assert len(history.epoch) == 3


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_workers_of_keras_2_are_named_in_one_warning(method):
    model = compiled()[0]
    arguments = (X,) if method == "predict" else (X, Y)
    with pytest.warns(UserWarning, match="ignores") as caught:
        getattr(model, method)(*arguments, workers=2, use_multiprocessing=True, max_queue_size=3, verbose=0)
    assert len(caught) == 1
    assert all(
        name in str(caught[0].message) for name in ("workers", "use_multiprocessing", "max_queue_size")
    )
