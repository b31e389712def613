"""`tf.strings` with the results that TensorFlow documents."""

from __future__ import annotations

import pytest
import torch

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tf.strings.lower(["Ärger", "B"]), ["Ärger", "b"]),
        (tf.strings.lower("Ärger", encoding="utf-8"), "ärger"),
        (tf.strings.upper("ab"), "AB"),
        (tf.strings.strip(["\n a "]), ["a"]),
        (tf.strings.join(["a", "b"], "-"), "a-b"),
        (tf.strings.join([["a", "b"], ["c", "d"]]), ["ac", "bd"]),
        (tf.strings.reduce_join([["a", "b"], ["c", "d"]], 0), ["ac", "bd"]),
        (tf.strings.reduce_join([["a", "b"], ["c", "d"]]), "abcd"),
        (tf.strings.reduce_join([["a", "b"]], -1, keepdims=True, separator="+"), [["a+b"]]),
        (tf.strings.regex_replace("a1b22", r"\d+", "#"), "a#b#"),
        (tf.strings.regex_replace("a1b22", r"(\d)", r"<\1>", replace_global=False), "a<1>b22"),
        (tf.strings.regex_replace("abc", "b", r"[\0]"), "a[b]c"),
        (tf.strings.substr(["hello", "world"], [0, 1], [2, 3]), ["he", "orl"]),
        (tf.strings.substr("hello", -3, 2), "ll"),
        (tf.strings.substr("äöü", 1, 1, unit="UTF8_CHAR"), "ö"),
        (tf.strings.as_string([1.5, 2.0]), ["1.500000", "2.000000"]),
        (tf.strings.as_string([True, False]), ["true", "false"]),
        (tf.strings.as_string(3.14159, precision=2), "3.14"),
        (tf.strings.as_string(7, width=3, fill="0"), "007"),
        (tf.strings.unicode_split("né"), ["n", "é"]),
        (tf.strings.unicode_encode([110, 233]), "né"),
        (tf.strings.format("{} and {}", [tf.constant(1), tf.constant([2, 3])]), "1 and [2 3]"),
    ],
    ids=str,
)
def test_text_from_text(found, expected):
    assert found.decode().tolist() == expected


def test_words_are_rows_of_different_lengths():
    words = tf.strings.split(["to be or", "not"])
    assert words.to_list() == [[b"to", b"be", b"or"], [b"not"]]
    assert words.to_tensor().tolist() == [[b"to", b"be", b"or"], [b"not", b"", b""]]
    assert tf.strings.split("a,b,,c", sep=",").tolist() == [b"a", b"b", b"", b"c"]
    assert tf.strings.split("a b c", maxsplit=1).tolist() == [b"a", b"b c"]
    assert tf.strings.ngrams(words, 2).to_list() == [[b"to be", b"be or"], []]


def test_numbers_from_text():
    assert tf.strings.length(["abc", "ä"]).tolist() == [3, 2]
    assert tf.strings.to_number(["1", "-2"], tf.int32).tolist() == [1, -2]
    assert tf.strings.regex_full_match(["ab", "b"], "a.*").tolist() == [True, False]
    assert tf.strings.unicode_decode(["né", ""]).to_list() == [[110, 233], []]


def test_buckets_are_stable_and_in_range():
    buckets = tf.strings.to_hash_bucket_fast([str(i) for i in range(200)], 7)
    assert set(buckets.tolist()) == set(range(7))
    assert buckets.dtype == torch.int64
    assert tf.strings.to_hash_bucket("kerastorch", 10**6).item() == 955786


def test_hashes_are_tensorflow_s():
    """Pinned from TensorFlow 2.21.0."""
    texts = ["Hello", "TensorFlow", "", "é" * 20]
    fast = tf.strings.to_hash_bucket_fast(texts, 10**6)
    strong = tf.strings.to_hash_bucket_strong(texts, 10**6, [3, -2])
    assert fast.tolist() == [526151, 386254, 397263, 68180]
    assert strong.tolist() == [249405, 924260, 280753, 688664]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: tf.strings.to_hash_bucket_fast("a", 0), "`num_buckets` must be positive"),
        (lambda: tf.strings.to_hash_bucket_strong("a", 0, [1, 2]), "`num_buckets` must be positive"),
        (lambda: tf.strings.to_hash_bucket_strong("a", 3, [1]), "`key` must be two integers"),
    ],
    ids=["fast", "strong", "key"],
)
def test_wrong_buckets_are_named(call, match):
    with pytest.raises(InvalidArgumentError, match=match):
        call()


def test_text_compares_and_joins_with_operators():
    words = tf.constant(["a", "b"])
    assert tf.equal(words, "a").tolist() == [True, False]
    assert tf.add(words, "!").tolist() == [b"a!", b"b!"]
    assert words.dtype == tf.string


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tf.strings.to_number("one"), "no number"),
        (lambda: tf.strings.regex_replace("a", "(", ""), "no regular expression"),
        (lambda: tf.strings.length("a", unit="WORD"), "Unknown unit"),
        (lambda: tf.strings.format("{}", [1, 2]), "2 tensors for 1 places"),
    ],
    ids=["number", "pattern", "unit", "places"],
)
def test_what_cannot_be_is_said(call, message):
    with pytest.raises(InvalidArgumentError, match=message):
        call()
