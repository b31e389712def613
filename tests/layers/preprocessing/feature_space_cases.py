"""Feature spaces and the data for them; `feature_space.json` holds what Keras on TensorFlow makes of them."""

from __future__ import annotations

DATA = {
    "size": [0.5, 1.5, -2.0, 4.0, 0.25, 3.5],
    "age": [3, 5, 3, 8, 5, 3],
    "town": ["Bonn", "Ulm", "Bonn", "Hof", "Ulm", "Bonn"],
}
SAMPLE = {"size": 1.0, "age": 5, "town": "Hof"}
KINDS = {
    "float": "size",
    "float_rescaled": "size",
    "float_normalized": "size",
    "float_discretized": "size",
    "integer_categorical": "age",
    "string_categorical": "town",
    "integer_hashed": "age",
    "string_hashed": "town",
}


def of_kind(kind):
    return lambda space: space({KINDS[kind]: kind}, hashing_dim=5, num_discretization_bins=3)


def crossed(space):
    return space(
        {"size": "float", "age": "integer_categorical", "town": "string_categorical"},
        crosses=[("town", "age")],
        crossing_dim=4,
    )


def as_dictionary(space):
    return space(
        {
            "size": space.float_discretized(num_bins=3, output_mode="int"),
            "age": space.integer_hashed(num_bins=4, output_mode="one_hot"),
            "town": space.string_categorical(max_tokens=3, num_oov_indices=2, output_mode="int"),
        },
        crosses=[space.cross(("size", "town"), crossing_dim=9, output_mode="int")],
        output_mode="dict",
    )


CASES = {**{kind: of_kind(kind) for kind in KINDS}, "crossed": crossed, "dictionary": as_dictionary}
