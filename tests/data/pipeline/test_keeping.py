"""Caches, saved datasets and reading ahead: what is kept, for how long, and which threads end."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from itertools import islice

import numpy as np
import pytest
import torch

from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.spec import AUTOTUNE, TensorSpec
from kerastorch.errors import DataError


def values(dataset):
    return [element.tolist() for element in dataset]


def counted(length=3):
    """A dataset that tells which elements have been made."""
    made = []

    def numbers():
        for number in range(length):
            made.append(number)
            yield number

    return Dataset.from_generator(numbers), made


def our_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("kerastorch")]


@pytest.mark.parametrize("place", ["memory", "file"])
def test_a_cache_makes_elements_once(place, tmp_path):
    source, made = counted()
    dataset = source.cache(str(tmp_path / "kept") if place == "file" else "")
    assert values(dataset) == values(dataset) == values(dataset.repeat(2).take(3)) == [0, 1, 2]
    assert made == [0, 1, 2]
    iterator = iter(dataset)
    iterator.skip(2)
    assert values(iterator) == [2]


@pytest.mark.parametrize("place", ["memory", "file"])
def test_a_cache_holds_only_whole_iterations(place, tmp_path):
    source, made = counted()
    dataset = source.cache(str(tmp_path / "kept") if place == "file" else "")
    assert values(islice(dataset, 2)) == [0, 1]
    assert list(tmp_path.iterdir()) == []
    assert values(dataset) == [0, 1, 2]
    assert made == [0, 1, 0, 1, 2]


def test_a_cache_is_not_changed_through_its_elements():
    dataset = Dataset.from_tensor_slices(np.ones(2)).cache().map(lambda x: x.mul_(5))
    assert values(dataset) == values(dataset) == [5, 5]


def test_a_cache_filled_while_predicting_serves_training():
    dataset = Dataset.from_tensor_slices(np.ones(2)).map(lambda x: x * 2).cache()
    with torch.inference_mode():
        list(dataset)
    assert not any(element.is_inference() for element in dataset)


def rich():
    return Dataset.from_tensor_slices(
        {
            "text": ["a\0", "bé", ""],
            "half": torch.tensor([1.5, 2, 3], dtype=torch.bfloat16),
            "pair": (np.arange(6).reshape(3, 2), None),
            "flag": [True, False, True],
        }
    )


@pytest.mark.parametrize("size", [None, 2])
def test_files_keep_every_kind_of_element(size, tmp_path):
    dataset = rich() if size is None else rich().batch(size)
    dataset.save(tmp_path / "saved")
    loaded = Dataset.load(tmp_path / "saved")
    assert len(loaded) == len(dataset)
    for ours, theirs in zip(loaded, dataset, strict=True):
        assert ours.keys() == theirs.keys()
        assert ours["text"].tolist() == theirs["text"].tolist()
        assert ours["half"].dtype == torch.bfloat16
        assert torch.equal(ours["half"], theirs["half"])
        assert torch.equal(ours["pair"][0], theirs["pair"][0])
        assert ours["pair"][1] is None
        assert torch.equal(ours["flag"], theirs["flag"])
    assert loaded.element_spec["text"] == TensorSpec([size][: size is not None], "string")


def test_snapshots_and_loading_can_be_read_in_other_ways(tmp_path):
    source, made = counted()

    def backwards(shards):
        return shards.flat_map(lambda shard: shard).map(lambda x: -x)

    assert values(source.snapshot(tmp_path)) == [0, 1, 2]
    assert values(source.snapshot(tmp_path, reader_func=backwards)) == [0, -1, -2]
    assert values(Dataset.load(tmp_path, reader_func=backwards)) == [0, -1, -2]
    assert made == [0, 1, 2]


def test_an_empty_dataset_can_be_saved(tmp_path):
    Dataset.range(0).save(tmp_path)
    assert values(Dataset.load(tmp_path)) == []


@pytest.mark.parametrize("content", [None, b"", b"rubbish", b"                   1\n{}\n", b"1\n[]\n"])
def test_other_files_are_refused(content, tmp_path):
    if content is not None:
        (tmp_path / "elements.cache").write_bytes(content)
    match = "no saved dataset" if content is None else "no file of saved elements"
    with pytest.raises(DataError, match=match):
        Dataset.load(tmp_path)


def test_elements_of_one_file_are_alike(tmp_path):
    dataset = Dataset.from_generator(lambda: iter([1, "a"]))
    with pytest.raises(DataError, match="must have the same structure and types"):
        dataset.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [1, 3, AUTOTUNE])
def test_reading_ahead_gives_the_same(size):
    source, _made = counted(20)
    assert values(source.prefetch(size)) == values(source.prefetch(size)) == list(range(20))


def test_a_thread_reads_ahead_up_to_the_size():
    reached = threading.Event()

    def numbers():
        for number in range(100):
            made.append(number)
            if number == 4:
                reached.set()
            yield number

    made = []
    iterator = iter(Dataset.from_generator(numbers).prefetch(4))
    next(iterator)
    assert reached.wait(10)
    assert len(made) <= 6
    iterator.close()


PARALLEL = {
    "prefetch": lambda d: d.prefetch(2),
    "map": lambda d: d.map(lambda x: x, num_parallel_calls=2),
    "interleave": lambda d: d.interleave(lambda x: Dataset.counter(), 3, num_parallel_calls=2),
    "all": lambda d: (
        d.map(abs, num_parallel_calls=2).prefetch(2).batch(2).map(abs, num_parallel_calls=2).prefetch(1)
    ),
}


@pytest.mark.parametrize("stage", PARALLEL)
def test_threads_end_when_the_reader_leaves(stage):
    for element in PARALLEL[stage](Dataset.range(1000)):
        assert our_threads()
        del element
        break
    gc.collect()
    assert our_threads() == []


@pytest.mark.parametrize("stage", ["prefetch", "map", "all"])
def test_threads_end_with_the_data_and_with_an_error(stage):
    list(PARALLEL[stage](Dataset.range(9)))
    with pytest.raises(ZeroDivisionError, match="division"):
        list(PARALLEL[stage](Dataset.range(9).map(lambda x: 1 // 0)))
    gc.collect()
    assert our_threads() == []


def test_an_iterator_can_be_closed():
    iterator = iter(Dataset.range(1000).prefetch(2))
    next(iterator)
    iterator.close()
    assert our_threads() == []
    assert list(iterator) == []


def test_a_long_source_takes_little_memory(tmp_path):
    row = 10_000  # float64: 80 kB, 1000 of them 80 MB

    def rows():
        for number in range(1000):
            yield np.full(row, number, dtype=np.float64)

    dataset = (
        Dataset.from_generator(rows)
        .map(lambda x: x + 1, num_parallel_calls=2)
        .shuffle(2)
        .batch(2)
        .prefetch(1)
    )
    dataset = (
        dataset.unbatch().window(2).flat_map(lambda window: window.batch(2)).cache(str(tmp_path / "kept"))
    )
    list(dataset.take(2))
    gc.collect()
    for _ in range(2):
        tracemalloc.start()
        count = sum(1 for _ in dataset)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == 500
        assert peak < 80e6 / 100 * 4
