"""`keras.preprocessing.text` gives what Keras's own, kept from Keras 2, gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from keras.src.legacy.preprocessing import text as oracle

from kerastorch.preprocessing import text

TEXTS = ["The cat sat on the mat.", "The dog sat on the log!", "Dogs and cats living\ttogether", "", "a A a?"]
SETTINGS = {
    "plain": {},
    "few words": {"num_words": 5},
    "unknown words": {"num_words": 5, "oov_token": "<?>"},
    "all unknown": {"oov_token": "<?>"},
    "upper case": {"lower": False},
    "characters": {"char_level": True},
    "characters, upper case": {"char_level": True, "lower": False, "oov_token": "#"},
    "other separators": {"split": "a", "filters": " "},
    "analyzer": {"analyzer": lambda words: words.split("t")},
}
NEW_TEXTS = ["the cat and the bird", "Unknown", "sat SAT sat", ["The", "Dog", "bird"]]


def fitted(module, name):
    tokenizer = module.Tokenizer(**SETTINGS[name])
    tokenizer.fit_on_texts(TEXTS)
    tokenizer.fit_on_texts([["the", "List"], "again the cat"])
    return tokenizer


@pytest.mark.parametrize("name", SETTINGS)
def test_words_and_their_numbers_are_keras_s(name):
    mine, other = fitted(text, name), fitted(oracle, name)
    for attribute in ("word_index", "index_word", "word_counts", "word_docs", "index_docs", "document_count"):
        assert getattr(mine, attribute) == getattr(other, attribute), attribute
    sequences = other.texts_to_sequences(NEW_TEXTS)
    assert mine.texts_to_sequences(NEW_TEXTS) == sequences
    assert mine.sequences_to_texts([*sequences, [1, 2, 999]]) == other.sequences_to_texts(
        [*sequences, [1, 2, 999]]
    )


@pytest.mark.parametrize("mode", ["binary", "count", "freq", "tfidf"])
@pytest.mark.parametrize("name", SETTINGS)
def test_rows_are_keras_s(name, mode):
    rows = fitted(text, name).texts_to_matrix(NEW_TEXTS, mode)
    np.testing.assert_allclose(rows, fitted(oracle, name).texts_to_matrix(NEW_TEXTS, mode))


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "analyzer"])
def test_a_tokenizer_comes_back_from_the_text_of_either_library(name):
    mine, other = fitted(text, name), fitted(oracle, name)
    for written in (mine.to_json(), other.to_json(indent=1)):
        back = text.tokenizer_from_json(written)
        assert back.texts_to_sequences(NEW_TEXTS) == mine.texts_to_sequences(NEW_TEXTS)
        np.testing.assert_array_equal(
            back.texts_to_matrix(NEW_TEXTS, "tfidf"), mine.texts_to_matrix(NEW_TEXTS, "tfidf")
        )
    assert oracle.tokenizer_from_json(mine.to_json()).word_index == mine.word_index
    assert json.loads(mine.to_json()).keys() == json.loads(other.to_json()).keys()
    assert mine.get_config().keys() == other.get_config().keys()


def test_numbers_seen_without_words_weigh_by_document():
    sequences = [[1, 2, 2], [2, 3], [1]]
    rows = []
    for module in (text, oracle):
        tokenizer = module.Tokenizer(num_words=5)
        tokenizer.fit_on_sequences(sequences)
        rows.append(tokenizer.sequences_to_matrix([*sequences, [4, 7]], "tfidf"))
    np.testing.assert_allclose(*rows)


def test_words_are_hashed_as_in_keras():
    arguments = ("The cat, the DOG; the end.", 40)
    assert text.hashing_trick(*arguments, "md5") == oracle.hashing_trick(*arguments, "md5")
    assert text.hashing_trick(*arguments, len) == oracle.hashing_trick(*arguments, len)
    assert text.hashing_trick(*arguments) == text.one_hot(*arguments) == oracle.one_hot(*arguments)
    by_letter = {"analyzer": list}
    assert text.one_hot("abca", 9, **by_letter) == oracle.one_hot("abca", 9, **by_letter)


@pytest.mark.parametrize("given", ["One. Two, three", "a\tb\nc", "", "x--y", "ÄÖ Ü"])
def test_words_are_split_as_in_keras(given):
    assert text.text_to_word_sequence(given) == oracle.text_to_word_sequence(given)
    settings = {"filters": "-", "lower": False, "split": ","}
    assert text.text_to_word_sequence(given, **settings) == oracle.text_to_word_sequence(given, **settings)


def test_keras_1_wrote_nb_words():
    assert text.Tokenizer(nb_words=7).num_words == 7


def test_wrong_calls_say_what_is_wrong():
    with pytest.raises(TypeError, match=r"unknown arguments: \['words'\]"):
        text.Tokenizer(words=3)
    with pytest.raises(ValueError, match="Unknown vectorization mode: 'often'"):
        text.Tokenizer(3).sequences_to_matrix([[1]], "often")
    with pytest.raises(ValueError, match="Specify a dimension"):
        text.Tokenizer().sequences_to_matrix([[1]])
    with pytest.raises(ValueError, match="before using tfidf mode"):
        text.Tokenizer(3).sequences_to_matrix([[1]], "tfidf")
    with pytest.raises(ValueError, match="'md5' or None"):
        text.hashing_trick("a", 3, "sha")
    with pytest.raises(ValueError, match=r"`n` must be at least 2.*n=1"):
        text.one_hot("a", 1)
