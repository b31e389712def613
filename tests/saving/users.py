"""The layer and the function of a user that stand in the files of `tests/files`."""

from __future__ import annotations

from kerastorch import layers


class Scale(layers.Layer):
    def __init__(self, by=1.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def build(self, shape):
        self.weight = self.add_weight(name="weight", shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.weight * self.by

    def get_config(self):
        return {**super().get_config(), "by": self.by}


def halved(x):
    return x / 2.0
