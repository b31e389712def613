"""Dense and embedding layers, and those that only pass on what they get."""

from __future__ import annotations

from collections.abc import Callable

from kerastorch.export.source.activations import activated
from kerastorch.export.source.calls import Call, NoRuleError, arguments, literal
from kerastorch.layers.core.dense import Dense
from kerastorch.layers.core.embedding import Embedding
from kerastorch.layers.core.identity import Identity
from kerastorch.layers.core.masking import Masking


def dense(call: Call) -> str:
    """The rule of `Dense`."""
    layer = call.layer
    made = arguments(*layer.kernel.shape, bias=None if layer.use_bias else False)
    linear = call.member(f"nn.Linear({made})", weight=layer.kernel.t(), bias=layer.bias)
    x = call.x if call.is_float else f"{call.x}.float()"
    return activated(call, layer.activation, f"{linear}({x})")


def embedding(call: Call) -> str:
    """The rule of `Embedding`."""
    layer = call.layer
    table = call.member(
        f"nn.Embedding({arguments(layer.input_dim, layer.output_dim)})", weight=layer.embeddings
    )
    x = call.x if "int" in str(call.only.dtype) else f"{call.x}.long()"
    return f"{table}({x})"


def masking(call: Call) -> str:
    """The rule of `Masking`, whose mask the layers after it must not need."""
    x = call.x
    return f"torch.where(({x} != {literal(call.layer.mask_value)}).any(-1, keepdim=True), {x}, 0)"


def identity(call: Call) -> str:
    """The rule of layers that return what they get."""
    if len(call.tensors) != 1:
        raise NoRuleError("it is called with several tensors")
    return call.either()


RULES: dict[type, Callable[[Call], str]] = {
    Dense: dense,
    Embedding: embedding,
    Identity: identity,
    Masking: masking,
}
