"""The hooks of several callbacks: which are called, in which order, with what."""

from __future__ import annotations

import sys

import keras
import numpy as np
import pytest
import torch
from torch.nn.parallel import DistributedDataParallel

from kerastorch.callbacks import Callback, CallbackList, History, LambdaCallback, ProgbarLogger
from kerastorch.callbacks.callback import HOOKS
from kerastorch.errors import InvalidArgumentError


class Model:
    history = None


def recorder(base, names, events, label):
    """A callback class that notes the calls of the given hooks."""

    def hook(name):
        def call(self, *args, **kwargs):
            events.append((label, name, *(a for a in args if not isinstance(a, dict))))

        return call

    return type("Recorder", (base,), {name: hook(name) for name in names})()


def run(callbacks):
    """All hooks in the order of a `fit` with validation, an `evaluate` and a `predict`."""
    callbacks.on_train_begin()
    for epoch in range(2):
        callbacks.on_epoch_begin(epoch)
        for batch in range(2):
            callbacks.on_train_batch_begin(batch)
            callbacks.on_train_batch_end(batch, {"loss": 0.5})
        callbacks.on_test_begin()
        callbacks.on_test_batch_begin(0)
        callbacks.on_test_batch_end(0, {"loss": 0.5})
        callbacks.on_test_end({"loss": 0.5})
        callbacks.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 0.25})
    callbacks.on_batch_begin(5)
    callbacks.on_batch_end(5, {"loss": 0.5})
    callbacks.on_train_end({"loss": 0.5})
    callbacks.on_predict_begin()
    callbacks.on_predict_batch_begin(0)
    callbacks.on_predict_batch_end(0, {"outputs": np.zeros((2, 3))})
    callbacks.on_predict_end()


OVERRIDES = {
    "all": list(HOOKS),
    "new names": ["on_train_batch_begin", "on_train_batch_end", "on_epoch_end"],
    "old names": ["on_batch_begin", "on_batch_end"],
    "one of each": ["on_batch_begin", "on_train_batch_end"],
    "evaluation": ["on_test_begin", "on_test_batch_end"],
    "nothing": [],
}


@pytest.mark.parametrize("first", OVERRIDES)
@pytest.mark.parametrize("second", OVERRIDES)
def test_the_order_of_calls_is_that_of_keras(first, second):
    seen = []
    for base, make in ((Callback, CallbackList), (keras.callbacks.Callback, keras.callbacks.CallbackList)):
        events: list = []
        callbacks = [recorder(base, OVERRIDES[name], events, name) for name in (first, second)]
        run(make(callbacks, model=Model(), epochs=2))
        seen.append(events)
    assert seen[0] == seen[1]
    assert bool(seen[0]) == (not first == second == "nothing")


def test_hook_names_are_those_of_keras():
    assert set(HOOKS) == {name for name in vars(keras.callbacks.Callback) if name.startswith("on_")}


@pytest.mark.parametrize(
    "given",
    [[], ["user"], ["history", "user"], ["progbar", "user"], ["user", "progbar", "history"]],
    ids=lambda given: "+".join(given) or "none",
)
@pytest.mark.parametrize(("add_history", "add_progbar"), [(True, True), (False, True), (True, False)])
def test_default_callbacks_stand_where_keras_puts_them(given, add_history, add_progbar):
    orders = []
    for home in (sys.modules["kerastorch.callbacks"], keras.callbacks):
        kinds = {"user": home.Callback, "history": home.History, "progbar": home.ProgbarLogger}
        callbacks = home.CallbackList(
            [kinds[name]() for name in given], add_history=add_history, add_progbar=add_progbar
        )
        orders.append([type(callback).__name__ for callback in callbacks.callbacks])
    assert orders[0] == orders[1]


def test_a_callback_that_comes_twice_is_called_once():
    events: list = []
    callback = recorder(Callback, ["on_train_begin"], events, "a")
    callbacks = CallbackList([callback, [callback]])
    callbacks.append(callback)
    callbacks.on_train_begin()
    assert events == [("a", "on_train_begin")]


def test_a_single_callback_needs_no_list():
    history = History()
    assert list(CallbackList(history)) == [history]


def test_model_and_params_reach_every_callback_and_the_model_its_history():
    model, callback = Model(), Callback()
    callbacks = CallbackList([callback], add_history=True, model=model, epochs=3, steps=7)
    later = Callback()
    callbacks.append(later)
    assert callback.model is later.model is callbacks.model is model
    assert callback.params == later.params == {"epochs": 3, "steps": 7}
    assert isinstance(model.history, History)


