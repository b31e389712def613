"""Logs are read from the device when somebody looks, and hold the values of their step."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import callbacks, layers, metrics
from kerastorch.training.logs import LazyLogs, to_float, to_floats
from tests.training.twins import rows

X, Y = rows(40)


class Counted(metrics.Metric):
    """Counts how often its result is asked for."""

    def __init__(self):
        super().__init__(name="counted")
        self.asked = 0
        self.updates = self.add_variable(shape=(), initializer="zeros", name="updates")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.updates.assign_add(1.0)

    def result(self):
        self.asked += 1
        return self.updates


def compiled():
    metric = Counted()
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[metric])
    return model, metric


def callback(function):
    return type("Hook", (callbacks.Callback,), {"on_train_batch_end": function})()


QUIET = {
    "no callback": [],
    "hook without a look": [callback(lambda self, batch, logs=None: None)],
    "other hooks": [callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: None)],
}


@pytest.mark.parametrize("name", list(QUIET))
def test_nothing_is_read_within_an_epoch_when_nobody_looks(name):
    model, metric = compiled()
    model.fit(X, Y, batch_size=2, epochs=3, callbacks=QUIET[name], verbose=0)
    assert metric.asked == 3


def test_looking_at_some_steps_reads_those():
    model, metric = compiled()
    look = callback(lambda self, batch, logs=None: logs["loss"] if batch % 10 == 0 else None)
    model.fit(X, Y, batch_size=2, callbacks=[look], verbose=0)
    assert metric.asked == 2 + 1


def test_two_looks_read_once():
    model, metric = compiled()
    look = callback(lambda self, batch, logs=None: (logs["loss"], dict(logs), logs.get("counted")))
    model.fit(X, Y, batch_size=8, callbacks=[look], verbose=0)
    assert metric.asked == 5 + 1


def test_kept_logs_hold_the_values_of_their_step():
    kept, read = [], []

    class Keep(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            kept.append(logs)

    class Read(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            read.append(dict(logs))

    for keeper in (Keep(), Read()):
        torch.manual_seed(0)
        kerastorch.utils.set_random_seed(0)
        model, _ = compiled()
        model.fit(X, Y, batch_size=8, shuffle=False, callbacks=[keeper], verbose=0)
    assert [dict(logs) for logs in kept] == read
    assert [logs["counted"] for logs in kept] == [1, 2, 3, 4, 5]
    assert len({logs["loss"] for logs in kept}) == 5


@pytest.mark.parametrize("keep", ["attribute", "list", "closure"])
def test_kept_by_any_means(keep):
    class Keep(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 0:
                if keep == "attribute":
                    self.kept = logs
                elif keep == "list":
                    self.kept = [[logs]]
                else:
                    self.kept = lambda: logs

    callback = Keep()
    model, _ = compiled()
    model.fit(X, Y, batch_size=8, callbacks=[callback], verbose=0)
    logs = (
        callback.kept if keep == "attribute" else callback.kept[0][0] if keep == "list" else callback.kept()
    )
    assert logs["counted"] == 1


def test_values_are_numbers_of_python():
    seen = []

    class Look(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append({key: type(value) for key, value in logs.items()})

        def on_epoch_end(self, epoch, logs=None):
            seen.append({key: type(value) for key, value in logs.items()})

    model, _ = compiled()
    model.fit(X, Y, callbacks=[Look()], validation_split=0.5, verbose=0)
    assert all(kind is float for types in seen for kind in types.values())


def test_overridden_step_gives_hooks_numbers():
    class Net(kerastorch.Sequential):
        def train_step(self, data):
            return {"mine": torch.tensor(2.5)}

    seen = []
    look = callback(lambda self, batch, logs=None: seen.append((type(logs["mine"]), logs["mine"])))
    model = Net([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=20, callbacks=[look], verbose=0)
    assert seen == [(float, 2.5)] * 2


def test_changed_logs_reach_later_callbacks():
    """As in Keras, a callback may add to the logs of an epoch."""

    class Add(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["rate"] = 0.5

    model, _ = compiled()
    history = model.fit(X, Y, epochs=2, callbacks=[Add()], verbose=0).history
    assert history["rate"] == [0.5, 0.5]


def lazy(values=None):
    calls = []

    def read():
        calls.append(1)
        return {"a": torch.tensor(1.5), "b": 2.0} if values is None else values

    return LazyLogs(read), calls


READS = {
    "item": lambda logs: logs["a"],
    "get": lambda logs: logs.get("a"),
    "default": lambda logs: logs.get("zz", 3),
    "in": lambda logs: "a" in logs,
    "len": len,
    "bool": bool,
    "iter": list,
    "keys": lambda logs: list(logs.keys()),
    "values": lambda logs: list(logs.values()),
    "items": lambda logs: list(logs.items()),
    "repr": repr,
    "dict": dict,
    "copy": lambda logs: logs.copy(),
    "unpack": lambda logs: {**logs},
    "or": lambda logs: logs | {"c": 1},
    "ror": lambda logs: {"c": 1} | logs,
    "equal": lambda logs: logs == {"a": 1.5, "b": 2.0},
    "not equal": lambda logs: logs != {"a": 1.5},
    "pop": lambda logs: logs.pop("a"),
    "pop default": lambda logs: logs.pop("zz", 1),
    "setdefault": lambda logs: logs.setdefault("a", 9),
    "update": lambda logs: (logs.update(c=3), dict(logs)),
    "set": lambda logs: (logs.__setitem__("c", 3), dict(logs)),
    "delete": lambda logs: (logs.__delitem__("a"), dict(logs)),
    "ior": lambda logs: (logs.__ior__({"c": 3}), dict(logs))[1],
    "popitem": lambda logs: logs.popitem(),
    "reversed": lambda logs: list(reversed(logs)),
    "clear": lambda logs: (logs.clear(), dict(logs))[1],
    "json": lambda logs: json.dumps(logs),
    "pickle": lambda logs: pickle.loads(pickle.dumps(logs)),
    "sorted": sorted,
    "format": lambda logs: f"{logs}",
    "keywords": lambda logs: (lambda **k: k)(**logs),
}


@pytest.mark.parametrize("name", list(READS))
def test_lazy_logs_are_a_dictionary(name):
    """Every way to look at them gives what it gives for a plain dictionary, and reads once."""
    logs, calls = lazy()
    assert not calls
    assert READS[name](logs) == READS[name]({"a": 1.5, "b": 2.0})
    READS["len"](logs)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.tensor(2.0), 2.0),
        (torch.tensor([3.0], requires_grad=True), 3.0),
        (np.float32(1.5), 1.5),
        (np.array([2]), 2),
        (4, 4),
        ("text", "text"),
    ],
    ids=str,
)
def test_to_float(value, expected):
    assert to_float(value) == expected
    assert to_floats({"v": value}) == {"v": expected}
    assert not isinstance(to_float(value), (torch.Tensor, np.generic))


def test_larger_values_become_arrays():
    np.testing.assert_array_equal(to_float(torch.arange(3)), np.arange(3))
