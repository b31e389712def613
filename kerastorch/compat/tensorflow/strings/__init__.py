"""`tf.strings`: functions on tensors of text."""

from __future__ import annotations

from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.strings.editing import (
    format,
    join,
    lower,
    reduce_join,
    regex_full_match,
    regex_replace,
    strip,
    substr,
    upper,
)
from kerastorch.compat.tensorflow.strings.splitting import (
    ngrams,
    split,
    unicode_decode,
    unicode_encode,
    unicode_split,
)
from kerastorch.compat.tensorflow.strings.converting import (
    as_string,
    length,
    to_hash_bucket,
    to_hash_bucket_fast,
    to_hash_bucket_strong,
    to_number,
)

__all__ = [
    "as_string",
    "format",
    "join",
    "length",
    "lower",
    "ngrams",
    "reduce_join",
    "regex_full_match",
    "regex_replace",
    "split",
    "strip",
    "substr",
    "to_hash_bucket",
    "to_hash_bucket_fast",
    "to_hash_bucket_strong",
    "to_number",
    "unicode_decode",
    "unicode_encode",
    "unicode_split",
    "upper",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.strings", name)
