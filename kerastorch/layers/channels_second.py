"""Calls on images with the channels second, as torch has them: see `kerastorch.core.layout`."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.explain import in_layer
from kerastorch.core.layout import call_last, to_last
from kerastorch.layers.overwriting import does_more


class SecondCalls:
    """The part of `Layer` that works on images with the channels second. See `Layer`.

    Such a call is made without checks where an input like this one has been checked and nobody watches the layer; else
    it is an ordinary call, between two changes of view.

    Attributes:
        _wants_second: whether the layer's kernel sees images with the channels second.
        _takes_second: whether it is the same to the layer.
        _seen_second: the shapes that have been checked, None for none.
    """

    _wants_second: Any = False
    _takes_second: Any = False

    def call_second(self: Any, inputs: Any) -> torch.Tensor:
        """Computes what a call computes, for images with the channels second; so are those that it returns.

        Args:
            inputs: a tensor (N, C, H, W), or a list of them.
        """
        if not self._is_seen_second(inputs):
            return self._checked_second(inputs)
        try:
            return self._call_second(inputs)
        except Exception as error:
            raise in_layer(error, self, {"inputs": inputs}) from error

    def _is_seen_second(self: Any, inputs: Any) -> bool:
        """Whether inputs like these have been checked, which a compiler does itself, and nobody watches the layer."""
        given = inputs if type(inputs) is list else [inputs]
        if torch.compiler.is_exporting():  # its hooks only note where an operation comes from
            return all(x.dtype is self._compute_torch_dtype for x in given)
        shapes = [x.shape for x in given]
        seen = shapes == self._seen_second or torch.compiler.is_compiling()
        return seen and not any(does_more(self, x) for x in given)

    def _checked_second(self: Any, inputs: Any) -> torch.Tensor:
        """An ordinary call, after which inputs like these are known."""
        outputs = call_last(self, inputs)
        given = inputs if type(inputs) is list else [inputs]
        turned = [to_last(x).shape for x in given]
        seen = [self._seen_shape] if given is not inputs else [shape for shape, _ in self._seen_list or ()]
        if turned == seen:
            self.__dict__["_seen_second"] = [x.shape for x in given]
        return outputs
