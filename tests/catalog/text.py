"""Layers of words and of vocabularies, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import Row

_WHY = "Keras on torch asks for TensorFlow to make the layer."
_WORDS = ["the", "fox", "quick", "naïve"]
_TEXT = ["the", "dog", "lazy", "the lazy", "jumps"]
_IDF = [0.5, 1.5, 2.0, 0.25]


def _words(name: str, kwargs: dict[str, Any], shape: tuple[int, ...] = (3,), **more: Any) -> Row:
    return Row(name, kwargs, shape, values="words", compiles=False, reference="absent", because=_WHY, **more)


def _integers(kwargs: dict[str, Any], shape: tuple[int, ...] = (3,), **more: Any) -> Row:
    return Row("IntegerLookup", kwargs, shape, values="integers", reference="absent", because=_WHY, **more)


def _lookup(**kwargs: Any) -> Row:
    return _words("StringLookup", {"vocabulary": _WORDS, **kwargs}, open_axes=(1,))


def _vectorization(**kwargs: Any) -> Row:
    return _words("TextVectorization", {"vocabulary": _TEXT, **kwargs}, (1,))


STRING_LOOKUP = [
    _lookup(),
    _words("StringLookup", {"vocabulary": _WORDS}, (2, 3), open_axes=(1, 2)),
    _lookup(mask_token=""),
    _lookup(mask_token="brown", oov_token="?"),
    _lookup(num_oov_indices=3),
    _lookup(num_oov_indices=3, mask_token="", salt=7),
    _lookup(num_oov_indices=5, salt=[3, 11]),
    _lookup(max_tokens=9),
    _lookup(output_mode="one_hot"),
    _lookup(output_mode="one_hot", mask_token="", num_oov_indices=2),
    _words("StringLookup", {"vocabulary": _WORDS, "output_mode": "one_hot"}, (1,)),
    _lookup(output_mode="multi_hot"),
    _lookup(output_mode="multi_hot", mask_token="", num_oov_indices=2),
    _lookup(output_mode="multi_hot", max_tokens=8, pad_to_max_tokens=True),
    _lookup(output_mode="count", mask_token="brown", max_tokens=8, pad_to_max_tokens=True),
    _lookup(output_mode="count"),
    _words("StringLookup", {"vocabulary": _WORDS, "output_mode": "count"}, (3, 2)),
    _lookup(output_mode="tf_idf", idf_weights=_IDF),
    _lookup(output_mode="tf_idf", idf_weights=_IDF, max_tokens=7, pad_to_max_tokens=True, num_oov_indices=2),
    Row(
        "StringLookup",
        {"vocabulary": _WORDS, "invert": True},
        (3,),
        values="integers",
        compiles=False,
        reference="absent",
        because=_WHY,
        open_axes=(1,),
    ),
    Row(
        "StringLookup",
        {"vocabulary": _WORDS, "invert": True, "mask_token": "", "num_oov_indices": 2, "oov_token": "?"},
        (2, 2),
        values="integers",
        compiles=False,
        reference="absent",
        because=_WHY,
    ),
]

INTEGER_LOOKUP = [
    _integers({"vocabulary": [5, 2, 6]}, open_axes=(1,)),
    _integers({"vocabulary": [5, 2, 6]}, (2, 3), open_axes=(1, 2)),
    _integers({"vocabulary": [5, 2, 6], "mask_token": 0}),
    _integers({"vocabulary": [0, -1, 5, 6], "mask_token": 0}),
    _integers({"vocabulary": [5, 6], "num_oov_indices": 3}),
    _integers({"vocabulary": [5, 6], "num_oov_indices": 3, "oov_method": "farmhash", "mask_token": 1}),
    _integers({"vocabulary": [5, 6], "num_oov_indices": 4, "oov_method": "farmhash", "salt": 5}),
    _integers({"vocabulary": list(range(7)), "num_oov_indices": 0}),
    _integers({"vocabulary": [5, 2, 6], "output_mode": "one_hot"}, open_axes=(1,)),
    _integers({"vocabulary": [5, 2, 6], "output_mode": "one_hot", "mask_token": 3}, (1,)),
    _integers({"vocabulary": [5, 2, 6], "output_mode": "multi_hot", "num_oov_indices": 2}, open_axes=(1,)),
    _integers({"vocabulary": [5, 2], "output_mode": "count", "max_tokens": 6, "pad_to_max_tokens": True}),
    _integers({"vocabulary": [5, 2, 6], "output_mode": "count", "mask_token": 3}),
    _integers({"vocabulary": [5, 2, 6], "output_mode": "tf_idf", "idf_weights": _IDF[:3]}),
    _integers({"vocabulary": [5, 2, 6], "output_mode": "tf_idf", "idf_weights": _IDF[:3]}, (3, 2)),
    _integers({"vocabulary": [5, 2, 6], "output_mode": "multi_hot"}, (3, 2)),
    _integers({"vocabulary": [50, 20, 60], "invert": True}, open_axes=(1,)),
    _integers({"vocabulary": [50, 20, 60], "invert": True, "mask_token": 0, "oov_token": -5}, (2, 2)),
]

TEXT_VECTORIZATION = [
    _vectorization(output_sequence_length=4),
    _vectorization(output_sequence_length=2),
    _vectorization(output_sequence_length=4, standardize=None),
    _vectorization(output_sequence_length=4, standardize="lower"),
    _vectorization(output_sequence_length=4, standardize="strip_punctuation"),
    _vectorization(output_sequence_length=6, ngrams=2),
    _vectorization(output_sequence_length=3, ngrams=(2,)),
    _vectorization(output_sequence_length=9, split="character", vocabulary=["a", "e", "o", " ", "ï"]),
    _vectorization(output_mode="multi_hot"),
    _vectorization(output_mode="multi_hot", ngrams=2, max_tokens=9, pad_to_max_tokens=True),
    _vectorization(output_mode="count"),
    _vectorization(output_mode="tf_idf", idf_weights=[*_IDF, 3.0]),
    _words("TextVectorization", {"vocabulary": _WORDS, "split": None}, (3,)),
    _words("TextVectorization", {"vocabulary": _WORDS, "split": None, "output_sequence_length": 2}, (3,)),
    _words("TextVectorization", {"vocabulary": [*_WORDS, "the fox"], "split": None, "ngrams": 2}, (3,)),
    _words("TextVectorization", {"vocabulary": _WORDS, "split": None, "output_mode": "count"}, (3,)),
    _words("TextVectorization", {"vocabulary": _TEXT, "output_sequence_length": 3}, ()),
]

TEXT = [*STRING_LOOKUP, *INTEGER_LOOKUP, *TEXT_VECTORIZATION]
