"""Plain `torch.nn` modules in models: shapes, training, weights, freezing, types, copies."""

from __future__ import annotations

import copy
import gc
import pickle
import subprocess
import sys
import weakref

import keras
import numpy as np
import pytest
import torch
from torch import nn

import kerastorch
from kerastorch import Input, layers
from kerastorch.core.torch_configs import arguments_of
from kerastorch.errors import SerializationError, ShapeError
from kerastorch.layers import TorchModuleWrapper
from tests.layers.torch_modules import CASES, TRAINED, Residual, each, model_of


@each
def test_symbolic_and_real_shapes_agree(case):
    model = model_of(case)
    for batch in (2, 3):
        result = model(case.inputs(batch))
        assert (None, *result.shape[1:]) == model.output_shape
        assert str(result.dtype) == f"torch.{model.output.dtype}"


@each
def test_a_row_of_layers_and_a_graph_compute_what_the_module_does(case):
    module, x = case.make().eval(), case.inputs(2)
    expected = module(x)
    for model in (kerastorch.Sequential([module]), model_of(case, module)):
        torch.testing.assert_close(model(x), expected)


@pytest.mark.parametrize("case", TRAINED.values(), ids=TRAINED)
def test_one_step_of_training_changes_every_weight(case):
    model, x = model_of(case), case.inputs(4)
    model.compile(torch.optim.SGD(model.parameters(), lr=1.0), "mse")
    before = [w.detach().clone() for w in model.trainable_weights]
    model.fit(x, torch.randn(model(x).shape), epochs=1, batch_size=4, verbose=0)
    assert not any(map(torch.equal, model.trainable_weights, before))


@each
def test_the_summary_counts_the_parameters(case):
    model, lines = model_of(case), []
    model.summary(print_fn=lines.append)
    count = sum(p.numel() for p in model.parameters())
    assert f" Trainable params: {count:,} (" in "\n".join(lines)
    assert model.count_params() == count + sum(b.numel() for b in model.buffers())


@each
def test_a_frozen_model_stays_as_it_is(case):
    model = model_of(case)
    model.trainable = False
    assert model.trainable_weights == []
    assert not any(p.requires_grad for p in model.parameters())
    model.trainable = True
    assert all(p.requires_grad for p in model.parameters())


@each
def test_it_can_be_moved_to_another_type(case):
    model = model_of(case).to(torch.float64)
    result = model(case.inputs(2).double() if case.inputs(2).is_floating_point() else case.inputs(2))
    assert result.dtype is torch.float64
    assert result.shape[1:] == model.output_shape[1:]


@each
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"]
)
def test_copies_compute_the_same_with_weights_of_their_own(case, duplicate):
    model, x = model_of(case), case.inputs(2)
    again = duplicate(model)
    torch.testing.assert_close(again(x), model(x))
    assert not {id(w) for w in again.weights} & {id(w) for w in model.weights}


@each
def test_a_clone_takes_the_weights(case):
    model, x = model_of(case), case.inputs(2)
    clone = kerastorch.models.clone_model(model)
    clone.set_weights(model.get_weights())
    torch.testing.assert_close(clone(x), model(x))


@each
def test_mixed_precision_lowers_the_outputs(case):
    model = model_of(case, dtype="mixed_bfloat16")
    result = model(case.inputs(2))
    assert str(result.dtype).removeprefix("torch.") == model.output.dtype == "bfloat16"
    assert {w.dtype for w in model.trainable_weights} <= {torch.float32}


# The arguments of `TorchModuleWrapper` -------------------------------------------------------------------------


class Sorted(nn.Module):
    """A module that reads values, so that its shape must be declared."""

    def forward(self, x):
        return torch.tensor(sorted(x.flatten().tolist())[:2]).expand(len(x), 2)


@pytest.mark.parametrize("output_shape", [(None, 2), [None, 2]])
def test_a_declared_shape_is_taken_as_it_is(output_shape):
    layer = TorchModuleWrapper(Sorted(), output_shape=output_shape)
    assert layer.compute_output_shape((None, 3)) == (None, 2)
    assert layer(Input((3,))).shape == layer.output_shape == (None, 2)
    assert layer(torch.ones(4, 3)).shape == (4, 2)


def test_several_shapes_are_declared_as_the_outputs_are_nested():
    layer = TorchModuleWrapper(nn.LSTM(3, 4), output_shape=[(None, 5, 4), [(1, 5, 4), (1, 5, 4)]])
    sequence, (last, _) = layer(Input((5, 3)))
    assert (sequence.shape, last.shape) == ((None, 5, 4), (1, 5, 4))


