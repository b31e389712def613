"""`StringLookup` and `IntegerLookup`: vocabularies, `adapt`, inputs of all kinds, files, errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader

from kerastorch import Input
from kerastorch.core.ragged import RaggedTensor
from kerastorch.core.strings import StringTensor
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.errors import (
    ArgumentTypeError,
    InvalidArgumentError,
    MissingFileError,
    NoVocabularyError,
    UnsafeModelError,
)
from kerastorch.layers import IntegerLookup, StringLookup
from kerastorch.layers.preprocessing.vocabulary import most_frequent
from kerastorch.models.functional import Functional

WORDS = ["a", "b", "c"]
BASE = {
    "name": "lookup",
    "trainable": True,
    "invert": False,
    "max_tokens": None,
    "num_oov_indices": 1,
    "mask_token": None,
    "output_mode": "int",
    "sparse": False,
    "pad_to_max_tokens": False,
    "idf_weights": None,
    "oov_method": "floormod",
    "salt": None,
}
CONFIGS = {
    "strings": (
        StringLookup(vocabulary=WORDS, name="lookup"),
        {**BASE, "oov_token": "[UNK]", "encoding": "utf-8", "vocabulary": WORDS, "vocabulary_size": 4},
    ),
    "integers": (
        IntegerLookup(vocabulary=[3, 4], name="lookup"),
        {**BASE, "oov_token": -1, "vocabulary_dtype": "int64", "vocabulary": [3, 4], "vocabulary_size": 3},
    ),
}


@pytest.mark.parametrize(("layer", "expected"), CONFIGS.values(), ids=list(CONFIGS))
def test_configs_are_those_of_keras_3_15(layer, expected):
    config = layer.get_config()
    del config["dtype"]
    assert config == expected


INPUTS = {
    "list": [["a", "z"], ["c", "a"]],
    "bytes": [[b"a", b"z"], [b"c", b"a"]],
    "array": np.array([["a", "z"], ["c", "a"]]),
    "objects": np.array([["a", "z"], ["c", "a"]], dtype=object),
    "frame": pd.DataFrame([["a", "z"], ["c", "a"]]),
    "tensor": StringTensor([["a", "z"], ["c", "a"]]),
}


@pytest.mark.parametrize("inputs", INPUTS.values(), ids=list(INPUTS))
def test_strings_of_all_kinds(inputs):
    assert StringLookup(vocabulary=WORDS)(inputs).tolist() == [[1, 0], [3, 1]]


@pytest.mark.parametrize("inputs", ["b", b"b", np.str_("b"), StringTensor("b")], ids=repr)
def test_a_string_alone_gives_a_number(inputs):
    assert StringLookup(vocabulary=WORDS)(inputs).item() == 2


@pytest.mark.parametrize("kind", [torch.int32, torch.uint8, torch.float32, torch.int64], ids=str)
def test_integers_of_all_types(kind):
    found = IntegerLookup(vocabulary=[3, 4])(torch.tensor([4, 9], dtype=kind))
    assert found.dtype is torch.int64
    assert found.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("layer", "values", "expected"),
    [
        (StringLookup(vocabulary=WORDS), StringTensor(["a", "c", "z"]), [[1, 3], [0]]),
        (IntegerLookup(vocabulary=[5, 6]), torch.tensor([5, 6, 7]), [[1, 2], [0]]),
        (IntegerLookup(vocabulary=[5, 6], invert=True), torch.tensor([1, 2, 0]), [[5, 6], [-1]]),
    ],
    ids=["strings", "integers", "inverted"],
)
def test_ragged_rows_stay_ragged(layer, values, expected):
    assert layer(RaggedTensor(values, [0, 2, 3])).to_list() == expected


def test_vectors_of_ragged_rows():
    layer = StringLookup(vocabulary=WORDS, output_mode="count")
    rows = RaggedTensor(StringTensor(["a", "a", "c"]), [0, 2, 3])
    assert layer(rows).tolist() == [[0, 2, 0, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count", "tf_idf"])
def test_sparse_vectors_hold_the_same(mode):
    weights = {"idf_weights": [0.5, 1.0, 2.0]} if mode == "tf_idf" else {}
    make = [
        StringLookup(vocabulary=WORDS, output_mode=mode, mask_token="", sparse=s, **weights) for s in (0, 1)
    ]
    dense, sparse = (layer([["a", "a", ""], ["z", "c", "b"]]) for layer in make)
    assert sparse.is_sparse
    assert torch.equal(sparse.to_dense(), dense)


@pytest.mark.parametrize(
    ("mode", "dtype", "expected"),
    [("int", "int32", torch.int32), ("int", "float64", torch.int64), ("count", "float64", torch.float64)],
)
def test_dtype_is_that_of_the_output(mode, dtype, expected):
    assert StringLookup(vocabulary=WORDS, output_mode=mode, dtype=dtype)([["a"]]).dtype is expected


def test_older_names():
    layer = IntegerLookup(vocabulary=[3, 4], max_values=9, mask_value=0, oov_value=-7)
    assert layer.get_vocabulary() == [0, -7, 3, 4]
    assert StringLookup(vocabulary=WORDS, output_mode="binary").output_mode == "multi_hot"
    assert layer.vocab_size() == layer.vocabulary_size() == 4


# Vocabularies ---------------------------------------------------------------------------------------------------------

VOCABULARIES = {
    "list": WORDS,
    "tuple": tuple(WORDS),
    "array": np.array(WORDS),
    "bytes": np.array(WORDS, dtype=bytes),
    "tensor": StringTensor(WORDS),
    "with special tokens": ["[UNK]", *WORDS],
}


@pytest.mark.parametrize("vocabulary", VOCABULARIES.values(), ids=list(VOCABULARIES))
def test_vocabularies_of_all_kinds(vocabulary):
    layer = StringLookup(vocabulary=vocabulary)
    assert layer.get_vocabulary() == ["[UNK]", *WORDS]
    assert layer.get_vocabulary(include_special_tokens=False) == WORDS
    assert layer(["c"]).tolist() == [3]


def test_vocabulary_from_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("a\nb\nc\n")
    assert StringLookup(vocabulary=str(path)).get_vocabulary() == ["[UNK]", *WORDS]
    path.write_text("12\n-3\n")
    assert IntegerLookup(vocabulary=str(path)).get_vocabulary() == [-1, 12, -3]


@pytest.mark.parametrize("limit", [None, 0, 1, 2, 3, 4, 5, 9], ids=str)
def test_the_most_frequent_terms_up_to_a_limit(limit):
    counts = {b"a": 1, b"b": 3, b"c": 1, b"d": 3, b"e": 2}
    assert most_frequent(counts, limit) == [b"d", b"b", b"e", b"c", b"a"][:limit]


def test_the_frequent_come_first_and_of_equals_the_larger():
    layer = StringLookup(max_tokens=4)
    layer.adapt(["b", "a", "c", "a", "d", "[UNK]"])
    assert layer.get_vocabulary() == ["[UNK]", "a", "d", "c"]
    numbers = IntegerLookup(mask_token=0)
    numbers.adapt(np.array([[0, 7, 7], [9, -1, 0]]))
    assert numbers.get_vocabulary() == [0, -1, 7, 9]


def batches():
    return [np.array([["a"], ["b"]]), np.array([["b"], ["c"]])]


DATA = {
    "generator": batches,
    "dataset": lambda: Dataset.from_tensor_slices(np.array(["a", "b", "b", "c"])).batch(2),
    "elements": lambda: Dataset.from_tensor_slices(np.array(["a", "b", "b", "c"])),
    "loader": lambda: DataLoader(["a", "b", "b", "c"], 2),
    "series": lambda: pd.Series(["a", "b", "b", "c"]),
}


@pytest.mark.parametrize("make", DATA.values(), ids=list(DATA))
def test_adapt_takes_data_of_all_kinds(make):
    layer = StringLookup()
    layer.adapt(make())
    assert layer.get_vocabulary() == ["[UNK]", "b", "c", "a"]


def test_adapt_by_hand_and_anew():
    layer = StringLookup()
    layer.update_state(["a", "b"])
    layer.update_state(["b"])
    layer.finalize_state()
    assert layer.get_vocabulary() == ["[UNK]", "b", "a"]
    layer.adapt(["c"])
    assert layer.get_vocabulary() == ["[UNK]", "c"]


def test_adapt_takes_some_steps():
    layer = StringLookup()
    layer.adapt(iter(batches()), steps=1)
    assert layer.get_vocabulary() == ["[UNK]", "b", "a"]


def test_weights_of_tf_idf():
    layer = StringLookup(output_mode="tf_idf")
    layer.adapt([["a", "b"], ["a", "a"]])
    expected = np.log([1 + 2 / 3, 1 + 2 / 2])
    np.testing.assert_allclose(layer.idf_weights, [expected.mean(), *expected], rtol=1e-6)
    np.testing.assert_allclose(layer([["a", "a", "b"]]), [[0, 2 * expected[0], expected[1]]], rtol=1e-6)


def test_state_dict_carries_the_vocabulary():
    layer, other = StringLookup(output_mode="tf_idf"), StringLookup(output_mode="tf_idf")
    layer.adapt([["a", "b"], ["a", "a"]])
    other.load_state_dict(layer.state_dict())
    assert other.get_vocabulary() == layer.get_vocabulary()
    assert torch.equal(other([["a", "b"]]), layer([["a", "b"]]))


@pytest.mark.parametrize("token", ["x", "line\nbreak", ""], ids=["plain", "two lines", "empty"])
def test_assets_carry_every_token(tmp_path, token):
    layer, other = StringLookup(), StringLookup()
    layer.adapt(["a", token, token])
    layer.save_assets(tmp_path)
    other.load_assets(tmp_path)
    assert other.get_vocabulary() == layer.get_vocabulary() == ["[UNK]", token, "a"]


@pytest.mark.parametrize("end", ["", "\n", "\n\n"], ids=["none", "one", "two"])
def test_a_vocabulary_written_by_hand_may_end_with_empty_lines(tmp_path, end):
    (tmp_path / "vocabulary.txt").write_text("[UNK]\nb\na" + end)
    layer = StringLookup()
    layer.load_assets(tmp_path)
    assert layer.get_vocabulary() == ["[UNK]", "b", "a"]


def test_shapes_are_known_before_the_vocabulary():
    layer = IntegerLookup(output_mode="multi_hot", max_tokens=6, pad_to_max_tokens=True)
    x = Input((3,), dtype="int64")
    model = Functional(x, layer(x))
    layer.adapt([4, 4, 5])
    assert model.output_shape == (None, 6)
    assert model(np.array([[4, 5, 1]])).tolist() == [[1, 1, 1, 0, 0, 0]]


# Errors ---------------------------------------------------------------------------------------------------------------

WRONG = [
    (StringLookup, {"max_tokens": 1}, "`max_tokens` must be greater than 1"),
    (StringLookup, {"pad_to_max_tokens": True}, "must set `max_tokens`"),
    (StringLookup, {"num_oov_indices": -1}, "greater than or equal to 0"),
    (StringLookup, {"output_mode": "multihot"}, "Allowed values are.*Did you mean 'multi_hot'"),
    (StringLookup, {"invert": True, "output_mode": "count"}, "must be `'int'` when `invert`"),
    (StringLookup, {"invert": True, "oov_token": None}, "`oov_token` must be set"),
    (StringLookup, {"sparse": True}, "`sparse` may only be true"),
    (StringLookup, {"idf_weights": [1.0]}, "`idf_weights` should only be set"),
    (StringLookup, {"vocabulary": WORDS, "output_mode": "tf_idf"}, "must also be provided"),
    (
        StringLookup,
        {"vocabulary": WORDS, "output_mode": "tf_idf", "idf_weights": [1.0]},
        r"same length.*idf_weights\) is 1",
    ),
    (
        StringLookup,
        {"vocabulary": WORDS, "output_mode": "tf_idf", "idf_weights": [[1.0]]},
        "must have one axis",
    ),
    (StringLookup, {"vocabulary": []}, "empty vocabulary"),
    (StringLookup, {"vocabulary": ["a", "b", "a"]}, r"repeated terms are: \['a'\]"),
    (StringLookup, {"vocabulary": ["a", ""], "mask_token": ""}, "reserved mask token"),
    (StringLookup, {"vocabulary": ["a", "[UNK]"], "invert": True}, "reserved OOV token"),
    (StringLookup, {"vocabulary": WORDS, "max_tokens": 3}, "larger than the maximum vocab size.* is 4"),
    (StringLookup, {"vocabulary": [1, 2]}, "must be of strings"),
    (StringLookup, {"salt": (1, 2, 3)}, "tuple of 2 integers"),
    (IntegerLookup, {"vocabulary": ["a"]}, "must be of integers"),
    (IntegerLookup, {"vocabulary_dtype": "float32"}, "must be an integer dtype"),
    (IntegerLookup, {"salt": 3}, "oov_method='farmhash'"),
    (IntegerLookup, {"oov_method": "floor_mod"}, "Did you mean 'floormod'"),
]


@pytest.mark.parametrize(("cls", "arguments", "text"), WRONG, ids=[f"{c.__name__}-{t}" for c, _, t in WRONG])
def test_wrong_arguments(cls, arguments, text):
    with pytest.raises(InvalidArgumentError, match=text):
        cls(**arguments)


CALLS = [
    (StringLookup(name="s"), ["a"], NoVocabularyError, "'s'.*no vocabulary yet. Either.*adapt"),
    (StringLookup(output_mode="count"), ["a"], NoVocabularyError, "When using `output_mode=count` and"),
    (IntegerLookup(name="s"), [1], NoVocabularyError, "'s'.*no vocabulary yet"),
    (IntegerLookup(output_mode="multi_hot"), [1], RuntimeError, "When using `output_mode=multi_hot` and"),
    (StringLookup(name="s", vocabulary=WORDS), [1], ArgumentTypeError, "'s' .*takes strings"),
    (StringLookup(name="s", vocabulary=WORDS), torch.ones(2), ArgumentTypeError, "torch.float32"),
    (IntegerLookup(name="s", vocabulary=[1]), ["a"], ArgumentTypeError, "Use a `StringLookup`"),
    (
        StringLookup(vocabulary=WORDS, num_oov_indices=0),
        ["a", "q"],
        InvalidArgumentError,
        r"found OOV values \['q'\]",
    ),
    (
        IntegerLookup(vocabulary=[1], num_oov_indices=0),
        [1, 5],
        InvalidArgumentError,
        r"found OOV values \[5\]",
    ),
]


@pytest.mark.parametrize(
    ("layer", "inputs", "error", "text"), CALLS, ids=[f"{e[2].__name__}-{e[3]}" for e in CALLS]
)
def test_wrong_calls(layer, inputs, error, text):
    with pytest.raises(error, match=text):
        layer(inputs)


def test_a_given_vocabulary_is_not_adapted():
    with pytest.raises(
        InvalidArgumentError, match="Cannot adapt layer 's' after setting a static vocabulary"
    ):
        StringLookup(vocabulary=WORDS, name="s").adapt(["a"])


def test_the_size_of_a_vocabulary_in_use_is_fixed():
    layer = StringLookup(output_mode="count")
    layer.adapt(["a"])
    layer([["a"]])
    with pytest.raises(
        InvalidArgumentError, match=r"cannot be changed after the layer .* is called.*is 2.*is 3"
    ):
        layer.adapt(["a", "b"])


@pytest.mark.parametrize("cls", [StringLookup, IntegerLookup])
def test_files(cls, tmp_path):
    with pytest.raises(MissingFileError, match=r"nowhere\.txt does not exist"):
        cls(vocabulary=str(tmp_path / "nowhere.txt"))
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(InvalidArgumentError, match="empty vocabulary"):
        cls(vocabulary=str(tmp_path / "empty.txt"))


@pytest.mark.parametrize("cls", [StringLookup, IntegerLookup])
def test_configs_cannot_have_files_read(cls):
    config = {**cls().get_config(), "vocabulary": "/etc/passwd"}
    with pytest.raises(UnsafeModelError, match=r"/etc/passwd.*set_vocabulary"):
        cls.from_config(config)
