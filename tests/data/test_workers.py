"""Items by number from threads and processes: their order, errors, random numbers, and what stays behind."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
import time
import traceback
from itertools import count
from multiprocessing import resource_tracker

import numpy as np
import pytest
import torch

from kerastorch.data.workers import items_in_order
from kerastorch.errors import InvalidArgumentError, WorkerError

WAYS = {
    "inline": {"workers": 0},
    "one worker": {"workers": 1},
    "threads": {"workers": 3},
    "one process": {"workers": 1, "use_multiprocessing": True},
    "processes": {"workers": 3, "use_multiprocessing": True},
    "processes, short queue": {"workers": 3, "use_multiprocessing": True, "max_queue_size": 1},
}
IN_PROCESSES = {name: way for name, way in WAYS.items() if "process" in name}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
every_process = pytest.mark.parametrize("way", IN_PROCESSES.values(), ids=IN_PROCESSES)


def open_files():
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(autouse=True)
def nothing_stays():
    """Fails the test that leaves a thread, a process or an open file behind."""
    resource_tracker.ensure_running()  # it has a file of its own, and stays
    threads, files = set(threading.enumerate()), open_files()
    yield
    assert set(threading.enumerate()) <= threads
    assert multiprocessing.active_children() == []
    assert open_files() <= files


class Source:
    """Item number `index` is what a function makes of it."""

    def __init__(self, function):
        self.function = function

    def __getitem__(self, index):
        return self.function(index)


def uneven(index):
    time.sleep(0.002 * (index % 3))
    return index


@every_way
@pytest.mark.parametrize("order", [range(12), [3, 1, 2], [], [5]], ids=str)
def test_items_come_in_order(way, order):
    assert list(items_in_order(Source(uneven), order, **way)) == list(order)


@every_way
def test_an_endless_order_ends_where_the_consumer_leaves(way):
    items = items_in_order(Source(uneven), count(), **way)
    assert [next(items) for _ in range(20)] == list(range(20))
    items.close()


def test_nothing_runs_before_the_first_item_is_asked_for():
    seen = []
    for way in WAYS.values():
        items_in_order(Source(seen.append), range(3), **way)
    assert seen == []


@every_way
def test_stop_iteration_ends_the_items(way):
    assert list(items_in_order(Source({0: "a", 1: "b"}.__getitem__), [0, 1], **way)) == ["a", "b"]

    def three(index):
        if index == 3:
            raise StopIteration
        return index

    assert list(items_in_order(Source(three), count(), **way)) == [0, 1, 2]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("multiprocessing", [False, True], ids=["threads", "processes"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
def test_no_more_items_are_in_flight_than_the_queue_may_hold(workers, multiprocessing, size):
    asked = []

    def order():
        for index in count():
            asked.append(index)
            yield index

    items = items_in_order(Source(uneven), order(), workers, multiprocessing, size)
    for taken in range(1, 15):
        next(items)
        assert len(asked) - taken <= size
    items.close()


def broken(index):
    if index == 2:
        raise KeyError("no such file", index)
    return index


@every_way
def test_an_exception_comes_in_its_place_with_its_traceback(way):
    items = items_in_order(Source(broken), range(9), **way)
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(KeyError, match=r"no such file.*2") as caught:
        next(items)
    assert caught.value.args == ("no such file", 2)
    text = "".join(traceback.format_exception(caught.value))
    assert "in broken" in text
    assert 'raise KeyError("no such file", index)' in text
    assert list(items) == []


class Unsendable(ValueError):
    def __init__(self, path, line):
        super().__init__(f"{path}:{line}")


@every_process
def test_an_exception_that_cannot_be_sent_is_named(way):
    def fails(index):
        raise Unsendable("data.csv", 3)

    with pytest.raises(WorkerError, match=r"Unsendable: data.csv:3"):
        next(items_in_order(Source(fails), [0], **way))


@every_process
def test_an_item_that_cannot_be_sent_is_an_error(way):
    with pytest.raises((AttributeError, TypeError), match=r"pickle"):
        next(items_in_order(Source(lambda index: lambda: index), [0], **way))


@every_process
@pytest.mark.parametrize(
    ("end", "text"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "was killed by SIGKILL .* short of memory"),
        (lambda: os._exit(3), "ended with code 3"),
    ],
    ids=["killed", "exit"],
)
def test_a_worker_that_dies_is_an_error(way, end, text):
    def dies(index):
        return end() if index == 4 else index

    items = items_in_order(Source(dies), range(9), **way)
    assert [next(items) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(WorkerError, match=text):
        next(items)


@every_process
def test_a_worker_that_is_killed_from_outside_is_an_error(way):
    items = items_in_order(Source(lambda index: os.getpid()), count(), **way)
    os.kill(next(items), signal.SIGKILL)
    with pytest.raises(WorkerError, match="was killed by SIGKILL"):
        for _ in items:
            pass


@every_process
def test_a_consumer_that_leaves_does_not_wait_for_slow_workers(way):
    items = items_in_order(Source(lambda index: time.sleep(60 * (index > 0))), count(), **way)
    next(items)
    items.close()


def test_processes_are_others_and_threads_are_not():
    for way in WAYS.values():
        owners = set(items_in_order(Source(lambda index: os.getpid()), range(6), **way))
        processes = way.get("use_multiprocessing", False)
        assert (os.getpid() in owners) is not processes
        assert len(owners) == (min(way["workers"], way.get("max_queue_size", 10)) if processes else 1)


def test_the_consumer_decides_what_ctrl_c_means():
    way = WAYS["processes"]
    handlers = list(
        items_in_order(Source(lambda index: str(signal.getsignal(signal.SIGINT))), range(3), **way)
    )
    assert handlers == [str(signal.SIG_IGN)] * 3


def test_ctrl_c_ends_the_workers():
    items = items_in_order(Source(lambda index: time.sleep(60 * (index > 1))), count(), 2, True)
    next(items)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        list(items)
    timer.join()


def drawn(index):
    return random.random(), float(np.random.rand()), float(torch.rand(()))


def test_random_numbers_are_those_of_seed_and_index_in_any_number_of_processes():
    one, three, again, other = (
        list(items_in_order(Source(drawn), range(6), workers, True, seed=seed))
        for workers, seed in ((1, 7), (3, 7), (3, 7), (3, 8))
    )
    assert one == three == again
    assert len({*one, *other}) == 12


def test_one_worker_draws_like_the_consumer_itself():
    results = []
    for way in (WAYS["inline"], WAYS["one worker"]):
        random.seed(3)
        np.random.seed(3)
        torch.manual_seed(3)
        results.append(list(items_in_order(Source(drawn), range(6), **way)))
    assert results[0] == results[1]


VALUES = {
    "array": np.arange(12.0).reshape(3, 4),
    "other order": np.asfortranarray(np.arange(12).reshape(3, 4)),
    "part": np.arange(12)[::2],
    "empty": np.zeros((0, 3), "float32"),
    "scalar": np.float32(2.5),
    "text": np.array(["a", "bc"]),
    "objects": np.array([{"a": 1}, None], dtype=object),
    "large": np.arange(300_000),
    "tensor": torch.arange(12.0).reshape(3, 4).t(),
    "bfloat16": torch.tensor([1.5, 2.5], dtype=torch.bfloat16),
    "tensor of one": torch.tensor(True),
    "empty tensor": torch.zeros(0, 3),
    "gradient": torch.ones(2, requires_grad=True),
    "bytes": b"text",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_values_arrive_as_they_were(value):
    (arrived,) = items_in_order(Source(lambda index: {"a": [value], "b": (value,)}), [0], 1, True)
    for copy in (arrived["a"][0], arrived["b"][0]):
        assert type(copy) is type(value)
        assert getattr(copy, "dtype", None) == getattr(value, "dtype", None)
        if isinstance(value, torch.Tensor):
            torch.testing.assert_close(copy, value)
            assert copy.requires_grad == value.requires_grad
        else:
            np.testing.assert_array_equal(copy, value)


def test_arrays_and_tensors_that_arrive_can_be_written():
    array, tensor = next(items_in_order(Source(lambda index: (np.zeros(3), torch.zeros(3))), [0], 1, True))
    array += 1
    tensor += 1
    assert array.tolist() == tensor.tolist() == [1, 1, 1]


@pytest.mark.slow  # a new interpreter loads torch
def test_another_way_to_start_processes(monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda allow_none=False: "spawn")
    assert list(items_in_order(["a", "b", "c"], [2, 0, 1], 1, True)) == ["c", "a", "b"]
    with pytest.raises(
        WorkerError, match=r"A Source cannot be sent to a worker process.*use_multiprocessing=False"
    ):
        next(items_in_order(Source(lambda index: index), [0], 1, True))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"workers": -1}, "`workers` must be an integer from 0 on. Received: workers=-1"),
        ({"workers": 1.5}, "workers=1.5"),
        ({"workers": 2, "max_queue_size": 0}, "`max_queue_size` must be an integer from 1 on"),
        ({"workers": 2, "max_queue_size": None}, "max_queue_size=None"),
    ],
    ids=["workers", "half a worker", "queue", "no queue"],
)
def test_settings_that_mean_nothing(settings, text):
    with pytest.raises(InvalidArgumentError, match=text):
        items_in_order([], [], **settings)
