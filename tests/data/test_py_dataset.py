"""Datasets that compute batches by number: their epochs, hooks and settings, and Keras 2's enqueuers."""

from __future__ import annotations

import inspect
import multiprocessing
import os
import random
import signal
import threading
import warnings
from itertools import islice

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch.core.seeds import set_random_seed
from kerastorch.data.enqueuers import GeneratorEnqueuer, OrderedEnqueuer, SequenceEnqueuer
from kerastorch.data.py_dataset import PyDataset, PyDatasetBatches
from kerastorch.errors import (
    DataError,
    InvalidArgumentError,
    MissingMethodError,
    UnknownArgumentError,
    WorkerError,
)

WAYS = {
    "inline": {"workers": 0},
    "one worker": {"workers": 1},
    "threads": {"workers": 2},
    "processes": {"workers": 2, "use_multiprocessing": True},
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def numbers(home, count=4):
    """A dataset class of one of the two libraries that notes which hooks are called."""

    class Numbers(home):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.calls = []
            self.offset = 0

        def __len__(self):
            return count

        def __getitem__(self, index):
            x = np.full((2, 3), self.offset + index, "float32")
            return x, x[:, :1]

        def on_epoch_begin(self):
            self.calls.append("begin")

        def on_epoch_end(self):
            self.calls.append("end")
            self.offset += 100

    return Numbers


def firsts(batches):
    return [int(x[0, 0]) for x, _ in batches]


@every_way
def test_batches_come_in_order_and_each_epoch_sees_what_its_hooks_changed(way):
    data = numbers(PyDataset)(**way)
    batches = PyDatasetBatches(data)
    assert [firsts(batches) for _ in range(3)] == [
        [0, 1, 2, 3],
        [100, 101, 102, 103],
        [200, 201, 202, 203],
    ]
    assert data.calls == ["begin", "end"] * 3


@every_way
def test_an_epoch_ends_with_its_last_batch_even_if_nothing_more_is_asked_for(way):
    data = numbers(PyDataset)(**way)
    epoch = iter(PyDatasetBatches(data))
    assert firsts(islice(epoch, 4)) == [0, 1, 2, 3]
    epoch.close()
    assert data.calls == ["begin", "end"]


@every_way
def test_an_epoch_that_is_left_has_no_end(way):
    data = numbers(PyDataset)(**way)
    epoch = iter(PyDatasetBatches(data))
    assert firsts(islice(epoch, 3)) == [0, 1, 2]
    epoch.close()
    assert data.calls == ["begin"]


def trained(library, data, **kwargs):
    """What a model of one of the two libraries is trained on, and the hooks that are called."""
    model = library.Sequential([library.Input((3,)), library.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    seen = []
    step = library.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    model.fit(data, verbose=0, callbacks=[step], **kwargs)
    return data.calls, seen, model.history.epoch


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_fit_calls_the_hooks_as_keras_does(workers):
    ours, theirs = (
        trained(library, numbers(home)(workers=workers), epochs=3, shuffle=False)
        for library, home in ((kerastorch, PyDataset), (keras, keras.utils.PyDataset))
    )
    # Keras looks at a first batch in an epoch of its own, to build the model; here the first step does that.
    assert ours[0] == ["begin", "end"] * 3 == theirs[0][2:]
    assert ours[1:] == theirs[1:]


@every_way
def test_fit_survives_a_broken_dataset(way):
    class Broken(numbers(PyDataset)):
        broken = True

        def __getitem__(self, index):
            if self.broken and index == 2:
                raise FileNotFoundError("image_2.png")
            return super().__getitem__(index)

    data = Broken()
    model = kerastorch.Sequential([kerastorch.Input((3,)), kerastorch.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(FileNotFoundError, match=r"image_2\.png"):
        model.fit(data, verbose=0, **way)
    data.broken = False
    assert len(model.fit(data, epochs=2, verbose=0, **way).history["loss"]) == 2
    assert multiprocessing.active_children() == []


def test_fit_survives_a_worker_that_is_killed():
    class Killed(numbers(PyDataset)):
        def __getitem__(self, index):
            if index == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__getitem__(index)

    model = kerastorch.Sequential([kerastorch.Input((3,)), kerastorch.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(WorkerError, match="was killed by SIGKILL"):
        model.fit(Killed(workers=2, use_multiprocessing=True), verbose=0)
    assert multiprocessing.active_children() == []
    assert model.predict(numbers(PyDataset)(), verbose=0).shape == (8, 1)


@every_way
def test_skipped_batches_are_not_computed(way):
    class Careful(numbers(PyDataset)):
        def __getitem__(self, index):
            assert index >= 2
            return super().__getitem__(index)

    data = Careful(**way)
    assert firsts(PyDatasetBatches(data).iterate(skip=2)) == [2, 3]
    assert data.calls == []  # whoever skips batches is inside an epoch


@every_way
def test_shuffling_permutes_the_batches_anew_each_epoch(way):
    data = numbers(PyDataset, 20)(**way)
    batches = PyDatasetBatches(data, shuffle=True)
    set_random_seed(3)
    first, second = firsts(batches), [number - 100 for number in firsts(batches)]
    set_random_seed(3)
    again = [number - 200 for number in firsts(batches)]
    assert sorted(first) == sorted(second) == list(range(20))
    assert first == again != second
    assert first != sorted(first)


def test_skipping_keeps_the_order_of_the_epoch():
    batches = PyDatasetBatches(range(10), shuffle=True, workers=0)
    set_random_seed(3)
    whole = list(batches)
    set_random_seed(3)
    assert list(batches.iterate(skip=4)) == whole[4:]


def test_the_random_numbers_of_an_epoch_are_drawn_when_it_begins():
    batches = PyDatasetBatches(range(10), shuffle=True, workers=0)
    set_random_seed(3)
    epoch = iter(batches)
    after = torch.get_rng_state()
    list(epoch)
    assert torch.equal(torch.get_rng_state(), after)


def test_augmentation_is_the_same_in_any_number_of_processes_and_another_one_each_epoch():
    class Noise(PyDataset):
        num_batches = 5

        def __getitem__(self, index):
            return random.random(), float(np.random.rand()), float(torch.rand(()))

    def two_epochs(workers):
        set_random_seed(3)
        batches = PyDatasetBatches(Noise(workers, True))
        return [*batches, *batches]

    assert two_epochs(1) == two_epochs(3)
    assert len(set(two_epochs(2))) == 10


@every_way
def test_an_endless_dataset_ends_with_stop_iteration(way):
    class Endless(numbers(PyDataset)):
        num_batches = None

        def __getitem__(self, index):
            if index == 7:
                raise StopIteration
            return super().__getitem__(index)

    data = Endless(**way)
    batches = PyDatasetBatches(data)
    assert batches.num_batches is None
    assert firsts(batches) == list(range(7))
    assert data.calls == ["begin", "end"]


def test_shuffling_leaves_an_endless_dataset_in_order():
    class Endless(numbers(PyDataset)):
        num_batches = None

    assert firsts(islice(PyDatasetBatches(Endless(), shuffle=True), 5)) == [0, 1, 2, 3, 4]


@every_way
def test_an_error_of_a_batch_reaches_the_caller_and_the_next_epoch_works(way):
    class Broken(numbers(PyDataset)):
        broken = True

        def __getitem__(self, index):
            if self.broken and index == 2:
                raise FileNotFoundError("image_2.png")
            return super().__getitem__(index)

    data = Broken(**way)
    batches = PyDatasetBatches(data)
    with pytest.raises(FileNotFoundError, match=r"image_2\.png"):
        list(batches)
    data.broken = False
    assert firsts(batches) == [0, 1, 2, 3]


def test_a_batch_that_is_none_is_an_error():
    with pytest.raises(
        DataError, match=r"`Nothing\.__getitem__` returned None\. Expected a batch: `x`, `\(x, y\)`"
    ):
        list(
            PyDatasetBatches(
                type("Nothing", (PyDataset,), {"num_batches": 1, "__getitem__": lambda *_: None})()
            )
        )


def test_no_batches_are_an_error():
    with pytest.raises(DataError, match=r"The Numbers has no batches: its length is 0\."):
        iter(PyDatasetBatches(numbers(PyDataset, 0)()))


def test_batches_are_made_ready():
    batches = PyDatasetBatches(numbers(PyDataset)(), prepare=lambda batch: batch[0].sum())
    assert list(batches) == [0, 6, 12, 18]


# The class itself ------------------------------------------------------------------------------------------------


def test_parameters_and_defaults_are_those_of_keras():
    ours, theirs = (
        {p.name: p.default for p in inspect.signature(home).parameters.values()}
        for home in (PyDataset, keras.utils.PyDataset)
    )
    ours.pop("kwargs")
    assert ours == theirs


@pytest.mark.parametrize("home", [PyDataset, keras.utils.PyDataset], ids=["ours", "theirs"])
def test_settings_can_be_read_and_set(home):
    data = numbers(home)(workers=3, use_multiprocessing=True, max_queue_size=5)
    assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (3, True, 5)
    data.workers, data.use_multiprocessing, data.max_queue_size = 2, False, 4
    assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (2, False, 4)
    assert data.num_batches == 4
    assert firsts(data) == [0, 1, 2, 3]


class WithoutSuper(PyDataset):
    """As Keras 2's guides write it."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return index


def test_a_constructor_need_not_call_that_of_the_base_class():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = WithoutSuper(3)
        assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (1, False, 10)
        assert list(PyDatasetBatches(data)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"worker": 2}, r"unexpected keyword arguments \['worker'\]\. Did you mean 'workers'\?"),
        ({"batch_size": 2}, r"'batch_size'.*must take its own arguments out of `\*\*kwargs`"),
    ],
    ids=["misspelt", "of the subclass"],
)
def test_unknown_keywords(arguments, text):
    with pytest.raises(UnknownArgumentError, match=text):
        PyDataset(**arguments)


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda data: data[0], r"must define `__getitem__\(self, index\)`"),
        (lambda data: data.num_batches, r"must define `__len__\(self\)`, or the property `num_batches`"),
        (list, "must define `__len__"),
    ],
    ids=["item", "length", "iteration"],
)
def test_methods_that_a_subclass_lacks(use, text):
    for home, error in ((PyDataset, MissingMethodError), (keras.utils.PyDataset, NotImplementedError)):
        with pytest.raises(NotImplementedError, match=text if home is PyDataset else None) as caught:
            use(home())
        assert isinstance(caught.value, error)


def test_settings_given_to_fit_win_over_those_of_the_dataset():
    class Threads(PyDataset):
        num_batches = 2

        def __getitem__(self, index):
            return threading.current_thread().name.partition("_")[0]

    main = threading.current_thread().name
    data = Threads(workers=0)
    assert list(PyDatasetBatches(data)) == [main] * 2
    assert list(PyDatasetBatches(data, workers=2)) == ["kerastorch-worker"] * 2
    with pytest.raises(InvalidArgumentError, match="max_queue_size=0"):
        list(PyDatasetBatches(data, workers=2, max_queue_size=0))


def test_a_dataset_of_keras_serves_as_well():
    data = numbers(keras.utils.PyDataset)(workers=2)
    assert firsts(PyDatasetBatches(data)) == [0, 1, 2, 3]
    assert data.calls == ["begin", "end"]


# Keras 2's enqueuers ---------------------------------------------------------------------------------------------


@every_way
def test_an_ordered_enqueuer_gives_epoch_after_epoch(way):
    data = numbers(PyDataset, 3)()
    enqueuer = OrderedEnqueuer(data, way.get("use_multiprocessing", False))
    assert not enqueuer.is_running()
    enqueuer.start(workers=way["workers"], max_queue_size=4)
    assert enqueuer.is_running()
    assert firsts(islice(enqueuer.get(), 7)) == [0, 1, 2, 100, 101, 102, 200]
    enqueuer.stop()
    assert not enqueuer.is_running()
    assert data.calls == ["begin", "end", "begin", "end", "begin"]


def test_an_ordered_enqueuer_shuffles_each_epoch():
    set_random_seed(1)
    with OrderedEnqueuer(range(20), shuffle=True) as enqueuer:
        enqueuer.start()
        first, second = (list(islice(enqueuer.get(), 20)) for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert not enqueuer.is_running()


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_a_generator_enqueuer_gives_what_the_generator_gives(workers):
    enqueuer = GeneratorEnqueuer(iter("abc"))
    enqueuer.start(workers)
    assert list(enqueuer.get()) == ["a", "b", "c"]
    enqueuer.stop()


def test_each_process_of_a_generator_enqueuer_has_a_generator_of_its_own():
    def generator():
        for number in range(50):
            yield number, float(np.random.rand())

    results = []
    for _ in range(2):
        with GeneratorEnqueuer(generator(), use_multiprocessing=True, random_seed=5) as enqueuer:
            enqueuer.start(workers=2)
            results.append(list(islice(enqueuer.get(), 6)))
    assert [number for number, _ in results[0]] == [0, 0, 1, 1, 2, 2]
    assert len({drawn for _, drawn in results[0]}) == 6
    assert results[0] == results[1]


def test_an_enqueuer_that_does_not_run_or_runs_already():
    enqueuer = OrderedEnqueuer(range(3))
    enqueuer.stop()
    with pytest.raises(
        InvalidArgumentError, match=r"This OrderedEnqueuer does not run\. Call `start\(\)` first"
    ):
        enqueuer.get()
    enqueuer.start()
    with pytest.raises(InvalidArgumentError, match=r"runs already\. Call `stop\(\)` first"):
        enqueuer.start()
    with pytest.raises(MissingMethodError, match="SequenceEnqueuer gives no batches"):
        SequenceEnqueuer(range(3)).start()


def test_what_cannot_be_sent_is_a_worker_error():
    class Lock(PyDataset):
        num_batches = 1

        def __getitem__(self, index):
            class Local(Exception):
                pass

            raise Local("here")

    with pytest.raises(WorkerError, match="Local: here"):
        list(PyDatasetBatches(Lock(1, True)))
