"""The name of a layer, which may come from a file, is never code of the generated forward pass."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch

NAMES = [
    'x", print("run") or "x',
    'quoted "a" <b> & \\c',
    "back\\",
    "line\nbreak",
    "carriage\rreturn",
    'triple """ quotes',
    "it's (1, 2)#",
    "conv2d-1 é",
]


@pytest.mark.parametrize("name", NAMES, ids=[str(number) for number in range(len(NAMES))])
@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_any_name_is_a_name_and_nothing_else(name, kind, capsys):
    dense, x = kerastorch.layers.Dense(1, name=name), kerastorch.Input((2,))
    model = kerastorch.Sequential([x, dense]) if kind == "sequential" else kerastorch.Model(x, dense(x))
    assert model.predict(np.ones((1, 2), "float32"), verbose=0).shape == (1, 1)
    assert capsys.readouterr().out == ""
    assert model.get_layer(name) is dense


class Keywords(kerastorch.layers.Layer):
    def call(self, x, **keywords):
        return x


@pytest.mark.parametrize("name", ['a=1) or print("run") or dict(b', "class", "", "a b"])
def test_a_keyword_that_is_no_name_is_refused(name):
    x = kerastorch.Input((2,))
    output = Keywords()(x, **{name: 1})
    with pytest.raises(kerastorch.errors.GraphError, match="is no name of an argument"):
        kerastorch.Model(x, output)