def test_a_subclass_need_not_call_the_constructor_of_the_base():
    class Bare(Callback):
        def __init__(self):
            self.seen = []

        def on_epoch_end(self, epoch, logs):
            self.seen.append((epoch, logs))

    bare = Bare()
    assert bare.model is None
    assert bare.params is None
    CallbackList([bare], model=Model()).on_epoch_end(1, {"loss": 0.5})
    assert bare.seen == [(1, {"loss": 0.5})]


def test_any_object_with_hooks_is_a_callback():
    class Foreign:
        def on_train_batch_end(self, batch, logs):
            self.seen = batch, logs

    foreign = Foreign()
    run(CallbackList([foreign], model=Model(), epochs=1))
    assert foreign.seen == (1, {"loss": 0.5})


def test_callbacks_of_keras_itself_work():
    events: list = []
    callback = recorder(keras.callbacks.Callback, ["on_train_batch_end"], events, "keras")
    callbacks = CallbackList([callback], model=Model())
    assert [len(hooks) for hooks in (*callbacks.wants_train_batch, *callbacks.wants_test_batch)] == [
        0,
        1,
        0,
        0,
    ]
    callbacks.on_train_batch_end(3, {"loss": 0.5})
    assert events == [("keras", "on_train_batch_end", 3)]


def test_model_can_be_set_as_an_attribute_and_loses_the_wrapper_of_ddp():
    callback, inner = Callback(), torch.nn.Linear(1, 1)
    wrapper = DistributedDataParallel.__new__(DistributedDataParallel)
    torch.nn.Module.__init__(wrapper)
    wrapper.module = inner
    callback.model = wrapper
    assert callback.model is inner


def _positional(seen):
    return lambda batch, logs: seen.append((batch, logs))


def _other_names(seen):
    return lambda b, values: seen.append((b, values))


def _keyword_only(seen):
    def hook(batch, *, logs=None):
        seen.append((batch, logs))

    return hook


def _keywords(seen):
    return lambda batch, **kwargs: seen.append((batch, kwargs["logs"]))


def _star(seen):
    return lambda *args: seen.append(args)


@pytest.mark.parametrize("make", [_positional, _other_names, _keyword_only, _keywords, _star])
def test_hooks_of_every_signature_receive_number_and_logs(make):
    seen: list = []
    callbacks = CallbackList([LambdaCallback(on_epoch_end=make(seen), on_train_batch_end=make(seen))])
    callbacks.on_train_batch_end(2, {"loss": 0.5})
    callbacks.on_epoch_end(3, {"loss": 0.25})
    assert seen == [(2, {"loss": 0.5}), (3, {"loss": 0.25})]


def test_steps_need_no_call_where_no_callback_overrides_their_hooks():
    callbacks = CallbackList([History(), LambdaCallback(on_epoch_end=print)], model=Model(), epochs=1)
    lists = (*callbacks.wants_train_batch, *callbacks.wants_test_batch, *callbacks.wants_predict_batch)
    assert not any(lists)


def test_the_lists_of_step_hooks_follow_the_callbacks():
    callbacks = CallbackList([History()])
    begin, end = callbacks.wants_train_batch
    callbacks.append(ProgbarLogger())
    assert (len(begin), len(end)) == (0, 1)
    assert [len(hooks) for hooks in callbacks.wants_test_batch] == [0, 1]
    assert [len(hooks) for hooks in callbacks.wants_predict_batch] == [0, 1]


def test_a_hook_set_at_the_begin_of_training_is_called():
    seen: list = []

    class Late(Callback):
        def on_train_begin(self, logs=None):
            self.on_train_batch_end = lambda batch, logs: seen.append(batch)

    callbacks = CallbackList([Late()])
    callbacks.on_train_begin()
    callbacks.on_train_batch_end(4)
    assert seen == [4]


def test_a_method_that_calls_its_base_also_runs_the_old_name():
    seen: list = []

    class Both(Callback):
        def on_batch_end(self, batch, logs=None):
            seen.append("old")

        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            seen.append("new")

    CallbackList([Both()]).on_train_batch_end(0, {})
    assert seen == ["old", "new"]


