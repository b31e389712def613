"""What `fit` returns."""

from __future__ import annotations

import copy
import json
import pickle

import pandas as pd
import pytest

from kerastorch.callbacks import CallbackList, History


class Model:
    history = None


def recorded(*epochs):
    model = Model()
    callbacks = CallbackList(add_history=True, model=model)
    callbacks.on_train_begin()
    for epoch, logs in enumerate(epochs):
        callbacks.on_epoch_end(epoch, logs)
    return model.history


def test_values_are_lists_in_the_order_of_the_logs():
    history = recorded({"loss": 2, "acc": 0.5}, {"loss": 1, "acc": 0.75, "val_loss": 3})
    assert list(history.history.items()) == [("loss", [2.0, 1.0]), ("acc", [0.5, 0.75]), ("val_loss", [3.0])]
    assert history.epoch == [0, 1]


def test_a_second_run_goes_on_with_the_lists_and_starts_epochs_anew():
    history = recorded({"loss": 2})
    history.on_train_begin()
    history.on_epoch_end(5, {"loss": 1.0})
    assert history.history["loss"] == [2.0, 1.0]
    assert history.epoch == [5]


@pytest.mark.parametrize("prefix", ["", "val_"])
@pytest.mark.parametrize(("stored", "asked"), [("acc", "accuracy"), ("accuracy", "acc")])
def test_acc_and_accuracy_find_each_other(prefix, stored, asked):
    values = recorded({prefix + stored: 0.5}).history
    assert values[prefix + asked] == values.get(prefix + asked) == [0.5]
    assert prefix + asked in values
    assert list(values) == [prefix + stored]


def test_where_both_names_exist_each_finds_its_own():
    values = recorded({"acc": 0.5, "accuracy": 0.25}).history
    assert (values["acc"], values["accuracy"]) == ([0.5], [0.25])


@pytest.mark.parametrize("key", ["acc", "val_accuracy", "lr", None, 3])
def test_other_missing_names_are_missing(key):
    values = recorded({"loss": 1.0}).history
    assert key not in values
    assert values.get(key, "none") == "none"
    with pytest.raises(KeyError, match=str(key)):
        values[key]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_keep_the_values_and_the_aliases(copied):
    values = copied(recorded({"loss": 1.0, "acc": 0.5}).history)
    assert values == {"loss": [1.0], "acc": [0.5]}
    assert values["accuracy"] == [0.5]


def test_the_values_are_an_ordinary_dictionary_to_json_and_pandas():
    values = recorded({"loss": 1.0, "acc": 0.5}).history
    assert json.loads(json.dumps(values)) == values
    assert list(pd.DataFrame(values).columns) == ["loss", "acc"]


def test_a_history_without_a_model_records_too():
    history = History()
    history.on_epoch_end(0, {"loss": 1.0})
    assert history.history == {"loss": [1.0]}
