"""Models as plain PyTorch source: the text, the files, and what can be done with them."""

from __future__ import annotations

import ast

import pytest
import torch

from kerastorch import Model, Sequential, layers, ops
from kerastorch.errors import InvalidArgumentError, NotBuiltError
from kerastorch.export.source.writer import source_of
from tests.export.rows import module_of


def vision() -> Model:
    """Images in, a residual block, a nested head."""
    inputs = layers.Input((None, None, 3), name="images")
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="stem")(inputs)
    y = layers.BatchNormalization(name="norm")(x)
    y = layers.Conv2D(8, 3, padding="same", name="conv")(y)
    x = layers.Add(name="joined")([x, y])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    rows = [layers.Input((8,)), layers.Dropout(0.5, name="drop"), layers.Dense(4, name="logits")]
    return Model(inputs, Sequential(rows, name="head")(x), name="vision")


VISION = """
class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.logits = nn.Linear(8, 4)

    def forward(self, x):
        x = self.drop(x)
        return self.logits(x)


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2)
        self.norm = nn.BatchNorm2d(8, eps=0.001, momentum=0.01)
        self.conv = nn.Conv2d(8, 8, 3, padding="same")
        self.head = Head()

    def forward(self, images):
        images = images.permute(0, 3, 1, 2)
        x = F.relu(self.stem(pad_same(images, (3, 3), (2, 2))))
        norm = self.norm(x)
        conv = self.conv(norm)
        x = x + conv
        x = x.mean((2, 3))
        return self.head(x)
"""


def test_the_text_is_what_a_person_would_write():
    text = source_of(vision()).text
    assert VISION.strip() in text
    imports = [line for line in text.splitlines() if line.startswith(("import", "from"))]
    assert imports == ["import torch", "import torch.nn.functional as F", "from torch import nn"]


def test_the_files_run_without_kerastorch_bit_for_bit(tmp_path, run_alone, capsys):
    model, x = vision(), torch.randn(3, 17, 20, 3)
    model.export(tmp_path / "out", format="source")
    assert "Saved the model as 'source'" in capsys.readouterr().out
    torch.save({"x": x, "y": model(x, training=False).detach()}, tmp_path / "data.pt")
    printed = run_alone(
        "sys.path.insert(0, 'out')\n"
        "import torch, model\n"
        "data, module = torch.load('data.pt'), model.load()\n"
        "assert torch.equal(module(data['x']), data['y'])\n"
        "step = torch.optim.SGD(module.train().parameters(), 0.1)\n"
        "before = module.stem.weight.clone()\n"
        "module(data['x']).square().mean().backward()\n"
        "step.step()\n"
        "print(not torch.equal(before, module.stem.weight), 'kerastorch' in sys.modules)\n"
    )
    assert printed == "True False"


def test_from_torch_takes_the_module_back():
    model = vision()
    again, x = Model.from_torch(module_of(source_of(model))), torch.randn(2, 16, 16, 3)
    assert torch.equal(again(x, training=False), model(x, training=False))
    again.compile("sgd", "mse")
    before = model(x, training=False)
    again.fit(x, torch.zeros(2, 4), verbose=0)
    assert torch.equal(model(x, training=False), before)  # the source has weights of its own


def test_functions_of_the_graph_become_operators_and_torch_functions():
    a, b = layers.Input((4,), name="a"), layers.Input((4,), name="b")
    x = torch.relu(a + b) * 2
    x = ops.concatenate([x[:, :2], ops.exp(-b)], axis=1)
    x = ops.expand_dims(ops.mean(x, axis=-1), 1) + torch.nn.functional.softmax(a, dim=-1)
    model = Model([a, b], {"out": ops.reshape(x, (-1, 2, 2)), "sum": ops.sum(x, axis=(0, 1), keepdims=True)})
    source = source_of(model)
    given = [torch.randn(3, 4), torch.randn(3, 4)]
    ours, theirs = model(given), module_of(source)(*given)
    assert list(theirs) == ["out", "sum"]
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    assert "x = a + b\n" in source.text
    assert "kerastorch" not in source.text


def test_shared_layers_and_models_are_written_once():
    inner = Sequential([layers.Input((3,)), layers.Dense(3, name="mix")], name="inner")
    shared = layers.Dense(3, name="shared")
    a, b = layers.Input((3,), name="a"), layers.Input((3,), name="b")
    model = Model([a, b], layers.Add()([shared(inner(a)), shared(inner(b))]))
    source = source_of(model)
    assert source.text.count("nn.Linear") == 2
    assert source.text.count("class Inner") == 1
    given = [torch.randn(2, 3), torch.randn(2, 3)]
    assert torch.equal(model(given), module_of(source)(*given))


def test_frozen_layers_stay_frozen():
    model = vision()
    model.get_layer("stem").trainable = False
    model.get_layer("norm").trainable = False
    module = module_of(source_of(model)).train()
    assert not module.stem.weight.requires_grad
    assert module.conv.weight.requires_grad
    assert not module.norm.training
    assert module.training


def test_every_call_without_a_rule_is_named():
    inputs = layers.Input((6, 3))
    x = layers.Lambda(lambda x: x * 2, name="twice")(inputs)
    x = layers.GRU(4, reset_after=False, name="old")(x)
    with pytest.raises(
        InvalidArgumentError, match=r"(?s)'twice' .Lambda.*'old' .GRU.*reset_after=False.*`format="
    ):
        source_of(Model(inputs, x))


def test_a_model_without_a_graph_is_refused():
    class Own(Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(NotBuiltError, match="call it on data first"):
        source_of(Sequential([layers.Dense(2)]))
    model = Own()
    model(torch.ones(1, 2))
    with pytest.raises(NotBuiltError, match="Python code of its own"):
        source_of(model)


def test_plain_modules_stay_what_they_are():
    inputs = layers.Input((6,), name="features")
    block = torch.nn.Sequential(
        torch.nn.Linear(6, 4, bias=False), torch.nn.LeakyReLU(0.3), torch.nn.BatchNorm1d(4)
    )
    model = Model(inputs, block(inputs))
    source, x = source_of(model), torch.randn(3, 6)
    parts = "nn.Linear(6, 4, bias=False), nn.LeakyReLU(negative_slope=0.3), nn.BatchNorm1d(4)"
    assert f"nn.Sequential({parts})" in source.text
    assert torch.equal(module_of(source)(x), model(x, training=False))


NAMES = ["x", "torch", "pad_same", 'a"""b', "class", "forward", "1st", "multi head attention", "ünï"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_layers_and_models_gives_code_that_runs(name):
    inputs = layers.Input((None, 3), name="steps")
    x = layers.Conv1D(3, 3, strides=2, padding="same", name=name)(inputs)
    x = layers.MultiHeadAttention(2, 2, name="attend")(x, x)
    inner = Model(inputs, layers.Add(name="sum")([x, x]), name=name)
    outer = layers.Input((None, 3), name=f"{name}_")
    model, x = Model(outer, inner(outer), name=name), torch.randn(2, 7, 3)
    torch.testing.assert_close(module_of(source_of(model))(x), model(x, training=False))


def test_texts_of_a_model_do_not_become_code():
    inputs = layers.Input((4, 2))
    masking = layers.Masking()
    x = masking(inputs)
    masking.mask_value = '0).sum(); raise SystemExit("run"); (0'
    text = source_of(Model(inputs, x, name='"""\nraise SystemExit("run")\n"""')).text
    compiled = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Raise)]
    assert compiled == []
