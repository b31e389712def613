"""A callback made of functions."""

from __future__ import annotations

import inspect

import keras
import pytest

from kerastorch.callbacks import CallbackList, LambdaCallback
from kerastorch.callbacks.callback import HOOKS
from kerastorch.errors import InvalidArgumentError, UnknownArgumentError


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_can_be_a_function(name):
    seen: list = []
    callbacks = CallbackList([LambdaCallback(**{name: lambda *args: seen.append(args)})])
    args = (3, {"loss": 0.5}) if "batch" in name or "epoch" in name else ({"loss": 0.5},)
    if name.endswith("_end") and len(args) == 1:
        getattr(callbacks, name.replace("_end", "_begin"))()
    getattr(callbacks, name)(*args)
    assert seen == [args]


def test_parameters_come_in_the_order_of_keras():
    assert [*inspect.signature(LambdaCallback).parameters] == [
        *inspect.signature(keras.callbacks.LambdaCallback).parameters
    ]


def test_none_means_no_function():
    callbacks = CallbackList([LambdaCallback(on_epoch_end=None, on_batch_end=None)])
    callbacks.on_epoch_end(0, {})
    assert callbacks.wants_train_batch == ([], [])


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(UnknownArgumentError, match=r"'on_epoch_ends'.* Did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)


def test_what_cannot_be_called_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"`on_train_end` must be a function. Received: 3"):
        LambdaCallback(on_train_end=3)


def test_functions_of_other_names_become_methods():
    assert LambdaCallback(report=lambda: "said").report() == "said"
