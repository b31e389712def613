"""Users' functions in a pipeline: what they get and give, threads, errors and the order of results."""

from __future__ import annotations

import threading
import time
import traceback

import numpy as np
import pytest
import torch

from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.options import Options
from kerastorch.data.pipeline.spec import AUTOTUNE, TensorSpec
from kerastorch.errors import ArgumentTypeError, DataError


def values(dataset):
    return [element.tolist() for element in dataset]


@pytest.mark.parametrize("calls", [None, 1, 3, AUTOTUNE])
def test_map_keeps_the_order(calls):
    def slow_first(x):
        time.sleep(0.01 if x % 4 == 0 else 0)
        return x * 10

    assert values(Dataset.range(12).map(slow_first, num_parallel_calls=calls)) == list(range(0, 120, 10))


def test_tuples_are_unpacked_and_dictionaries_are_not():
    pairs = Dataset.from_tensor_slices(([1, 2], [3, 4]))
    assert values(pairs.map(lambda x, y: x + y)) == [4, 6]
    dictionaries = pairs.map(lambda x, y: {"x": x, "y": y})
    assert values(dictionaries.map(lambda element: element["x"] * element["y"])) == [3, 8]


@pytest.mark.parametrize(
    ("result", "dtype", "expected"),
    [
        (3, torch.int32, 3),
        (0.5, torch.float32, 0.5),
        (np.float64(0.5), torch.float64, 0.5),
        ([1, 2], torch.int32, [1, 2]),
        ([torch.tensor(1), torch.tensor(2)], torch.int64, [1, 2]),
        (np.zeros(1), torch.float64, [0]),
    ],
    ids=["int", "float", "numpy", "list", "tensors", "array"],
)
def test_results_become_tensors(result, dtype, expected):
    dataset = Dataset.range(1).map(lambda x: result)
    element = dataset.get_single_element()
    assert element.dtype == dtype
    assert element.tolist() == expected
    assert dataset.element_spec == TensorSpec(element.shape, dtype)


def test_results_carry_no_gradients():
    weight = torch.ones((), requires_grad=True)
    assert not Dataset.range(1).map(lambda x: x * weight).get_single_element().requires_grad


def test_out_of_order_results_are_allowed_where_asked_for():
    gate = threading.Event()

    def first_last(x):
        if x == 0:
            gate.wait(10)
        if x == 1:
            gate.set()
        return x

    dataset = Dataset.range(2).map(first_last, num_parallel_calls=2, deterministic=False)
    assert sorted(values(dataset)) == [0, 1]
    options = Options()
    options.deterministic = False
    assert sorted(values(Dataset.range(9).map(abs, num_parallel_calls=2).with_options(options))) == list(
        range(9)
    )


def test_few_elements_are_begun_ahead_of_the_reader():
    taken = []
    dataset = Dataset.from_generator(lambda: (taken.append(i) or i for i in range(1000)))
    next(iter(dataset.map(lambda x: x, num_parallel_calls=2)))
    assert len(taken) <= 6


def failing(x):
    if x == 2:
        raise KeyError("two")
    return x


@pytest.mark.parametrize("calls", [None, 2])
@pytest.mark.parametrize("ahead", [0, 2])
def test_an_error_keeps_its_type_and_says_where(calls, ahead):
    dataset = Dataset.range(5).map(failing, num_parallel_calls=calls).prefetch(ahead)
    with pytest.raises(KeyError, match="two") as caught:
        list(dataset)
    assert caught.value.__notes__ == ["Raised in Dataset.map(failing), element 2."]
    assert "failing" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_an_error_of_a_generator_says_where():
    def numbers():
        yield 0
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk") as caught:
        list(Dataset.from_generator(numbers))
    assert caught.value.__notes__ == ["Raised in Dataset.from_generator, element 1."]


def test_the_end_of_an_iterator_inside_a_function_is_an_error():
    with pytest.raises(RuntimeError, match=r"StopIteration was raised in Dataset.map\(<lambda>\), element 0"):
        list(Dataset.range(3).map(lambda x: next(iter(()))))


