"""The GRU of our own on a CPU is torch's, forwards, backwards and where torch traces or transforms."""

from __future__ import annotations

import copy

import pytest
import torch

from kerastorch.layers import GRU, Bidirectional
from kerastorch.layers.rnn import gru_kernel

TIME, BATCH, FEATURES, UNITS = 5, 3, 4, 6


def weights(both=False, biases=True, dtype=torch.float64):
    shapes = [(3 * UNITS, FEATURES), (3 * UNITS, UNITS), *[(3 * UNITS,)] * (2 if biases else 0)]
    return [torch.randn(s, dtype=dtype, requires_grad=True) for s in shapes * (2 if both else 1)]


def sequences(dtype=torch.float64):
    return torch.randn(BATCH, TIME, FEATURES, dtype=dtype, requires_grad=True)


def of_torch(x, first, given, both):
    ordered = [gru_kernel.in_torch_order(w) for w in given]
    return torch.gru(x, first, ordered, len(given) > (4 if both else 2), 1, 0.0, True, both, True)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize("read", ["outputs", "last", "outputs and last"])
def test_values_and_gradients_are_torch_s(both, biases, read):
    x, given = sequences(), weights(both, biases)
    first = torch.randn(2 if both else 1, BATCH, UNITS, dtype=torch.float64, requires_grad=True)
    gradients = []
    for function in (gru_kernel.run, of_torch):
        outputs, last = function(x, first, given, both, *([True] if function is gru_kernel.run else []))
        parts = {"outputs": outputs.square().sum(), "last": last.sin().sum()}
        total = sum(parts[name] for name in read.split(" and "))
        gradients.append([outputs, last, *torch.autograd.grad(total, [x, first, *given])])
    for mine, other in zip(*gradients, strict=True):
        torch.testing.assert_close(mine, other)


def test_gradients_of_gradients_are_those_of_finite_differences():
    x, given = sequences(), weights()
    first = torch.randn(1, BATCH, UNITS, dtype=torch.float64, requires_grad=True)

    def outputs(x, first, *given):
        return gru_kernel.run(x, first, list(given), False, True)

    assert torch.autograd.gradcheck(outputs, (x, first, *given))
    assert torch.autograd.gradgradcheck(outputs, (x, first, *given))


def test_inputs_without_gradient_are_left_alone():
    x, given = sequences().detach(), weights()
    first = torch.zeros(1, BATCH, UNITS, dtype=torch.float64)
    gru_kernel.run(x, first, given, False, True)[0].sum().backward()
    assert x.grad is None
    assert all(w.grad is not None for w in given)


@pytest.mark.parametrize(
    ("dtype", "fits"), [(torch.float32, True), (torch.float64, True), (torch.bfloat16, False)]
)
def test_types_with_a_kernel(dtype, fits):
    assert gru_kernel.fits(torch.ones(2, 3, 4, dtype=dtype)) is fits


def test_empty_batches_are_left_to_torch():
    assert not gru_kernel.fits(torch.ones(0, 3, 4))


def layer():
    torch.manual_seed(0)
    found = GRU(UNITS, return_sequences=True)
    found.build((None, None, FEATURES))
    return found


def test_functional_gradients_are_left_to_torch():
    gru, x = layer(), sequences(torch.float32).detach()
    found = torch.func.grad(lambda x: gru.call(x).square().sum())(x)
    x.requires_grad_()
    torch.testing.assert_close(found, torch.autograd.grad(gru(x).square().sum(), x)[0])


def test_forward_mode_derivatives_are_left_to_torch():
    gru, x = layer(), sequences(torch.float32).detach()
    _, found = torch.func.jvp(gru.call, (x,), (torch.ones_like(x),))
    step = 1e-2
    torch.testing.assert_close(found, (gru(x + step) - gru(x - step)) / (2 * step), atol=1e-3, rtol=1e-2)


def test_export_records_torch_s_function():
    program = torch.export.export(layer().eval(), (sequences(torch.float32).detach(),))
    assert any("gru" in str(node.target) for node in program.graph.nodes)


@pytest.mark.parametrize("wrap", [lambda x: x, Bidirectional], ids=["one direction", "two directions"])
def test_inference_gives_the_outputs_of_training(wrap):
    gru, x = wrap(GRU(UNITS, return_sequences=True)), torch.randn(BATCH, TIME, FEATURES)
    trained = gru(x)
    with torch.inference_mode():
        torch.testing.assert_close(gru(x), trained)


def test_weights_change_in_place_before_the_way_back_is_an_error():
    gru = layer()
    total = gru(sequences(torch.float32)).sum()
    with torch.no_grad():
        gru.cell.recurrent_kernel.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        total.backward()


def test_a_copy_has_the_same_outputs():
    gru, x = layer(), sequences(torch.float32)
    torch.testing.assert_close(copy.deepcopy(gru)(x), gru(x))
