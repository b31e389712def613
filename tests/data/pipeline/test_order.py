"""Shuffling, repeating and cutting: the order of elements, and the short way over the rows of tables."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kerastorch.core.seeds import set_random_seed
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.errors import InvalidArgumentError


def values(dataset):
    return [element.tolist() for element in dataset]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda d: d.take(2), [0, 1]),
        (lambda d: d.take(-1), [0, 1, 2, 3, 4]),
        (lambda d: d.take(9), [0, 1, 2, 3, 4]),
        (lambda d: d.skip(3), [3, 4]),
        (lambda d: d.skip(-1), []),
        (lambda d: d.skip(9), []),
        (lambda d: d.shard(2, 1), [1, 3]),
        (lambda d: d.shard(3, 0), [0, 3]),
        (lambda d: d.repeat(2).take(7), [0, 1, 2, 3, 4, 0, 1]),
        (lambda d: d.repeat(0), []),
        (lambda d: d.repeat().take(6), [0, 1, 2, 3, 4, 0]),
        (lambda d: d.take(0).repeat(), []),
    ],
    ids=[
        "take",
        "take all",
        "take too many",
        "skip",
        "skip all",
        "skip too many",
        "shard",
        "shard 0",
        "repeat",
        "never",
        "for ever",
        "nothing for ever",
    ],
)
@pytest.mark.parametrize("source", ["range", "slices"])
def test_order_is_that_of_tensorflow(source, make, expected):
    dataset = Dataset.range(5) if source == "range" else Dataset.from_tensor_slices(np.arange(5))
    assert values(make(dataset)) == expected


def test_a_buffer_limits_how_far_elements_move_forward():
    order = values(Dataset.range(100).shuffle(10, seed=1))
    assert sorted(order) == list(range(100))
    assert all(value - place < 10 for place, value in enumerate(order))
    assert order != list(range(100))


def test_a_buffer_of_one_keeps_the_order():
    assert values(Dataset.range(9).shuffle(1)) == list(range(9))


STEPS = {
    "shuffle": st.tuples(st.integers(1, 40), st.one_of(st.none(), st.integers(0, 3)), st.booleans()),
    "take": st.tuples(st.integers(-1, 40)),
    "skip": st.tuples(st.integers(0, 10)),
    "repeat": st.tuples(st.integers(0, 3)),
}
pipelines = st.lists(
    st.sampled_from(sorted(STEPS)).flatmap(lambda name: st.tuples(st.just(name), STEPS[name])), max_size=4
)


def built(source, steps):
    for name, args in steps:
        source = getattr(source, name)(*args)
    return source


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 30), pipelines, st.integers(1, 7), st.booleans(), st.integers(0, 5))
def test_the_short_way_over_rows_gives_the_same(length, steps, size, drop, start):
    data = {
        "a": np.arange(length),
        "b": (np.arange(length * 2.0).reshape(length, 2), np.arange(length).astype("U")),
    }
    results = []
    for way in ("rows", "elements"):
        set_random_seed(3)
        source = Dataset.from_tensor_slices(data)
        if way == "elements":
            source = source.map(lambda element: element)
        dataset = built(source, steps).batch(size, drop)
        passes = []
        for _ in range(2):
            iterator = iter(dataset)
            iterator.skip(start)
            passes.append([(b["a"].tolist(), b["b"][0].tolist(), b["b"][1].tolist()) for b in iterator])
        results.append(passes)
        assert (dataset.stage.source.table is None) == (way == "elements")
    assert results[0] == results[1]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 30), pipelines, st.integers(1, 7), st.booleans())
def test_the_cardinality_is_the_number_of_elements_each_time(length, steps, size, drop):
    dataset = built(Dataset.range(length), steps).batch(size, drop)
    assert len(list(dataset)) == len(list(dataset)) == len(dataset) == dataset.cardinality()


def test_without_a_seed_the_order_comes_from_the_global_generator():
    dataset = Dataset.range(50).shuffle(50)
    set_random_seed(7)
    first, second = values(dataset), values(dataset)
    set_random_seed(7)
    assert [values(dataset), values(dataset)] == [first, second]
    assert first != second


def test_drawing_while_iterating_does_not_change_the_order():
    dataset = Dataset.range(50).shuffle(5)
    set_random_seed(7)
    undisturbed = values(dataset)
    set_random_seed(7)
    assert [element.tolist() for element in dataset if torch.rand(()) < 2] == undisturbed


def test_two_shuffles_of_one_pipeline_differ():
    pairs = list(Dataset.zip(Dataset.range(50).shuffle(50), Dataset.range(50).shuffle(50)))
    assert any(a != b for a, b in pairs)


@pytest.mark.parametrize("seed", [None, 5])
def test_reshuffling_can_be_turned_off(seed):
    dataset = Dataset.range(50).shuffle(50, seed=seed, reshuffle_each_iteration=False)
    once = values(dataset)
    assert values(dataset) == once
    assert values(dataset.repeat(2)) == once * 2


def test_a_seed_fixes_the_order_of_each_iteration():
    def three():
        dataset = Dataset.range(50).shuffle(50, seed=5)
        return [values(dataset) for _ in range(3)]

    first = three()
    assert first == three()
    assert first[0] != first[1] != first[2] != first[0]


def test_a_repeat_counts_its_passes_as_iterations():
    dataset = Dataset.range(20).shuffle(20, seed=5)
    orders = [values(dataset) for _ in range(6)]
    repeated = dataset.repeat(3)
    assert values(repeated) == list(chain(*orders[:3]))
    assert values(repeated) == list(chain(*orders[3:]))


def test_the_number_of_the_iteration_can_be_set():
    orders = [values(d) for d in [Dataset.range(20).shuffle(20, seed=5)] for _ in range(3)]
    dataset = Dataset.range(20).shuffle(20, seed=5)
    dataset.set_iteration(2)
    assert dataset.iteration == 2
    assert values(dataset) == orders[2]
    assert dataset.iteration == 3


@pytest.mark.parametrize("calls", [None, 3])
def test_skipping_goes_on_where_an_iteration_would_be(calls):
    def pipeline():
        data = Dataset.from_tensor_slices((np.arange(40), np.arange(40) * 2.0)).shuffle(40, seed=1).batch(3)
        return data.map(lambda x, y: (x + 1, y), num_parallel_calls=calls).prefetch(2)

    whole = [x.tolist() for x, _ in pipeline()]
    iterator = iter(pipeline())
    iterator.skip(4)
    rest = [next(iterator)[0].tolist()]
    iterator.skip(2)
    rest += [x.tolist() for x, _ in iterator]
    assert rest == whole[4:5] + whole[7:]


def test_skipping_calls_no_function():
    seen = []
    iterator = iter(Dataset.range(10).map(lambda x: seen.append(int(x)) or x))
    iterator.skip(8)
    assert [x.tolist() for x in iterator] == seen == [8, 9]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda d: d.shuffle(0), "`buffer_size` must be at least 1"),
        (lambda d: d.batch(0), "`batch_size` must be at least 1"),
        (lambda d: d.take(1.5), "`count` must be an integer"),
        (lambda d: d.shard(2, 2), "`index` must be below num_shards=2"),
        (lambda d: d.map(3), "`map_func` must be a function"),
        (lambda d: d.map(abs, num_parallel_calls=0), "`num_parallel_calls` must be positive"),
    ],
    ids=["shuffle", "batch", "take", "shard", "map", "calls"],
)
def test_impossible_arguments_are_named(call, match):
    with pytest.raises(InvalidArgumentError, match=match):
        call(Dataset.range(3))