def test_without_a_declared_shape_the_module_says_it():
    assert TorchModuleWrapper(nn.Conv1d(3, 4, 2)).compute_output_shape((None, 3, 8)) == (None, 4, 7)


FAULTS = {
    "no module": (lambda: TorchModuleWrapper(3), "must be a torch.nn.Module. Received: module=3"),
    "class": (lambda: TorchModuleWrapper(nn.ReLU), "Pass an instance of the class"),
    "shape": (lambda: TorchModuleWrapper(nn.ReLU(), output_shape=3), "with the batch axis"),
    "argument": (lambda: TorchModuleWrapper(nn.ReLU(), units=3), "Unrecognized keyword arguments.*units"),
    "inputs": (lambda: nn.Linear(3, 2)(Input((4,))), "cannot be applied to .*must have same reduction dim"),
}


@pytest.mark.parametrize(("make", "text"), FAULTS.values(), ids=FAULTS)
def test_faults_are_named(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_arrays_are_taken_in_the_type_of_the_module():
    x = np.random.default_rng(0).normal(size=(2, 3))
    results = [lib.TorchModuleWrapper(nn.Linear(3, 2))(x) for lib in (layers, keras.layers)]
    assert results[0].dtype is results[1].dtype is torch.float32
    assert (
        TorchModuleWrapper(nn.Linear(3, 2, dtype=torch.float64))(x.astype("float32")).dtype is torch.float64
    )


def test_a_type_converts_the_module():
    layer = TorchModuleWrapper(nn.Linear(3, 2), dtype="float64")
    assert layer(torch.ones(1, 3)).dtype is layer.module.weight.dtype is torch.float64


def test_a_regularizer_of_the_output_adds_a_loss():
    layer = TorchModuleWrapper(nn.Identity(), activity_regularizer="l2")
    layer(torch.ones(1, 3))
    assert layer.losses[0].item() == pytest.approx(0.03)


def test_arguments_by_name_and_several_inputs_and_outputs():
    module = nn.MultiheadAttention(4, 2, batch_first=True).eval()
    q, k = Input((3, 4)), Input((5, 4))
    y, weights = module(q, key=k, value=k, need_weights=True)
    model = kerastorch.Model([q, k], [y, weights])
    a, b = torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    torch.testing.assert_close(model([a, b]), list(module(a, b, b)))
    assert model.output_shape == [(None, 3, 4), (None, 3, 5)]


WITHOUT_COMPILER = """
import sys
from tests.layers.torch_modules import CASES, model_of
for case in CASES.values():
    model_of(case)
print([m for m in ("sympy", "torch._dynamo") if m in sys.modules])
"""


def test_building_models_does_not_load_the_compiler_of_torch():
    found = subprocess.run(
        [sys.executable, "-c", WITHOUT_COMPILER], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


# Training, freezing, weights -----------------------------------------------------------------------------------


class Holder(kerastorch.Model):
    """A model whose parts are plain modules, one of them in a list."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.rest = [nn.Dropout(0.5)]

    def call(self, x):
        return self.rest[0](self.norm(x))


MODELS = {
    "attributes": Holder,
    "row": lambda: kerastorch.Sequential([nn.BatchNorm1d(3), nn.Dropout(0.5)]),
    "graph": lambda: kerastorch.Model(x := Input((3,)), nn.Dropout(0.5)(nn.BatchNorm1d(3)(x))),
    "module": lambda: TorchModuleWrapper(nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5))),
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_training_reaches_the_modules(make):
    model, x = make(), torch.randn(64, 3)
    norm = next(m for m in model.modules() if isinstance(m, nn.BatchNorm1d))
    for training, dropped, seen in [(None, False, 0), (True, True, 1), (False, False, 1), (None, False, 1)]:
        result = model(x) if training is None else model(x, training=training)
        assert bool((result == 0).any()) is dropped
        assert norm.num_batches_tracked.item() == seen
        assert not norm.training
    model.train()
    assert bool((model(x) == 0).any())
    assert not bool((model(x, training=False) == 0).any())


def test_parameters_frozen_by_hand_stay_frozen():
    module = nn.Linear(3, 2)
    module.bias.requires_grad_(False)
    model = kerastorch.Sequential([Input((3,)), module, layers.Dense(1)])
    for trainable in (False, True):
        model.trainable = trainable
    assert [id(w) for w in model.layers[0].non_trainable_weights] == [id(module.bias)]
    assert module.weight.requires_grad


def test_a_copy_of_a_frozen_model_can_be_thawed():
    model = kerastorch.Sequential([Input((3,)), nn.Linear(3, 2)])
    model.trainable = False
    again = copy.deepcopy(model)
    again.trainable = True
    assert len(again.trainable_weights) == 2
    assert model.trainable_weights == []


def test_buffers_are_weights_that_do_not_train():
    layer = TorchModuleWrapper(nn.BatchNorm1d(3))
    assert [tuple(w.shape) for w in layer.trainable_weights] == [(3,), (3,)]
    assert [tuple(w.shape) for w in layer.non_trainable_weights] == [(3,), (3,), ()]


def test_a_shared_module_is_one_layer():
    module, x = nn.Linear(3, 3), Input((3,))
    model = kerastorch.Model(x, module(torch.relu(module(x))))
    assert len([layer for layer in model.layers if isinstance(layer, TorchModuleWrapper)]) == 1
    assert len(model.trainable_weights) == 2


def test_a_module_is_forgotten_with_its_model():
    module = nn.Linear(3, 2)
    model = kerastorch.Sequential([Input((3,)), module])
    found = weakref.ref(module)
    del module, model
    gc.collect()
    assert found() is None


def test_layers_in_modules_in_models():
    inner = nn.Sequential(layers.Dense(4, activation="relu"), nn.Linear(4, 2))
    model = kerastorch.Sequential([Input((3,)), inner, layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(torch.randn(8, 3), torch.randn(8, 1), verbose=0)
    assert [tuple(w.shape) for w in model.weights] == [(3, 4), (4,), (2, 4), (2,), (2, 1), (1,)]


LAZY = {
    "linear": (lambda: nn.LazyLinear(2), (3,), (2,)),
    "convolution": (lambda: nn.Sequential(nn.LazyConv2d(2, 3), nn.LazyBatchNorm2d()), (1, 5, 5), (2, 3, 3)),
}


@pytest.mark.parametrize(("make", "shape", "result"), LAZY.values(), ids=LAZY)
def test_lazy_parameters_are_made_for_the_first_inputs(make, shape, result):
    for model in (kerastorch.Sequential([Input(shape), make()]), kerastorch.Sequential([make()])):
        assert model(torch.ones(2, *shape)).shape == (2, *result)
        assert model.count_params() == sum(w.numel() for w in model.weights) > 0


# Compilers ------------------------------------------------------------------------------------------------------

COMPILED = ["linear", "conv2d", "batch_norm", "transformer", "own_class", "dropout"]


@pytest.mark.slow
@pytest.mark.parametrize("training", [None, False])
@pytest.mark.parametrize("name", COMPILED)
def test_it_compiles_to_one_graph(name, training):
    model, x = model_of(CASES[name]), CASES[name].inputs(2)
    torch._dynamo.reset()
    kwargs = {} if training is None else {"training": training}
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(x, **kwargs), model(x))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*COMPILED, "lstm"])
def test_it_is_exported(name):
    model, x = model_of(CASES[name]), CASES[name].inputs(2)
    torch.testing.assert_close(torch.export.export(model, (x,)).module()(x), model(x))


# Arguments -----------------------------------------------------------------------------------------------------


class Forgetful(nn.Module):
    def __init__(self, units, *rest):
        super().__init__()


class Silent(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.linear = nn.Linear(3, units)


UNKNOWN = {
    "silent": (lambda: Silent(3), "does not say with which `units` it was made. Keep every argument"),
    "any": (lambda: Forgetful(3), "takes any arguments"),
    "torch": (lambda: nn.ParameterList([torch.ones(2)]), "takes any arguments|does not say"),
}


@pytest.mark.parametrize(("make", "text"), UNKNOWN.values(), ids=UNKNOWN)
def test_arguments_that_are_gone_are_an_error(make, text):
    with pytest.raises(SerializationError, match=text):
        arguments_of(make())


def test_weights_that_do_not_fit_are_an_error():
    layer = TorchModuleWrapper(nn.Linear(3, 2))
    with pytest.raises(ShapeError, match="do not fit layer"):
        layer.load_own_variables({"weight": np.ones((2, 2)), "bias": np.ones(2)})


def test_own_variables_have_the_names_of_torch():
    store = {}
    TorchModuleWrapper(Residual(2, nn.Tanh())).save_own_variables(store)
    assert list(store) == ["inner.weight", "inner.bias"]
