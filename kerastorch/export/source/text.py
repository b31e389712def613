"""The text of one class, while it is being written."""

from __future__ import annotations

import keyword
import re
from typing import Any

import torch
from torch import nn

INDENT = "    "


class Class:
    """A class of `torch.nn.Module` with its members, its `forward` and the values of its weights.

    Args:
        name: the name of the class.

    Attributes:
        state: the weights as the class lays them out, by their names in its `state_dict`.
        lines: the body of `forward`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.state: dict[str, torch.Tensor] = {}
        self.lines: list[str] = []
        self.arguments: list[str] = []
        self._members: list[str] = []
        self._names: dict[Any, str] = {}
        self._in_eval_mode: list[str] = []

    def member(
        self,
        key: Any,
        name: str,
        code: str,
        weights: dict[str, Any],
        is_trainable: bool,
        frozen: tuple[str, ...] = (),
    ) -> str:
        """Returns the expression of a member, which is made when its key comes for the first time.

        Args:
            key: what the member stands for; a layer that is called twice has one member.
            name: the wished name.
            code: what makes it.
            weights: its weights by their names inside; None stands for one that it does not have.
            is_trainable: whether training changes them.
            frozen: those that it never changes.
        """
        if key not in self._names:
            found = self._names[key] = self._free(name)
            self._members.append(f"self.{found} = {code}")
            held = {f"{found}.{inner}": value for inner, value in weights.items() if value is not None}
            self.state.update({path: value.detach() for path, value in held.items()})
            if held and not is_trainable:
                self._members.append(f"self.{found}.requires_grad_(False)")
            else:
                self._members += [f"self.{found}.{inner}.requires_grad_(False)" for inner in frozen]
        return f"self.{self._names[key]}"

    def weight(self, key: Any, name: str, value: torch.Tensor, is_trainable: bool) -> str:
        """Returns the expression of a tensor of the module itself: a parameter, or a buffer where nothing trains it."""
        if key not in self._names:
            found = self._names[key] = self._free(name)
            self.state[found] = value.detach()
            made = f"torch.empty({', '.join(map(str, value.shape))}{_type_argument(value)})"
            parameter = f"self.{found} = nn.Parameter({made})"
            self._members.append(parameter if is_trainable else f'self.register_buffer("{found}", {made})')
        return f"self.{self._names[key]}"

    def keep_in_eval_mode(self, member: str) -> None:
        """Lets a member stay in eval mode while the module trains."""
        if member not in self._in_eval_mode:
            self._in_eval_mode.append(member)

    def _free(self, name: str) -> str:
        name = identifier(name)
        while hasattr(nn.Module, name) or name == "training" or name in self._names.values():
            name += "_"
        return name

    def text(self) -> str:
        """Returns the source of the class."""
        blocks = [["def __init__(self):", *_indented(["super().__init__()", *self._members])]]
        if self._in_eval_mode:
            held = [f"{member}.eval()" for member in self._in_eval_mode]
            blocks.append(
                ["def train(self, mode=True):", *_indented(["super().train(mode)", *held, "return self"])]
            )
        head = f"def forward({', '.join(['self', *self.arguments])}):"
        blocks.append([head, *_indented(_joined_return(self.lines))])
        lines = [f"class {self.name}(nn.Module):"]
        for block in blocks:
            lines += [*(INDENT + line for line in block), ""]
        return "\n" + "\n".join(lines)


def identifier(name: str) -> str:
    """Returns a name that Python takes, as near to the given one as can be.

    Example:
        >>> identifier("block 1/conv")
        'block_1_conv'
    """
    name = re.sub(r"\W", "_", name, flags=re.ASCII) or "_"
    name = f"_{name}" if name[0].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN else name


def class_name(name: str) -> str:
    """Returns the name of the class for a model.

    Example:
        >>> class_name("text_encoder")
        'TextEncoder'
    """
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    found = "".join(word[0].upper() + word[1:] for word in words) or "Model"
    return f"Model{found}" if found[0].isdigit() else found


# What a variable must not hide: names of the file, and the functions that helpers and rules use.
_TAKEN = frozenset({"self", "torch", "nn", "F", "super", "pad_same", "reversed", "zip", "max"})


def _type_argument(value: torch.Tensor) -> str:
    return "" if value.dtype is torch.float32 else f", dtype={value.dtype}"


def _indented(lines: list[str]) -> list[str]:
    return [INDENT + line for line in lines]


def _joined_return(lines: list[str]) -> list[str]:
    """The body with the last assignment as part of the `return` where that returns nothing else."""
    *body, last = lines
    name, _, value = (body[-1] if body else "").partition(" = ")
    return [*body[:-1], f"return {value}"] if last == f"return {name}" and value else lines
