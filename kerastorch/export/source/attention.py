"""Attention with several heads, and sums over chosen axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerastorch.core.spec import KerasTensor
from kerastorch.export.source.activations import activated
from kerastorch.export.source.calls import Call, NoRuleError, arguments, literal, unless
from kerastorch.layers.attention.multi_head_attention import MultiHeadAttention
from kerastorch.layers.core.einsum_dense import EinsumDense

_ATTENTION = '''
class MultiHeadAttention(nn.Module):
    """Attention with heads of any size, from queries (B, T, D) to values and keys (B, S, D)."""

    def __init__(self, query_dim, key_dim, value_dim, output_dim, heads, key_size, value_size, bias=True, dropout=0.0):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(query_dim, heads * key_size, bias)
        self.key = nn.Linear(key_dim, heads * key_size, bias)
        self.value = nn.Linear(value_dim, heads * value_size, bias)
        self.output = nn.Linear(heads * value_size, output_dim, bias)

    def forward(self, query, value, key=None, is_causal=False):
        q, k, v = self.query(query), self.key(value if key is None else key), self.value(value)
        q, k, v = (x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (q, k, v))
        rate = self.dropout if self.training else 0.0
        x = F.scaled_dot_product_attention(q, k, v, dropout_p=rate, is_causal=is_causal)
        return self.output(x.transpose(1, 2).flatten(2))
'''


def multi_head(call: Call) -> str:
    """The rule of `MultiHeadAttention`."""
    layer = call.layer
    _check(call)
    query, value, *key = call.tensors
    dims = (query.shape[-1], (key or [value])[0].shape[-1], value.shape[-1])
    output = layer.output_dense.kernel.shape[-1]
    options = {"bias": None if layer.use_bias else False, "dropout": unless(layer.dropout, 0.0)}
    sizes = (output, layer.num_heads, layer.key_dim, layer.value_dim)
    weights: dict[str, Any] = {}
    for name in ("query", "key", "value", "output"):
        dense = getattr(layer, f"{name}_dense")
        kernel = dense.kernel.flatten(0, -2) if name == "output" else dense.kernel.flatten(1)
        weights[f"{name}__weight"] = kernel.t()
        weights[f"{name}__bias"] = None if dense.bias is None else dense.bias.flatten()
    kind = call.helper("MultiHeadAttention", _ATTENTION)
    member = call.member(f"{kind}({arguments(*dims, *sizes, **options)})", **weights)
    given = [call.last(t) for t in (query, value, *key)]
    return f"{member}({', '.join([*given, *['is_causal=True'] * bool(call.option('use_causal_mask'))])})"


def _check(call: Call) -> None:
    layer, kwargs = call.layer, call.node.kwargs
    named = [k for k, v in kwargs.items() if isinstance(v, KerasTensor)]
    in_order = named == [n for n in ("query", "value", "key") if n in named]
    if len(call.tensors) > 3 or not in_order or call.option("return_attention_scores"):
        raise NoRuleError("it is called with a mask, or asked for its scores")
    if len(call.shape) != 3 or layer.use_gate or layer.sliding_window or layer._attends_as_here is False:
        raise NoRuleError("it attends over other axes, through a gate, or within a window")
    if layer._output_shape is not None and len(layer._output_shape) != 1:
        raise NoRuleError("its output has more axes")


def einsum(call: Call) -> str:
    """The rule of `EinsumDense`."""
    layer = call.layer
    if layer.multiplies_last_axis and layer.kernel.ndim == 2:
        made = arguments(*layer.kernel.shape, bias=None if layer.bias is not None else False)
        linear = call.member(f"nn.Linear({made})", weight=layer.kernel.t(), bias=layer.bias)
        return activated(call, layer.activation, f"{linear}({call.x})")
    kernel = call.weight("kernel", layer.kernel)
    x = f"torch.einsum({literal(layer.equation)}, {call.x}, {kernel})"
    x = x if layer.bias is None else f"{x} + {call.weight('bias', layer.bias)}"
    return activated(call, layer.activation, x)


RULES: dict[type, Callable[[Call], str]] = {MultiHeadAttention: multi_head, EinsumDense: einsum}
