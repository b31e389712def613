"""An iterator that runs ahead of its consumer in one thread, and leaves nothing behind."""

from __future__ import annotations

import gc
import itertools
import threading
import traceback

import pytest

from kerastorch.data.prefetch import prefetched
from kerastorch.errors import InvalidArgumentError


@pytest.fixture(autouse=True)
def no_thread_stays():
    before = set(threading.enumerate())
    yield
    gc.collect()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("depth", [1, 2, 10])
def test_all_items_come_in_order(depth):
    assert list(prefetched(range(50), depth)) == list(range(50))


def test_the_source_runs_in_one_background_thread():
    names = list(prefetched((threading.current_thread().name for _ in range(5)), 2))
    assert set(names) == {"kerastorch-prefetch"}


def test_the_source_is_not_touched_before_the_first_item_is_asked_for():
    source = iter(range(3))
    prefetched(source, 2)
    assert list(source) == [0, 1, 2]


@pytest.mark.parametrize("depth", [1, 3])
def test_no_more_items_are_made_than_may_wait(depth):
    made, may_be_made = [], threading.Semaphore(0)

    def source():
        for number in itertools.count():
            made.append(number)
            may_be_made.release()
            yield number

    items = prefetched(source(), depth)
    assert next(items) == 0
    for _ in range(depth + 1):
        assert may_be_made.acquire(timeout=5)
    assert not may_be_made.acquire(timeout=0.05)
    assert made == list(range(depth + 1))
    items.close()


def broken():
    yield 1
    yield 2
    raise KeyError("the third item")


def test_an_exception_comes_in_its_place_with_the_traceback_of_the_source():
    items = prefetched(broken(), 5)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(KeyError, match="the third item") as caught:
        next(items)
    assert "broken" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert list(items) == []


def test_what_cannot_be_iterated_is_said_by_the_consumer():
    with pytest.raises(TypeError, match="not iterable"):
        next(prefetched(3, 1))


class Source:
    """An iterable that knows whether its iterator was closed, and where."""

    closed_in = None

    def __iter__(self):
        try:
            yield from itertools.count()
        finally:
            self.closed_in = threading.current_thread().name


def test_a_consumer_that_leaves_ends_the_thread_and_closes_the_iterator_there():
    source = Source()
    for item in prefetched(source, 3):
        if item == 5:
            break
    gc.collect()
    assert source.closed_in == "kerastorch-prefetch"


def test_a_given_iterator_stays_open_for_its_owner():
    owned = iter(Source())
    items = prefetched(owned, 1)
    assert next(items) == 0
    items.close()
    assert next(owned) in (1, 2)


def test_an_exception_of_the_consumer_ends_the_thread():
    def consume():
        for _ in prefetched(itertools.count(), 3):
            raise ValueError("in the step")

    with pytest.raises(ValueError, match="in the step"):
        consume()


def test_a_consumer_that_leaves_can_wake_the_thread():
    wake = threading.Event()

    def waits():
        yield 0
        wake.wait()

    items = prefetched(waits(), 2, on_leave=wake.set)
    assert next(items) == 0
    items.close()


def test_no_room_is_an_error_at_the_call():
    with pytest.raises(InvalidArgumentError, match=r"`depth` must be at least 1 item\. Received: depth=0"):
        prefetched([1], 0)
