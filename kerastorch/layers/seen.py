"""Inputs like those of the last call, which need no checks: the way straight to the module."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.context import state

_Tensor = torch.Tensor


class SeenInputs:
    """The part of `Layer` that knows which inputs have been checked. See `Layer`.

    A call with one tensor compares `_seen_shape` and `_seen_dtype`, one with several `_seen_list`, and one with a
    tensor and its mask `_seen_mask`; each is None where such calls are to be checked.

    Attributes:
        _reads_phase: whether `call` asks for the learning phase, which only checked calls tell it.
    """

    _reads_phase = False

    def _remember_input(self: Any, args: tuple, kwargs: dict, training: Any) -> None:
        """Lets the next call with such an input skip the checks, if nothing needs watching."""
        plain = (
            training is None
            and not self._reads_phase
            and self.activity_regularizer is None
            and not self._records_losses
            and not self.dtype_policy.is_mixed
            and not state.inferring
            and not state.autocasting
        )
        self._forget_inputs()
        if plain and self._makes_masks():
            self._remember_made_mask(args, kwargs)
        elif plain and args and not kwargs:
            self._remember_tensors(args)
        elif plain and len(args) == 1 and list(kwargs) == ["mask"]:
            self._remember_masked(args[0], kwargs["mask"])

    def _remember_tensors(self: Any, args: tuple) -> None:
        x: Any = args[0] if len(args) == 1 else args
        if type(x) is _Tensor:
            self.__dict__.update(_seen_shape=x.shape, _seen_dtype=x.dtype)
            return
        if x is args and self._signature.mask_names.intersection(self._signature.names[: len(args)]):
            return  # a mask by position goes to the outputs
        if (type(x) is list or x is args) and all(type(t) is _Tensor for t in x):
            self.__dict__["_seen_list"] = type(x)((t.shape, t.dtype) for t in x)
        elif type(x) is dict and self._takes_names(x) and all(type(t) is _Tensor for t in x.values()):
            self.__dict__["_seen_list"] = {name: (t.shape, t.dtype) for name, t in x.items()}

    def _takes_names(self: Any, x: dict[str, Any]) -> bool:
        """Whether a dictionary of tensors is used as it is; models with lists of inputs put it in order."""
        return True

    def _remember_masked(self: Any, x: Any, mask: Any) -> None:
        if type(x) is type(mask) is _Tensor and self._mask_is_of_steps:
            self.__dict__["_seen_mask"] = (x.shape, x.dtype, mask.shape, mask.dtype)

    def _remember_made_mask(self: Any, args: tuple, kwargs: dict) -> None:
        if len(args) == 1 and type(args[0]) is _Tensor and not kwargs and self._is_called_plainly():
            self.__dict__["_seen_maker"] = (args[0].shape, args[0].dtype)

    def _forget_inputs(self: Any) -> None:
        """Lets the next call be checked."""
        self.__dict__.update(
            _seen_shape=None, _seen_list=None, _seen_mask=None, _seen_maker=None, _seen_second=None
        )

    def _is_seen_with_mask(self: Any, args: tuple, kwargs: dict) -> bool:
        """Whether a call has a tensor and its mask, like those that were checked."""
        if not len(args) == len(kwargs) == 1:
            return False
        x, mask = args[0], kwargs.get("mask")
        return type(x) is type(mask) is _Tensor and self._seen_mask == (
            x.shape,
            x.dtype,
            mask.shape,
            mask.dtype,
        )

    def _call_with_mask(self: Any, x: torch.Tensor, mask: torch.Tensor) -> Any:
        """A call that needs no checks; the mask goes to the outputs."""
        outputs = self._call_impl(x, mask=mask)
        self._mask_outputs(x, outputs, mask)
        return outputs

    def call_and_mask(self: Any, x: torch.Tensor) -> tuple[Any, Any]:
        """Calls a layer that makes masks, and returns its outputs and the mask beside them.

        Args:
            x: its input, which has no mask.
        """
        if type(x) is _Tensor and self._seen_maker == (x.shape, x.dtype) and not hasattr(x, "_keras_mask"):
            return self._call_impl(x), self.compute_mask(x, None)
        return self(x), self.compute_mask(x, None)


def as_seen(tensors: Any, seen: Any) -> bool:
    """Returns whether several tensors are like those that were checked, and none of them has a mask."""
    if len(tensors) != len(seen):
        return False
    if type(seen) is dict:
        if tensors.keys() != seen.keys():
            return False
        tensors, seen = [tensors[name] for name in seen], seen.values()
    for x, (shape, dtype) in zip(tensors, seen, strict=True):
        if type(x) is not _Tensor or x.shape != shape or x.dtype is not dtype:
            return False
        if hasattr(x, "_keras_mask"):
            return False
    return True