@pytest.mark.parametrize("calls", [None, 2])
def test_errors_can_be_ignored(calls):
    dataset = Dataset.range(5).map(failing, num_parallel_calls=calls)
    assert values(dataset.ignore_errors()) == [0, 1, 3, 4]
    with pytest.warns(UserWarning, match=r"Dataset.map\(failing\) fails on element 2, which is left out"):
        list(dataset.ignore_errors(log_warning=True))
    with pytest.raises(KeyError, match="two"):
        list(dataset)


def test_filter_and_take_while():
    assert values(Dataset.range(6).filter(lambda x: x % 2 == 0)) == [0, 2, 4]
    assert values(Dataset.range(6).take_while(lambda x: x != 3)) == [0, 1, 2]
    pairs = Dataset.from_tensor_slices(([1, 2], ["a", "b"]))
    assert [x.item() for x, _ in pairs.filter(lambda x, text: text == "b")] == [2]
    with pytest.raises(ArgumentTypeError, match="must return one boolean"):
        list(pairs.filter(lambda x, text: torch.ones(2)))


def test_flat_map_goes_through_one_dataset_after_the_other():
    dataset = Dataset.range(1, 4).flat_map(lambda n: Dataset.from_tensors(n).repeat(int(n)))
    assert values(dataset) == [1, 2, 2, 3, 3, 3]
    assert dataset.element_spec == TensorSpec((), "int64")
    with pytest.raises(DataError, match="function given to `flat_map` returns must be a Dataset"):
        list(Dataset.range(2).flat_map(lambda n: n))


@pytest.mark.parametrize("calls", [None, 2, AUTOTUNE])
def test_interleave_takes_blocks_in_turn(calls):
    dataset = Dataset.range(1, 6).interleave(
        lambda x: Dataset.from_tensors(x).repeat(6), cycle_length=2, block_length=4, num_parallel_calls=calls
    )
    expected = "1111 2222 11 22 3333 4444 33 44 5555 55"
    assert values(dataset) == [int(digit) for digit in expected.replace(" ", "")]


def test_unseeded_shuffles_of_inner_datasets_differ():
    inner = Dataset.range(20)
    dataset = Dataset.range(2).flat_map(lambda n: inner.shuffle(20).batch(20))
    first, second = values(dataset)
    assert sorted(first) == sorted(second)
    assert first != second


def test_scan_and_reduce_pass_a_state_on():
    assert values(Dataset.range(5).scan(0, lambda state, x: (state + x, state + x))) == [0, 1, 3, 6, 10]
    assert Dataset.range(5).reduce(0, lambda state, x: state + x) == 10
    total, count = Dataset.range(5).reduce((0.0, 0), lambda state, x: (state[0] + x, state[1] + 1))
    assert (total.item(), count.item()) == (10, 5)
    with pytest.raises(ArgumentTypeError, match="must return a new state and an output"):
        list(Dataset.range(5).scan(0, lambda state, x: state))


def test_apply_calls_a_function_on_the_dataset():
    assert values(Dataset.range(5).apply(lambda dataset: dataset.take(2))) == [0, 1]
    with pytest.raises(ArgumentTypeError, match="must return a Dataset"):
        Dataset.range(5).apply(list)


def test_the_varying_axis_of_batches_stays_varying_behind_map():
    batches = Dataset.from_tensor_slices((np.zeros((5, 3)), np.zeros(5))).batch(2)
    spec = batches.map(lambda x, y: (x[:, :2], y.sum())).element_spec
    assert spec == (TensorSpec((None, 2), "float64"), TensorSpec((), "float64"))


def test_asking_for_the_spec_is_no_iteration():
    dataset = Dataset.range(9).shuffle(9, seed=1).map(lambda x: x)
    before = torch.random.get_rng_state()
    assert dataset.element_spec == TensorSpec((), "int64")
    assert dataset.iteration == 0
    assert torch.equal(torch.random.get_rng_state(), before)
