"""Looking into saved files and changing what they hold: `KerasFileEditor`."""

from __future__ import annotations

import os
from typing import Any, BinaryIO

from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, UnknownNameError, did_you_mean
from kerastorch.saving import file_tree
from kerastorch.saving.archive import CONFIG, METADATA, WEIGHTS, opened_member, read_member
from kerastorch.saving.atomic import atomic_file
from kerastorch.saving.description import from_json, json_of
from kerastorch.saving.extras import OURS, independent_of_optimizers
from kerastorch.saving.formats import WEIGHTS_ENDING, format_of, label_of, reading_file
from kerastorch.saving.h5 import read_arrays, read_names
from kerastorch.saving.h5_writing import write_arrays
from kerastorch.saving.remote import here_to_read, here_to_write
from kerastorch.saving.state import place_of, values_of
from kerastorch.saving.walk import parts_of


class KerasFileEditor:
    """Shows what a saved model or weights file holds, changes it, and writes weights that a changed model can load.

    Objects are the layers, models and optimizers of the file. They are named by their path, such as
    `"layers/dense_2"`, or by its last part where only one object has it; weights by `"0"`, `"1"` and so on. These
    names are the ones that `summary()` prints, which are not those that layers have in Python.

    Args:
        filepath: a `.keras` or `.weights.h5` file.

    Attributes:
        weights_dict: the arrays, in a dictionary for each object, inside that of the object it belongs to.
        object_metadata: `{"/layers/dense_2": {"name": "output"}}`: the names of layers in Python, by path.
        config: how a `.keras` file describes its model; None for weights.
        metadata: when and by which version a `.keras` file was written; None for weights.

    Raises:
        InvalidArgumentError: when the path has another ending.
        MissingFileError: when there is no such file.
        CorruptModelError: when it is damaged, holds no weights, or has links to other files.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.models.sequential import Sequential
        >>> folder = tempfile.mkdtemp()
        >>> small, large = Sequential([Dense(2)]), Sequential([Dense(2), Dense(1)])
        >>> small.build((None, 3)), large.build((None, 3))
        (None, None)
        >>> small.save_weights(folder + "/small.weights.h5")
        >>> editor = KerasFileEditor(folder + "/small.weights.h5")  # doctest: +ELLIPSIS
        Keras model file '...small.weights.h5'
        >>> editor.add_object("layers/dense_1", {"0": np.ones((2, 1)), "1": np.zeros(1)})
        >>> editor.compare(large)["status"]
        Running comparison
        Comparison successful: the saved file fits the reference model.
            Found 4 matching weights
        'success'
        >>> editor.save(folder + "/large.weights.h5")
        >>> large.load_weights(folder + "/large.weights.h5")

    Source: `keras.saving.KerasFileEditor`.
    """

    def __init__(self, filepath: str | os.PathLike[str]) -> None:
        self.filepath = os.path.expanduser(os.fsdecode(os.fspath(filepath)))
        self.metadata: dict | None = None
        self.config: dict | None = None
        if not self.filepath.endswith((".keras", WEIGHTS_ENDING)):
            raise InvalidArgumentError(
                "Invalid filename: expected a `.keras` or `.weights.h5` extension. "
                f"Received: filepath={self.filepath}"
            )
        label = label_of(self.filepath)
        with here_to_read(self.filepath) as place, reading_file(place, label):
            self._read(place, format_of(place, label), label)
        print(f"Keras model file '{self.filepath}'")
        if self.metadata is not None:
            version, date = (self.metadata.get(key, "unknown") for key in ("keras_version", "date_saved"))
            print(f"Saved with Keras {version} - date: {date}")

    def _read(self, place: str, kind: str, label: str) -> None:
        """Reads the file, or what holds the same on this disk."""
        if kind == "h5":
            self._read_weights(place, label)
            return
        self.config = from_json(read_member(place, CONFIG, label), label)
        metadata = json_of(read_member(place, METADATA, label), label)
        self.metadata = metadata if isinstance(metadata, dict) else {}
        with opened_member(place, WEIGHTS, label) as weights:
            self._read_weights(weights, label)

    def _read_weights(self, file: str | BinaryIO, label: str) -> None:
        arrays, names = read_arrays(file, label), read_names(file, label)
        self._extras = {path: array for path, array in arrays.items() if path.startswith(OURS)}
        self._opened = {path: array for path, array in arrays.items() if not path.startswith(OURS)}
        self.weights_dict = file_tree.grown(self._opened)
        self.object_metadata = {
            f"/{path}".removesuffix("/vars"): {"name": name} for path, name in names.items()
        }

    def summary(self) -> None:
        """Prints the objects of the file, and the shapes and types of their weights."""
        print("Weights structure")
        print("\n".join(file_tree.lines(self.weights_dict, self.object_metadata, margin="  ")))

    def compare(self, reference_model: Any) -> dict[str, Any]:
        """Prints what differs in the objects and shapes of the file and those of a model.

        Args:
            reference_model: a built model.

        Returns:
            A dictionary: `"status"`, `"success"` or `"error"`; `"error_count"`, the number of differences; and
            `"match_count"`, the number of weights that fit.
        """
        print("Running comparison")
        reference = file_tree.grown(
            {
                f"{place_of(part)}/{key}": value
                for part in parts_of(reference_model)
                for key, value in values_of(part).items()
            }
        )
        faults = list(file_tree.differences(self.weights_dict, reference))
        count = file_tree.matches(self.weights_dict, reference)
        if faults:
            print("\n".join(f"  {fault}" for fault in faults))
            print(f"Found {_counted(len(faults), 'error')}: the saved file does not fit the reference model.")
        else:
            print("Comparison successful: the saved file fits the reference model.")
            print(f"    Found {_counted(count, 'matching weight')}")
        return {
            "status": "error" if faults else "success",
            "error_count": len(faults),
            "match_count": count,
        }

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Gives an object another name; one that has that name already is replaced.

        Args:
            object_name: its name or path, such as `"dense_2"` or `"layers/dense_2"`.
            new_name: the new name, not a path.

        Raises:
            InvalidArgumentError: when the new name is a path.
            UnknownNameError: when there is no such object, or several of that name.
        """
        if "/" in new_name:
            raise InvalidArgumentError(
                f"Argument `new_name` should be a name, not a path. Received: new_name={new_name!r}"
            )
        *above, name = path = file_tree.located(self.weights_dict, object_name)
        holder = file_tree.inside(self.weights_dict, tuple(above))
        holder[new_name] = holder.pop(name)
        old, new = "/" + "/".join(path), "/" + "/".join([*above, new_name])
        self.object_metadata = {
            f"{new}{known[len(old) :]}" if f"{known}/".startswith(f"{old}/") else known: value
            for known, value in self.object_metadata.items()
        }

    def delete_object(self, object_name: str) -> None:
        """Takes an object out of the file.

        Args:
            object_name: its name or path, such as `"dense_2"` or `"layers/dense_2"`.

        Raises:
            UnknownNameError: when there is no such object, or several of that name.
        """
        *above, name = file_tree.located(self.weights_dict, object_name)
        del file_tree.inside(self.weights_dict, tuple(above))[name]

    def add_object(self, object_path: str, weights: dict[str, Any]) -> None:
        """Puts a new object into the file; one that has its path already is replaced.

        Args:
            object_path: its path, such as `"layers/dense_2"`.
            weights: arrays by name: `{"0": kernel, "1": bias}`.

        Raises:
            ArgumentTypeError: when `weights` is no dictionary of arrays.
            UnknownNameError: when there is no object to put it in.
        """
        added = file_tree.tree_of(weights)
        *above, name = object_path.strip("/").split("/")
        holder: Any = self.weights_dict
        for part in above:
            if not isinstance(holder.get(part), dict):
                raise UnknownNameError(
                    f"Path {'/'.join(above)!r} is not found in the file.{did_you_mean(part, holder)}"
                )
            holder = holder[part]
        holder[name] = added

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Takes a weight out of an object.

        Args:
            object_name: the name or path of the object, such as `"dense_2"` or `"layers/dense_2"`.
            weight_name: the name of the weight, such as `"0"`.

        Raises:
            UnknownNameError: when there is no such object or weight.
        """
        held = self._object(object_name)
        if weight_name not in held:
            raise UnknownNameError(
                f"Weight {weight_name!r} is not found in object {object_name!r}. Weights found: {list(held)}"
            )
        del held[weight_name]

    def add_weights(self, object_name: str, weights: dict[str, Any]) -> None:
        """Puts weights into an object; those of the same names are replaced.

        Args:
            object_name: the name or path of the object, such as `"dense_2"` or `"layers/dense_2"`.
            weights: arrays by name: `{"0": kernel, "1": bias}`.

        Raises:
            ArgumentTypeError: when `weights` is no dictionary of arrays, or the name that of a weight.
            UnknownNameError: when there is no such object, or several of that name.
        """
        self._object(object_name).update(file_tree.tree_of(weights))

    def _object(self, name: str) -> dict[str, Any]:
        found = file_tree.inside(self.weights_dict, file_tree.located(self.weights_dict, name))
        if not isinstance(found, dict):
            raise ArgumentTypeError(f"{name!r} is a weight. Expected the name or path of an object.")
        return found

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Writes the weights as they are now, whole or not at all.

        Args:
            filepath: the path of a `.weights.h5` file; one that is there is replaced.

        Raises:
            InvalidArgumentError: when the path has another ending.
        """
        target = os.path.expanduser(os.fsdecode(os.fspath(filepath)))
        if not target.endswith(WEIGHTS_ENDING):
            raise InvalidArgumentError(
                f"Invalid `filepath` argument: expected a `.weights.h5` extension. Received: filepath={target}"
            )
        arrays = dict(file_tree.arrays_of(file_tree.tree_of(self.weights_dict)))
        groups = {path[:end] for path in arrays for end, mark in enumerate(path) if mark == "/"}
        names = {f"{place}/vars".lstrip("/"): known["name"] for place, known in self.object_metadata.items()}
        with here_to_write(target) as place, atomic_file(place) as temporary:
            write_arrays(
                str(temporary),
                {**arrays, **self._kept_extras(arrays)},
                {place: name for place, name in names.items() if place in groups},
            )

    def resave_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Writes the weights as they are now, as `save` does.

        Args:
            filepath: the path of a `.weights.h5` file; one that is there is replaced.

        Raises:
            InvalidArgumentError: when the path has another ending.
        """
        self.save(filepath)

    def _kept_extras(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """The state that Keras has no place for; that of optimizers goes with the weights as they were."""
        was = self._opened
        if arrays.keys() == was.keys() and all(arrays[path] is was[path] for path in was):
            return self._extras
        return independent_of_optimizers(self._extras)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
