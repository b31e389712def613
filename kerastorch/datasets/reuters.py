"""Reuters: 11,228 news of 46 topics."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerastorch.datasets.pickles import object_arrays
from kerastorch.datasets.shuffling import Pair, check_split, shuffled, split
from kerastorch.datasets.sources import fetched, word_index
from kerastorch.datasets.words import Words

_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: Any = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    cache_dir: Any = None,
) -> tuple[Pair, Pair]:
    """Returns news as numbers of words by how often they occur, and the numbers of their topics.

    Args:
        path: the name of the file in the cache, `<cache_dir>/datasets/<path>`; it is fetched when it is not there.
        num_words: words with this number or a higher one are left out. Default: None, only the highest one is.
        skip_top: words with a lower number are left out. Default: 0.
        maxlen: news of this length or longer are left out. Default: None.
        test_split: fraction of the news that is for tests. Default: 0.2.
        seed: of the order. Default: 113.
        start_char: what each text begins with; None adds nothing. Default: 1.
        oov_char: what takes the place of words that are left out; None shortens the text. Default: 2.
        index_from: what is added to the numbers of `get_word_index`; 0 stands for padding. Default: 3.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays of lists, and int64 arrays with topics 0 to 45.

    Raises:
        InvalidArgumentError: when `test_split` is no fraction.
        DataError: when no text is shorter than `maxlen`.

    Example:
        >>> def shapes():
        ...     (x_train, y_train), (x_test, y_test) = load_data(num_words=10000)
        ...     return x_train.shape, x_test.shape  # (8982,), (2246,)

    Source: keras.datasets.reuters.load_data; the Reuters-21578 collection
    """
    check_split(test_split)
    words = Words(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    file = object_arrays(fetched(path, "reuters.npz", cache_dir))
    texts, topics = words.shifted(*shuffled(file["x"], file["y"], np.random.RandomState(seed)))
    return split(words.limited(texts), topics, test_split)


def get_word_index(path: Any = "reuters_word_index.json", cache_dir: Any = None) -> dict[str, int]:
    """Returns the number of each word; `load_data` adds its `index_from` to it.

    Args:
        path: the name of the file in the cache, `<cache_dir>/datasets/<path>`; it is fetched when it is not there.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Example:
        >>> def text_of(news):
        ...     words = {number + 3: word for word, number in get_word_index().items()}
        ...     return " ".join(words.get(number, "?") for number in news)

    Source: keras.datasets.reuters.get_word_index
    """
    return word_index(path, "reuters_word_index.json", cache_dir)


def get_label_names() -> tuple[str, ...]:
    """Returns the names of the topics, by their numbers.

    Example:
        >>> get_label_names()[:3], len(get_label_names())
        (('cocoa', 'grain', 'veg-oil'), 46)

    Source: keras.datasets.reuters.get_label_names
    """
    return tuple(_TOPICS.split())
