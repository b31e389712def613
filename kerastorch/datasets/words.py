"""Texts as lists of the numbers of their words, by how often they occur."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerastorch.errors import DataError

Texts = list[list[int]]


@dataclass(frozen=True)
class Words:
    """Which words of a text are kept, and what their numbers are.

    Args:
        num_words: numbers from this one on are left out; None keeps all but the rarest word.
        skip_top: numbers below this one are left out.
        maxlen: texts of this length or longer are left out; None keeps all.
        start_char: what every text begins with; None adds nothing.
        oov_char: what takes the place of words that are left out; None shortens the text.
        index_from: what is added to each number.
    """

    num_words: int | None
    skip_top: int
    maxlen: int | None
    start_char: int | None
    oov_char: int | None
    index_from: int

    def shifted(self, texts: Iterable[Any], labels: np.ndarray) -> tuple[Texts, np.ndarray]:
        """Returns the texts that are not too long, each with its start and its numbers shifted.

        Args:
            texts: the numbers of words of each text.
            labels: of the texts.

        Raises:
            DataError: when all are too long.
        """
        start, shift = [] if self.start_char is None else [self.start_char], self.index_from or 0
        found = [start + [word + shift for word in text] for text in texts]
        if not self.maxlen:
            return found, labels
        kept = [place for place, text in enumerate(found) if len(text) < self.maxlen]
        if not kept:
            raise DataError(f"No text is shorter than maxlen={self.maxlen}. Increase `maxlen`.")
        return [found[place] for place in kept], labels[kept]

    def limited(self, texts: Texts) -> np.ndarray:
        """Returns the texts, an array of lists, with only the words that are kept.

        Args:
            texts: of `shifted`.
        """
        top = self.num_words or max(max(text, default=0) for text in texts)
        low, other = self.skip_top, self.oov_char
        result = np.empty(len(texts), dtype=object)
        for place, text in enumerate(texts):
            if other is None:
                result[place] = [word for word in text if low <= word < top]
            else:
                result[place] = [word if low <= word < top else other for word in text]
        return result
