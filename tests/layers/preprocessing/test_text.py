"""`TextVectorization`: standardizing, splitting, n-grams, functions of the user's, models of texts, files."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader

from kerastorch import Input, Model, Sequential
from kerastorch.compat import tensorflow as tf
from kerastorch.core.ragged import RaggedTensor
from kerastorch.core.strings import StringTensor
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.errors import (
    ArgumentTypeError,
    DataError,
    InvalidArgumentError,
    NoVocabularyError,
    ShapeError,
)
from kerastorch.layers import Dense, Embedding, GlobalAveragePooling1D, StringLookup, TextVectorization
from kerastorch.registry import CustomObjectScope
from kerastorch.saving.models import load_model

WORDS = ["to", "be", "or", "not"]
TEXTS = np.array(["To be, or", "not to be?", "or", "To not be."] * 4)
LABELS = np.array([0.0, 1.0, 0.0, 1.0] * 4)


def lower(texts):
    return np.char.lower(texts)


def without_tags(texts):
    return [re.sub("<.*?>", " ", text).lower() for text in texts.tolist()]


def lower_by_tensorflow(texts):
    return tf.strings.lower(texts) + ""


def at_bars(texts):
    return [text.split(b"|") for text in texts.tolist()]


def ragged_at_bars(texts):
    rows = at_bars(texts)
    return RaggedTensor.of_lengths(StringTensor([word for row in rows for word in row]), map(len, rows))


CASES = {
    "as it is": ({"standardize": None}, ["to BE"], [[2, 1]]),
    "lower": ({"standardize": "lower"}, ["to BE or."], [[2, 3, 1]]),
    "punctuation": ({"standardize": "strip_punctuation"}, ["To b-e, 'or'!"], [[1, 3, 4]]),
    "white space": ({}, ["  to\tbe\n\nor "], [[2, 3, 4]]),
    "empty": ({}, ["", "to"], [[0], [2]]),
    "n-grams": ({"ngrams": 2, "vocabulary": ["to be"]}, ["to be to be"], [[1, 1, 1, 1, 2, 1, 2]]),
    "pairs": ({"ngrams": (2,), "vocabulary": ["to be"]}, ["to be or", "to"], [[2, 1], [0, 0]]),
    "split already": ({"split": None}, [["to", "Be!"], ["x", "or"]], [[2, 3], [1, 4]]),
    "own standard": ({"standardize": without_tags}, ["<b>To</b> BE"], [[2, 3]]),
    "NumPy's": ({"standardize": lower}, ["To BE"], [[2, 3]]),
    "TensorFlow's": ({"standardize": lower_by_tensorflow}, ["To BE"], [[2, 3]]),
    "own split": ({"split": at_bars}, ["to|be", "or"], [[2, 3], [4, 0]]),
    "ragged split": ({"split": ragged_at_bars}, ["to|be", "or"], [[2, 3], [4, 0]]),
    "cut": ({"output_sequence_length": 1}, ["to be", "or"], [[2], [4]]),
    "filled": ({"output_sequence_length": 3}, ["to be", "or"], [[2, 3, 0], [4, 0, 0]]),
    "scalar": ({}, "to be", [2, 3]),
}
for name in ("own split", "ragged split"):
    CASES[name][0]["standardize"] = None


@pytest.mark.parametrize(("arguments", "texts", "expected"), CASES.values(), ids=list(CASES))
def test_numbers(arguments, texts, expected):
    assert TextVectorization(**{"vocabulary": WORDS, **arguments})(texts).tolist() == expected


def test_ragged_numbers():
    found = TextVectorization(vocabulary=WORDS, ragged=True)(["to be", "", "or"])
    assert found.to_list() == [[2, 3], [], [4]]
    assert found.row_lengths().tolist() == [2, 0, 1]


def test_rows_that_are_split_already_may_be_ragged():
    rows = RaggedTensor(StringTensor(["To", "be", "or"]), [0, 2, 3])
    assert TextVectorization(vocabulary=WORDS, split=None)(rows).tolist() == [[2, 3], [4, 0]]


def test_config_is_that_of_keras_3_15():
    config = TextVectorization(vocabulary=WORDS, name="text").get_config()
    del config["dtype"]
    assert config == {
        "name": "text",
        "trainable": True,
        "max_tokens": None,
        "standardize": "lower_and_strip_punctuation",
        "split": "whitespace",
        "ngrams": None,
        "output_mode": "int",
        "output_sequence_length": None,
        "pad_to_max_tokens": False,
        "sparse": False,
        "ragged": False,
        "vocabulary": WORDS,
        "idf_weights": None,
        "encoding": "utf-8",
        "vocabulary_size": 6,
    }


def test_functions_are_part_of_the_config():
    layer = TextVectorization(vocabulary=WORDS, standardize=lower, split=at_bars, ngrams=(1, 2))
    with CustomObjectScope({"lower": lower, "at_bars": at_bars}):
        copy = TextVectorization.from_config(layer.get_config())
    assert copy(["TO|be"]).tolist() == layer(["TO|be"]).tolist()


@pytest.mark.parametrize("texts", [["To", "BE"], "To", [["To"], ["BE"]]], ids=["texts", "one text", "column"])
def test_a_function_that_standardizes_gets_an_array_of_str(texts):
    seen = []
    TextVectorization(vocabulary=WORDS, standardize=lambda x: seen.append(x) or np.char.lower(x))(texts)
    assert isinstance(seen[0], np.ndarray)
    assert (seen[0].dtype.kind, seen[0].tolist()) == ("U", texts)


def test_adapt_learns_words_and_weights():
    layer = TextVectorization(output_mode="tf_idf")
    layer.adapt(["to be", "to go to"])
    assert layer.get_vocabulary() == ["[UNK]", "to", "go", "be"]
    assert layer.get_vocabulary(include_special_tokens=False) == ["to", "go", "be"]
    np.testing.assert_allclose(layer.idf_weights[1:], np.log([1 + 2 / 3, 2, 2]), rtol=1e-6)


SOURCES = {
    "list": lambda: TEXTS.tolist(),
    "column": lambda: TEXTS[:, None],
    "series": lambda: pd.Series(TEXTS),
    "dataset": lambda: Dataset.from_tensor_slices(TEXTS).batch(5),
    "elements": lambda: Dataset.from_tensor_slices(TEXTS),
    "loader": lambda: DataLoader(TEXTS.tolist(), 3),
    "pairs": lambda: Dataset.from_tensor_slices((TEXTS, LABELS)).batch(4),
}


@pytest.mark.parametrize("make", SOURCES.values(), ids=list(SOURCES))
def test_adapt_takes_texts_of_all_kinds(make):
    layer = TextVectorization()
    layer.adapt(make())
    assert layer.get_vocabulary() == ["", "[UNK]", "to", "be", "or", "not"]


# Models -------------------------------------------------------------------------------------------------------------


def model_of(layer):
    model = Sequential(
        [Input((1,), dtype="string"), layer, Embedding(7, 3), GlobalAveragePooling1D(), Dense(1)]
    )
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def model():
    layer = TextVectorization(output_sequence_length=4)
    layer.adapt(TEXTS)
    return model_of(layer)


FORMS = {
    "text": TEXTS,
    "objects": TEXTS.astype(object),
    "bytes": np.char.encode(TEXTS),
    "column": TEXTS[:, None],
    "list": TEXTS.tolist(),
    "series": pd.Series(TEXTS),
    "tensor": StringTensor(TEXTS),
}


@pytest.mark.parametrize("texts", FORMS.values(), ids=list(FORMS))
def test_models_take_texts(model, texts):
    assert model.predict(texts, verbose=0).shape == (16, 1)
    assert model(texts).shape == (16, 1)
    assert model.evaluate(texts, LABELS, verbose=0) >= 0
    history = model.fit(texts, LABELS, epochs=2, validation_split=0.25, verbose=0).history
    assert len(history["val_loss"]) == 2


def test_shuffling_keeps_texts_with_their_labels(model):
    number = TextVectorization(vocabulary=["0", "1"], output_mode="multi_hot", max_tokens=3)
    model = Sequential([Input((1,), dtype="string"), number, Dense(1, use_bias=False)])
    model.compile("adam", "mse")
    labels = np.arange(40.0) % 2
    model.get_layer(index=1).set_weights([np.array([[0.0], [0.0], [1.0]], "float32")])
    loss = model.fit(labels.astype(int).astype(str), labels, batch_size=8, verbose=0).history["loss"]
    assert loss == [0.0]


STREAMS = {
    "dataset": lambda: Dataset.from_tensor_slices((TEXTS, LABELS)).batch(4),
    "loader": lambda: DataLoader(list(zip(TEXTS.tolist(), LABELS, strict=True)), 4),
    "samples": lambda: Samples(lambda text: text),
    "generator": lambda: ((TEXTS, LABELS) for _ in range(2)),
}


class Samples(torch.utils.data.Dataset):
    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return len(TEXTS)

    def __getitem__(self, index):
        return self.transform(TEXTS[index]), LABELS[index]


@pytest.mark.parametrize("make", STREAMS.values(), ids=list(STREAMS))
def test_models_take_streams_of_texts(model, make):
    assert len(model.fit(make(), verbose=0).history["loss"]) == 1


def test_a_transform_of_data(model):
    layer = model.layers[0]
    expected = layer(TEXTS[:4])
    loader = DataLoader(Samples(layer), 4, num_workers=1)
    dataset = Dataset.from_tensor_slices((TEXTS, LABELS)).batch(4).map(lambda x, y: (layer(x), y))
    assert torch.equal(next(iter(loader))[0], expected)
    assert torch.equal(next(iter(dataset))[0], expected)


def test_models_inside_models_and_beside_numbers(model):
    text, number = Input((1,), dtype="string", name="text"), Input((1,), name="number")
    outer = Model({"text": text, "number": number}, model(text) + number)
    frame = {"text": pd.Series(TEXTS), "number": LABELS}
    np.testing.assert_allclose(
        outer.predict(frame, verbose=0), model.predict(TEXTS, verbose=0) + LABELS[:, None], rtol=1e-6
    )


def test_strings_come_out_of_models():
    numbers = Input((2,), dtype="int64")
    words = StringLookup(vocabulary=["a", "b"], invert=True)(numbers)
    assert words.dtype == "string"
    found = Model(numbers, words[:, 1:]).predict(np.array([[1, 2]] * 40), verbose=0)
    assert found.tolist() == [[b"b"]] * 40


def test_saved_models_keep_what_was_learned(model, tmp_path):
    expected = model.predict(TEXTS, verbose=0)
    for path in (tmp_path / "model.keras", tmp_path / "folder"):
        model.save(path, zipped=path.suffix == ".keras")
        np.testing.assert_array_equal(load_model(path).predict(TEXTS, verbose=0), expected)


def test_models_compile_around_texts(model):
    compiled = torch.compile(model, backend="eager")
    assert torch.equal(compiled(StringTensor(TEXTS)), model(TEXTS))
    torch._dynamo.reset()


def test_one_graph_cannot_hold_texts(model):
    compiled = torch.compile(model.layers[0], backend="eager", fullgraph=True)
    with pytest.raises(
        torch._dynamo.exc.Unsupported, match=r"Strings are outside of what `torch.compile` can take"
    ):
        compiled(StringTensor(TEXTS))
    torch._dynamo.reset()


# Errors ---------------------------------------------------------------------------------------------------------------

WRONG = [
    ({"standardize": "lowercase"}, "Unknown value for `standardize`"),
    ({"split": "char"}, "Did you mean 'character'"),
    ({"ngrams": 1.5}, "`ngrams` must be None, an integer, or a tuple"),
    ({"output_mode": "ints"}, "Unknown value for `output_mode`"),
    ({"output_sequence_length": 1.5}, "must be either None or an integer"),
    ({"output_sequence_length": 3, "output_mode": "count"}, "must not be set"),
    ({"ragged": True, "output_mode": "count"}, "`ragged` must not be true"),
    ({"sparse": True}, "`sparse` may only be true"),
    ({"vocabulary": ["a", "a"]}, "repeated"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG, ids=[text for _, text in WRONG])
def test_wrong_arguments(arguments, text):
    with pytest.raises(InvalidArgumentError, match=text):
        TextVectorization(**arguments)


CALLS = [
    ({}, [["to", "be"]], ShapeError, r"'text' received: inputs.shape=\(1, 2\)"),
    ({}, RaggedTensor(StringTensor(["to"]), [0, 1]), ShapeError, "split=None"),
    ({}, [1, 2], ArgumentTypeError, "'text' .*takes strings"),
    ({}, torch.ones(2), ArgumentTypeError, "torch.float32"),
    ({"vocabulary": None}, ["to"], NoVocabularyError, "no vocabulary yet"),
    ({"vocabulary": None, "output_mode": "tf_idf"}, ["to"], RuntimeError, "`output_mode=tf_idf` and"),
]


@pytest.mark.parametrize(("arguments", "texts", "error", "match"), CALLS, ids=[c[3] for c in CALLS])
def test_wrong_calls(arguments, texts, error, match):
    with pytest.raises(error, match=match):
        TextVectorization(**{"vocabulary": WORDS, "name": "text", **arguments})(texts)


def test_texts_do_not_go_into_models_of_numbers(model):
    numbers = Sequential([Input((1,)), Dense(1)])
    with pytest.raises(DataError, match=r"expected dtype=float32, found dtype=string.*TextVectorization"):
        numbers.predict(TEXTS, verbose=0)
    with pytest.raises(DataError, match=r"expected dtype=string, found dtype=torch.float32"):
        model.predict(np.ones((2, 1)), verbose=0)
