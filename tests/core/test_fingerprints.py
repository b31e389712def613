"""Hashes of strings and integers are TensorFlow's, for every length."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from kerastorch.core.fingerprints import crossed, fingerprint64, remainder, siphash64
from kerastorch.core.strings import StringTensor

PINNED = json.loads((Path(__file__).parent / "fingerprints.json").read_text(encoding="utf-8"))
BINS = 2**31 - 1
INTEGERS = torch.tensor(PINNED["integers"])


def text(length):
    return "".join(chr(33 + (7 * length + 5 * i * i) % 90) for i in range(length))


TEXTS = StringTensor([text(length) for length in range(201)])
SOME = TEXTS[: len(INTEGERS)]


@pytest.mark.parametrize(
    ("hashed", "expected"),
    [
        (lambda: fingerprint64(TEXTS), PINNED["farm"]),
        (lambda: siphash64(TEXTS, (133, 137)), PINNED["sip"]),
        (lambda: fingerprint64(INTEGERS), PINNED["farm_integers"]),
        (lambda: siphash64(INTEGERS, (133, 2**40 + 5)), PINNED["sip_integers"]),
        (lambda: crossed([SOME, INTEGERS]), PINNED["crosses"]["texts, integers"]),
        (lambda: crossed([INTEGERS, INTEGERS, SOME]), PINNED["crosses"]["integers, integers, texts"]),
    ],
    ids=["farm", "sip", "farm of integers", "sip of integers", "cross of two", "cross of three"],
)
def test_hashes_are_tensorflow_s(hashed, expected):
    assert remainder(hashed(), BINS).tolist() == expected


@pytest.mark.parametrize("dtype", [torch.int8, torch.int32, torch.int64, torch.uint8])
def test_the_type_of_an_integer_does_not_matter(dtype):
    expected = fingerprint64(StringTensor(["0", "5", "100"]))
    assert torch.equal(fingerprint64(torch.tensor([0, 5, 100], dtype=dtype)), expected)


@pytest.mark.parametrize("hashes", [fingerprint64, lambda values: siphash64(values, (1, 2))])
def test_shapes_are_kept(hashes):
    for shape in [(), (0,), (2, 3), (2, 0)]:
        assert hashes(torch.zeros(shape, dtype=torch.int64)).shape == shape
        assert hashes(StringTensor([]) if 0 in shape else StringTensor("a")).dtype is torch.int64


def test_trailing_zero_bytes_count():
    first, second = fingerprint64(StringTensor([b"a", b"a\0"])).tolist()
    assert first != second


@pytest.mark.parametrize("hashes", [fingerprint64, lambda values: siphash64(values, (1, 2))])
def test_integers_are_hashed_in_one_graph(hashes):
    compiled = torch.compile(hashes, fullgraph=True, backend="eager")
    assert torch.equal(compiled(INTEGERS), hashes(INTEGERS))
    torch._dynamo.reset()


def test_remainders_are_of_unsigned_numbers():
    values = [0, 1, 2**63 - 1, -1, -(2**63)]
    for divisor in (1, 2, 7, 2**31 - 1, 2**61 - 1):
        expected = [value % 2**64 % divisor for value in values]
        assert remainder(torch.tensor(values), divisor).tolist() == expected
