"""Where the vocabulary of a lookup layer is kept: in configs, in saved models, in a `state_dict`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerastorch.errors import UnsafeModelError

_ARGUMENTS = (
    "invert",
    "max_tokens",
    "num_oov_indices",
    "oov_token",
    "mask_token",
    "output_mode",
    "sparse",
    "pad_to_max_tokens",
    "vocabulary_dtype",
    "oov_method",
    "salt",
)
_TEXT, _EXACT = "vocabulary.txt", "vocabulary.json"


class VocabularyFiles:
    """The part of `IndexLookup` that is written to files and read from them. See `IndexLookup`."""

    def get_config(self: Any) -> dict:
        """Returns the constructor's arguments; a vocabulary from a file or `adapt` is not among them."""
        return {
            **super().get_config(),  # type: ignore[misc]
            **{name: getattr(self, name) for name in _ARGUMENTS},
            "idf_weights": self.input_idf_weights,
            "vocabulary": self.input_vocabulary,
            "vocabulary_size": self._frozen_vocab_size,
        }

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Returns a layer made from what `get_config` returned.

        Raises:
            UnsafeModelError: when the config names a file to read.
        """
        refuse_file(cls.__name__, config)
        return super().from_config(config)  # type: ignore[misc]

    def save_own_variables(self: Any, store: Any) -> None:
        """Writes the weights of `"tf_idf"` into a mapping."""
        if self.output_mode == "tf_idf":
            store["idf_weights"] = self.idf_weights.cpu().numpy()

    def load_own_variables(self: Any, store: Any) -> None:
        """Sets the weights of `"tf_idf"` from a mapping."""
        if self.output_mode == "tf_idf":
            self._set_weights(np.asarray(store["idf_weights"]), 0)

    def save_assets(self: Any, dir_path: str) -> None:
        """Writes the vocabulary into a folder, unless it is part of the config.

        Args:
            dir_path: the folder.
        """
        if self.input_vocabulary is None:
            terms = self.get_vocabulary()
            text = "\n".join(map(str, terms))
            (Path(dir_path) / _TEXT).write_bytes(text.encode())
            if text.count("\n") >= len(terms) or not str(
                terms[-1]
            ):  # a term holds, or looks like, the end of a line
                (Path(dir_path) / _EXACT).write_text(json.dumps(terms), encoding="utf-8")

    def load_assets(self: Any, dir_path: str) -> None:
        """Reads the vocabulary from a folder, unless it is part of the config.

        Args:
            dir_path: the folder.
        """
        exact, text = Path(dir_path) / _EXACT, Path(dir_path) / _TEXT
        if self.input_vocabulary is not None or not text.is_file():
            return
        terms = (
            json.loads(exact.read_text(encoding="utf-8"))
            if exact.is_file()
            else text.read_bytes().rstrip(b"\n").split(b"\n")
        )
        tokens = terms[self._first_token :] if len(terms) > 1 or terms[0] else []
        self._restore(self._terms_of(tokens))

    def get_extra_state(self: Any) -> dict[str, Any]:
        """Returns the vocabulary and the weights of `"tf_idf"`: what `state_dict` holds beside tensors."""
        return {"tokens": list(self._tokens), "idf_weights": self.idf_weights.cpu()}

    def set_extra_state(self: Any, state: dict[str, Any]) -> None:
        """Sets the vocabulary and the weights to what `get_extra_state` returned.

        Args:
            state: the dictionary.
        """
        self._set_weights(state["idf_weights"].numpy(), 0)
        self._restore(state["tokens"])

    def _restore(self: Any, tokens: Sequence[Any]) -> None:
        self._check_tokens(list(tokens))
        self._set_tokens(tokens)


def refuse_file(name: str, config: dict) -> None:
    """Raises the error for a config that names a vocabulary file: reading it could disclose any file.

    Args:
        name: the class.
        config: the config of a layer.

    Raises:
        UnsafeModelError: when it does.
    """
    if isinstance(config.get("vocabulary"), (str, Path)):
        raise UnsafeModelError(
            f"The config of a {name} names the vocabulary file {config['vocabulary']!r}, which lies outside of the "
            "saved model. Files that a config names are not read. Make the layer without it, and call "
            "`set_vocabulary` with the path yourself."
        )
