"""Texts as lists of numbers: `keras.preprocessing.text` of Keras 1 and 2."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kerastorch.errors import InvalidArgumentError, UnknownArgumentError

_PUNCTUATION = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_MODES = ("binary", "count", "freq", "tfidf")


def text_to_word_sequence(
    input_text: str, filters: str = _PUNCTUATION, lower: bool = True, split: str = " "
) -> list[str]:
    """Returns the words of a text.

    Args:
        input_text: the text.
        filters: the characters that separate words like `split`.
        lower: whether to make the text lower case.
        split: what separates words.

    Returns:
        A list of words, none of them empty.

    Example:
        >>> text_to_word_sequence("To be, or not to be!")
        ['to', 'be', 'or', 'not', 'to', 'be']

    Source: `keras.preprocessing.text.text_to_word_sequence`.
    """
    text = input_text.lower() if lower else input_text
    parts = text.translate({ord(sign): split for sign in filters}).split(split)
    return [word for word in parts if word]


def one_hot(
    input_text: str,
    n: int,
    filters: str = _PUNCTUATION,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Returns the words of a text as numbers, by Python's `hash`, which differs between processes.

    Args:
        input_text: the text.
        n: one more than the greatest number.
        filters: the characters that separate words like `split`.
        lower: whether to make the text lower case.
        split: what separates words.
        analyzer: a function that returns the words of a text, in place of the three arguments before.

    Returns:
        A number from 1 to `n - 1` for each word; different words may share one.

    Example:
        >>> first, second, third = one_hot("to be to", 50)
        >>> first == third
        True

    Source: `keras.preprocessing.text.one_hot`.
    """
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = _PUNCTUATION,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Returns the words of a text as numbers, by a hash function.

    Args:
        text: the text.
        n: one more than the greatest number.
        hash_function: a function from a word to an integer, or `"md5"`; None takes Python's `hash`, which differs
            between processes.
        filters: the characters that separate words like `split`.
        lower: whether to make the text lower case.
        split: what separates words.
        analyzer: a function that returns the words of a text, in place of the three arguments before.

    Returns:
        A number from 1 to `n - 1` for each word; different words may share one.

    Raises:
        InvalidArgumentError: for a hash function of another name, or `n` below 2.

    Example:
        >>> hashing_trick("to be or not to be", 20, "md5")
        [6, 7, 15, 10, 6, 7]

    Source: `keras.preprocessing.text.hashing_trick`.
    """
    if isinstance(hash_function, str) and hash_function != "md5":
        raise InvalidArgumentError(
            f"`hash_function` must be a function, 'md5' or None. Received: {hash_function!r}."
        )
    if n < 2:
        raise InvalidArgumentError(f"`n` must be at least 2, as 0 stands for no word. Received: n={n}.")
    number: Callable[[str], int] = _md5 if isinstance(hash_function, str) else hash_function or hash
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    return [number(word) % (n - 1) + 1 for word in words]


class Tokenizer:
    """Learns the words of texts and gives each a number, the commonest the least one.

    Args:
        num_words: one more than the greatest number that is used; None uses all.
        filters: the characters that separate words like `split`.
        lower: whether to make texts lower case.
        split: what separates words.
        char_level: whether each character is a word.
        oov_token: the word that stands for unknown ones, with number 1; None leaves them out.
        analyzer: a function that returns the words of a text.
        **kwargs: `document_count`, the number of texts seen before, and `nb_words`, Keras 1's name of `num_words`.

    Attributes:
        word_counts: how often each word was seen.
        word_docs: in how many texts each word was seen.
        word_index: the number of each word, from 1 on.
        index_word: the word of each number.
        index_docs: in how many texts each number was seen.
        document_count: how many texts were seen.

    Raises:
        UnknownArgumentError: for other keyword arguments.

    Example:
        >>> tokenizer = Tokenizer(oov_token="?")
        >>> tokenizer.fit_on_texts(["the cat", "the dog"])
        >>> tokenizer.texts_to_sequences(["The cat saw the dog."])
        [[2, 3, 1, 2, 4]]

    Source: `keras.preprocessing.text.Tokenizer`.
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = _PUNCTUATION,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], Sequence[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.num_words = kwargs.pop("nb_words", num_words)
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            raise UnknownArgumentError(f"`Tokenizer` received unknown arguments: {sorted(kwargs)}.")
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.analyzer = analyzer
        self.word_counts: Counter[str] = Counter()
        self.word_docs: Counter[str] = Counter()
        self.index_docs: Counter[int] = Counter()
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> Sequence[str]:
        """The words of a text; a list of them is taken as it is."""
        if isinstance(text, list):
            return [word.lower() for word in text] if self.lower else text
        if self.char_level:
            return text.lower() if self.lower else text
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Learns the words of texts, in addition to those seen before.

        Args:
            texts: texts, or lists of words.
        """
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            self.word_counts.update(words)
            self.word_docs.update(set(words))
        known = [word for word, _ in self.word_counts.most_common()]
        words = known if self.oov_token is None else [self.oov_token, *known]
        self.word_index = {word: number for number, word in enumerate(words, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Sequence[Iterable[int]]) -> None:
        """Learns in how many sequences each number is, which `"tfidf"` needs where no texts were seen.

        Args:
            sequences: lists of numbers.
        """
        self.document_count += len(sequences)
        for sequence in sequences:
            self.index_docs.update(set(sequence))

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Returns the numbers of the words of each text.

        Args:
            texts: texts, or lists of words.
        """
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """Yields what `texts_to_sequences` returns, a text at a time.

        Args:
            texts: texts, or lists of words.
        """
        for text in texts:
            numbers = (self._used(self.word_index.get(word)) for word in self._words(text))
            yield [number for number in numbers if number is not None]

    def _used(self, number: int | None) -> int | None:
        """A number, or what stands for one that is unknown or not used."""
        if number is None or (self.num_words and number >= self.num_words):
            return None if self.oov_token is None else self.word_index.get(self.oov_token)
        return number

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Returns the words of numbers, with a space between them.

        Args:
            sequences: lists of numbers.
        """
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yields what `sequences_to_texts` returns, a text at a time.

        Args:
            sequences: lists of numbers.
        """
        for sequence in sequences:
            numbers = (self._used(number if number in self.index_word else None) for number in sequence)
            yield " ".join(self.index_word[number] for number in numbers if number is not None)

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """Returns a row for each text, as `sequences_to_matrix` does for sequences.

        Args:
            texts: texts, or lists of words.
            mode: as in `sequences_to_matrix`.
        """
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode=mode)

    def sequences_to_matrix(self, sequences: Sequence[Sequence[int]], mode: str = "binary") -> np.ndarray:
        """Returns a row for each sequence that says which numbers are in it.

        Args:
            sequences: lists of numbers.
            mode: `"binary"` for 1 where a number is in the sequence, `"count"` for how often it is there, `"freq"` for
                that as a share, or `"tfidf"` for a weight that is less for numbers that are in many texts.

        Returns:
            An array (sequences, numbers).

        Raises:
            InvalidArgumentError: for an unknown mode, or before any text was seen.
        """
        if mode not in _MODES:
            raise InvalidArgumentError(f"Unknown vectorization mode: {mode!r}. Expected one of {_MODES}.")
        width = self.num_words or (len(self.word_index) + 1 if self.word_index else 0)
        if not width:
            raise InvalidArgumentError(
                "Specify a dimension (`num_words` argument), or fit on some text data first."
            )
        if mode == "tfidf" and not self.document_count:
            raise InvalidArgumentError("Fit the Tokenizer on some data before using tfidf mode.")
        rows = np.zeros((len(sequences), width))
        for row, sequence in zip(rows, sequences, strict=True):
            for number, count in Counter(sequence).items():
                if number < width:
                    row[number] = self._weight(number, count, len(sequence), mode)
        return rows

    def _weight(self, number: int, count: int, length: int, mode: str) -> float:
        if mode == "tfidf":
            rarity = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
            return (1 + np.log(count)) * rarity
        return {"binary": 1.0, "count": count, "freq": count / length}[mode]

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments and what was learned; the latter as JSON."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        return {
            **{name: getattr(self, name) for name in names},
            **{name: json.dumps(getattr(self, name)) for name in _LEARNED},
        }

    def to_json(self, **kwargs: Any) -> str:
        """Returns the tokenizer as text, which `tokenizer_from_json` reads.

        Args:
            **kwargs: arguments of `json.dumps`.
        """
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


_LEARNED = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Returns the tokenizer that `Tokenizer.to_json` wrote.

    Args:
        json_string: the text.

    Returns:
        A `Tokenizer`.

    Example:
        >>> tokenizer = Tokenizer()
        >>> tokenizer.fit_on_texts(["a b a"])
        >>> tokenizer_from_json(tokenizer.to_json()).word_index
        {'a': 1, 'b': 2}

    Source: `keras.preprocessing.text.tokenizer_from_json`.
    """
    config = json.loads(json_string)["config"]
    learned = {name: json.loads(config.pop(name)) for name in _LEARNED}
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts = Counter(learned["word_counts"])
    tokenizer.word_docs = Counter(learned["word_docs"])
    tokenizer.index_docs = Counter({int(k): v for k, v in learned["index_docs"].items()})
    tokenizer.index_word = {int(k): v for k, v in learned["index_word"].items()}
    tokenizer.word_index = learned["word_index"]
    return tokenizer