VALUES = {
    "float": (0.5, 0.5),
    "integer": (2, 2.0),
    "tensor": (torch.tensor(0.25), 0.25),
    "gradient": (torch.tensor(0.25, requires_grad=True) * 2, 0.5),
    "array": (np.array([0.75]), 0.75),
    "numpy scalar": (np.float32(0.5), 0.5),
    "text": ("12", "12"),
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("hook", ["on_epoch_end", "on_train_batch_end", "on_test_batch_end"])
def test_values_of_logs_are_python_floats(kind, hook):
    seen: list = []
    given, expected = VALUES[kind]
    getattr(CallbackList([LambdaCallback(**{hook: lambda _, logs: seen.append(logs)})]), hook)(
        0, {"x": given}
    )
    assert seen == [{"x": expected}]
    assert type(seen[0]["x"]) is type(expected)


def test_logs_keep_their_order_and_nested_ones_are_merged():
    seen: list = []
    callbacks = CallbackList([LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs))])
    callbacks.on_epoch_end(0, {"loss": 1, "acc": {"a_acc": 0.5, "b_acc": 0.25}})
    assert list(seen[0].items()) == [("loss", 1.0), ("a_acc", 0.5), ("b_acc", 0.25)]


def test_missing_logs_are_an_empty_dictionary():
    seen: list = []
    callbacks = CallbackList(
        [
            LambdaCallback(
                on_train_begin=seen.append,
                on_epoch_begin=lambda epoch, logs: seen.append(logs),
                on_train_batch_begin=lambda batch, logs: seen.append(logs),
                on_predict_batch_begin=lambda batch, logs: seen.append(logs),
            )
        ]
    )
    run(callbacks)
    assert seen == [{}] * 8


class Unread(dict):
    """Logs that must not be looked at."""

    def items(self):
        raise AssertionError("the logs were read")

    __getitem__ = __iter__ = keys = values = get = items


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_test_batch_end", "on_epoch_end"])
def test_logs_that_convert_themselves_are_passed_on_unread(hook):
    seen: list = []
    logs = Unread(loss=1)
    getattr(CallbackList([LambdaCallback(**{hook: lambda _, logs: seen.append(logs)})]), hook)(0, logs)
    assert seen[0] is logs


def test_outputs_of_predict_stay_as_they_are():
    seen: list = []
    outputs = np.ones((1, 1))
    callbacks = CallbackList([LambdaCallback(on_predict_batch_end=lambda batch, logs: seen.append(logs))])
    callbacks.on_predict_batch_end(0, {"outputs": outputs})
    assert seen[0]["outputs"] is outputs


def test_what_a_callback_adds_to_the_logs_is_recorded_after_it():
    def add(epoch, logs):
        logs["lr"] = 0.125

    callbacks = CallbackList([LambdaCallback(on_epoch_end=add)], add_history=True, model=Model())
    callbacks.on_epoch_end(0, {"loss": 0.5})
    assert callbacks.model.history.history == {"loss": [0.5], "lr": [0.125]}


@pytest.mark.parametrize("phase", ["train", "test", "predict"])
def test_an_end_without_a_begin_is_an_error(phase):
    with pytest.raises(InvalidArgumentError, match=f"`on_{phase}_end` was called without `on_{phase}_begin`"):
        getattr(CallbackList(), f"on_{phase}_end")()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (History, r"must hold instances of .*Pass an instance: `History\(\)`"),
        ([None], "must hold instances of .*Received: None"),
        ("history", "must hold instances of .*Received: 'history'"),
        ([History(), 3], "must hold instances of .*Received: 3"),
    ],
)
def test_what_is_no_callback_is_refused(wrong, message):
    with pytest.raises(InvalidArgumentError, match=message):
        CallbackList(wrong)


@pytest.mark.parametrize(
    ("hook", "args"),
    [("on_train_begin", ()), ("on_epoch_end", (0,)), ("on_train_batch_end", (0, {"loss": 1.0}))],
)
def test_an_error_of_a_callback_keeps_its_type_and_names_the_callback(hook, args):
    def fail(*args):
        raise ZeroDivisionError("in the callback")

    callbacks = CallbackList([ProgbarLogger(), LambdaCallback(**{hook: fail})])
    with pytest.raises(ZeroDivisionError, match="in the callback") as caught:
        getattr(callbacks, hook)(*args)
    assert caught.traceback[-1].name == "fail"
    notes = [f"Raised by the callback LambdaCallback in `{hook}`."] if sys.version_info >= (3, 11) else []
    assert getattr(caught.value, "__notes__", []) == notes
