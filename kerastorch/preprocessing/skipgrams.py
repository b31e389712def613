"""Pairs of words that stand near each other, with which embeddings are learned."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

_EULER = 0.577  # as Keras rounds the constant of Euler and Mascheroni


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """Returns how likely each word is kept, so that common words are not learned from all the time.

    Args:
        size: the number of words.
        sampling_factor: the factor of word2vec's formula.

    Returns:
        A probability for each rank, an array (size,); the commonest word comes first, after one that is no word.

    Example:
        >>> make_sampling_table(3).round(5).tolist()
        [0.00315, 0.00315, 0.00548]

    Source: `keras.preprocessing.sequence.make_sampling_table`; Mikolov et al., 2013.
    """
    rank = np.arange(size)
    rank[0] = 1
    rarity = rank * (np.log(rank) + _EULER) + 0.5 - 1.0 / (12.0 * rank)  # by Zipf's law
    return np.minimum(1.0, np.sqrt(sampling_factor * rarity))


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Sequence[float] | None = None,
    seed: int | None = None,
) -> tuple[list, list]:
    """Returns pairs of words that stand near each other, and pairs with a random word.

    Args:
        sequence: the numbers of the words of a text; 0 is no word.
        vocabulary_size: the greatest number of a word, plus one.
        window_size: how far apart the words of a pair may be at most.
        negative_samples: how many pairs with a random word there are for each pair of neighbours.
        shuffle: whether the pairs come in random order.
        categorical: whether a label is `[1, 0]` or `[0, 1]` rather than 0 or 1.
        sampling_table: how likely each word is kept, such as `make_sampling_table` returns; None keeps all.
        seed: the seed of the order; None draws it from Python's generator, as all else here.

    Returns:
        The pairs, and a label for each: 1 for neighbours, 0 for a random word.

    Example:
        >>> skipgrams([1, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
        ([[1, 2], [2, 1], [2, 3], [3, 2]], [1, 1, 1, 1])

    Source: `keras.preprocessing.sequence.skipgrams`; Mikolov et al., 2013.
    """
    yes, no = ([0, 1], [1, 0]) if categorical else (1, 0)
    couples = list(_neighbours(sequence, window_size, sampling_table))
    labels: list[Any] = [yes] * len(couples)
    if negative_samples > 0:
        words = [word for word, _ in couples]
        random.shuffle(words)
        count = int(len(labels) * negative_samples)
        couples += [[words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)]
        labels += [no] * count
    if shuffle:
        order_seed = random.randint(0, 10_000_000) if seed is None else seed
        for items in (couples, labels):
            random.seed(order_seed)
            random.shuffle(items)
    return couples, labels


def _neighbours(
    sequence: Sequence[int], window_size: int, sampling_table: Sequence[float] | None
) -> Iterator[list[int]]:
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        for j in range(max(0, i - window_size), min(len(sequence), i + window_size + 1)):
            if j != i and sequence[j]:
                yield [word, sequence[j]]
