"""IMDB: 50,000 film reviews, good and bad ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerastorch.datasets.pickles import object_arrays
from kerastorch.datasets.shuffling import Pair, shuffled
from kerastorch.datasets.sources import fetched, word_index
from kerastorch.datasets.words import Words


def load_data(
    path: Any = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    cache_dir: Any = None,
) -> tuple[Pair, Pair]:
    """Returns 25,000 reviews for training and 25,000 for tests, as numbers of words by how often they occur.

    Args:
        path: the name of the file in the cache, `<cache_dir>/datasets/<path>`; it is fetched when it is not there.
        num_words: words with this number or a higher one are left out. Default: None, only the highest one is.
        skip_top: words with a lower number are left out. Default: 0.
        maxlen: reviews of this length or longer are left out. Default: None.
        seed: of the order. Default: 113.
        start_char: what each review begins with; None adds nothing. Default: 1.
        oov_char: what takes the place of words that are left out; None shortens the review. Default: 2.
        index_from: what is added to the numbers of `get_word_index`; 0 stands for padding. Default: 3.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays of lists, and int64 arrays with 1 for a good review.

    Raises:
        DataError: when no review is shorter than `maxlen`.

    Example:
        >>> def shapes():
        ...     (x_train, y_train), (x_test, y_test) = load_data(num_words=10000)
        ...     return x_train.shape, x_test.shape  # (25000,), (25000,)

    Source: keras.datasets.imdb.load_data; A. Maas et al., Learning Word Vectors for Sentiment Analysis
    """
    words = Words(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    file = object_arrays(fetched(path, "imdb.npz", cache_dir))
    random = np.random.RandomState(seed)
    train = words.shifted(*shuffled(file["x_train"], file["y_train"], random))
    test = words.shifted(*shuffled(file["x_test"], file["y_test"], random))
    reviews, count = words.limited(train[0] + test[0]), len(train[0])
    return (reviews[:count], train[1]), (reviews[count:], test[1])


def get_word_index(path: Any = "imdb_word_index.json", cache_dir: Any = None) -> dict[str, int]:
    """Returns the number of each word; `load_data` adds its `index_from` to it.

    Args:
        path: the name of the file in the cache, `<cache_dir>/datasets/<path>`; it is fetched when it is not there.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Example:
        >>> def text_of(review):
        ...     words = {number + 3: word for word, number in get_word_index().items()}
        ...     return " ".join(words.get(number, "?") for number in review)

    Source: keras.datasets.imdb.get_word_index
    """
    return word_index(path, "imdb_word_index.json", cache_dir)
