"""Weights in several files are replaced all together: there is the old set or the new one, never some of each."""

from __future__ import annotations

import json
import os
import threading

import numpy as np
import pytest

import kerastorch
from kerastorch import layers
from kerastorch.saving import shards

KERNEL = 4 * 30 * 30  # bytes; each fills a file
NAMES = [f"a_{i:05}.weights.h5" for i in range(3)]
OTHERS = [f"a_{i:05}b.weights.h5" for i in range(3)]


def network(value):
    dense = [layers.Dense(30, use_bias=False) for _ in range(3)]
    model = kerastorch.Sequential([kerastorch.Input((30,)), *dense])
    model.set_weights([np.full((30, 30), value)] * 3)
    return model


def save(value, folder):
    network(value).save_weights(folder / "a.weights.json", max_shard_size=KERNEL / 1024**3)


def value_in(folder):
    model = network(0)
    model.load_weights(folder / "a.weights.json")
    (value,) = {float(value) for weight in model.get_weights() for value in np.unique(weight)}
    return value


def test_sets_take_turns_and_one_is_left(tmp_path):
    for value, names in enumerate([NAMES, OTHERS, NAMES]):
        save(value, tmp_path)
        assert sorted(os.listdir(tmp_path)) == ["a.weights.json", *names]
        assert value_in(tmp_path) == value


def test_a_smaller_set_leaves_nothing_of_a_larger_one(tmp_path):
    save(1, tmp_path)
    network(2).save_weights(tmp_path / "a.weights.json")
    assert sorted(os.listdir(tmp_path)) == ["a.weights.json", OTHERS[0]]


@pytest.mark.parametrize("moved", range(4))
def test_a_move_that_fails_leaves_the_old_set(moved, tmp_path, monkeypatch):
    save(1, tmp_path)
    put, left = shards.put, [None] * moved

    def failing(file, target):
        if not left:
            raise OSError("no more")
        left.pop()
        put(file, target)

    with monkeypatch.context() as patch:
        patch.setattr(shards, "put", failing)
        with pytest.raises(OSError, match="no more"):
            save(2, tmp_path)
    assert value_in(tmp_path) == 1
    save(3, tmp_path)
    assert value_in(tmp_path) == 3
    assert sorted(os.listdir(tmp_path)) == ["a.weights.json", *OTHERS]


def test_who_reads_while_the_set_is_replaced_gets_the_new_one(tmp_path, monkeypatch):
    save(1, tmp_path)
    stored_arrays, replaced = shards.stored_arrays, []

    def replacing(file, label):
        if not replaced:
            replaced.append(file)
            save(2, tmp_path)
        return stored_arrays(file, label)

    monkeypatch.setattr(shards, "stored_arrays", replacing)
    assert value_in(tmp_path) == 2
    assert replaced


def test_two_who_write_at_once_leave_one_set(tmp_path):
    def write(values):
        for value in values:
            save(value, tmp_path)

    threads = [threading.Thread(target=write, args=(range(start, start + 5),)) for start in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value_in(tmp_path) in (4, 14)
    assert len(os.listdir(tmp_path)) == 4


@pytest.mark.parametrize(
    "index", ["no json", '{"weight_map": 3}', json.dumps({"weight_map": {"/a": ["mine.weights.h5"]}})]
)
def test_files_of_others_stay(index, tmp_path):
    (tmp_path / "mine.weights.h5").write_text("mine")
    (tmp_path / "a.weights.json").write_text(index)
    save(1, tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["a.weights.json", *NAMES, "mine.weights.h5"]
    assert value_in(tmp_path) == 1
