"""Equations of `EinsumDense`, such as `"abc,cd->abd"`: what they say of shapes, and when they are a matrix product."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from kerastorch.errors import InvalidArgumentError, ShapeError

Shape = Sequence["int | None"]

_FORMS = {
    "": re.compile(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)"),
    "left": re.compile(r"\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)"),
    "right": re.compile(r"([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\."),
}


@dataclass(frozen=True)
class WeightShapes:
    """What an equation and the shape of an input say of the weights and the output.

    Attributes:
        kernel: the shape of the kernel.
        bias: the shape of the bias, or None.
        output: the shape of the output.
        input_axes, output_axes: the axes of the kernel that are summed over, and those that the output has.
    """

    kernel: tuple[int | None, ...]
    bias: tuple[int | None, ...] | None
    output: tuple[int | None, ...]
    input_axes: tuple[int, ...]
    output_axes: tuple[int, ...]


@dataclass(frozen=True)
class Equation:
    """An equation taken apart.

    Attributes:
        text: the equation as it was given.
        inputs, kernel, outputs: the letters of the three tensors, without the ellipsis.
        ellipsis: the side on which input and output have further axes: `"left"`, `"right"`, or `""` for none.
    """

    text: str
    inputs: str
    kernel: str
    outputs: str
    ellipsis: str

    @property
    def summed(self) -> int:
        """How many last axes of the input a matrix product sums over; 0 where the equation is no matrix product.

        It is one where the input ends with the letters that are summed over, the output ends with those that only the
        kernel has, what comes before is the same in both, and the kernel has the two groups side by side.
        """
        summed = "".join(letter for letter in self.inputs if letter in self.kernel)
        made = "".join(letter for letter in self.outputs if letter in self.kernel)
        free = self.inputs.removesuffix(summed)
        plain = (
            self.ellipsis != "right"
            and not set(summed) & set(self.outputs)
            and self.inputs == free + summed
            and self.outputs == free + made
            and self.kernel in (summed + made, made + summed)
            and all(len(set(letters)) == len(letters) for letters in (free, summed, made))
        )
        return len(summed) if plain and made else 0

    @property
    def kernel_is_turned(self) -> bool:
        """Whether the axes that are summed over are the last ones of the kernel, where they are the first usually."""
        return self.kernel[0] in self.outputs

    def kernel_axes(self, made: bool) -> tuple[int, ...]:
        """Returns the axes of the kernel that the output has, or those that are summed over."""
        return tuple(i for i, letter in enumerate(self.kernel) if (letter in self.outputs) is made)

    def summed_axes(self, rank: int) -> tuple[int, ...]:
        """Returns the axes of an input of a rank that are summed over."""
        first = rank - len(self.inputs) if self.ellipsis == "left" else 0
        return tuple(
            first + i
            for i, letter in enumerate(self.inputs)
            if letter in self.kernel and letter not in self.outputs
        )

    def beside_output(self, scale: torch.Tensor, rank: int) -> torch.Tensor:
        """Returns a scale with the axes of the kernel, of size 1 where they are summed over, in the output's."""
        made = self.kernel_axes(True)
        letters = [self.kernel[axis] for axis in made]
        order = sorted(range(len(made)), key=lambda i: self.outputs.index(letters[i]))
        sizes = {letter: scale.shape[axis] for letter, axis in zip(letters, made, strict=True)}
        further = [1] * (rank - len(self.inputs)) if self.ellipsis else []
        shape = [sizes.get(letter, 1) for letter in self.outputs]
        shape = [*further, *shape] if self.ellipsis == "left" else [*shape, *further]
        return scale.reshape([scale.shape[axis] for axis in made]).permute(order).reshape(shape)

    def beside_kernel(self, scale: torch.Tensor, sizes: tuple[int, ...]) -> torch.Tensor:
        """Returns what `beside_output` made in the order of the kernel again, whose shape is given."""
        made = self.kernel_axes(True)
        ordered = sorted(made, key=lambda axis: self.outputs.index(self.kernel[axis]))
        scale = scale.reshape([sizes[axis] for axis in ordered])
        scale = scale.permute([ordered.index(axis) for axis in made])
        return scale.reshape([size if axis in made else 1 for axis, size in enumerate(sizes)])

    def shapes(self, input_shape: Shape, partial_output: Shape, bias_axes: str | None) -> WeightShapes:
        """Returns the shapes of weights and output.

        Args:
            input_shape: the shape of the input, with the batch axis.
            partial_output: the shape of the output without the batch axis and those of the ellipsis; None takes the
                size from the input.
            bias_axes: the letters of the output that the bias has; None for no bias.

        Raises:
            ShapeError: when the shapes do not fit the equation or each other.
        """
        hidden = len(input_shape) - len(self.inputs)
        self._check_rank(input_shape, partial_output, hidden)
        first = hidden if self.ellipsis == "left" else 0
        if self.ellipsis == "left":
            output = [*input_shape[:hidden], *partial_output]
        else:
            output = [input_shape[0], *partial_output, *input_shape[len(self.inputs) :]]
        sizes_in = dict(zip(self.inputs, input_shape[first:], strict=False))
        sizes_out = dict(zip(self.outputs, output[first:], strict=False))
        for letter, size in sizes_in.items():
            if sizes_out.get(letter) not in (None, size):
                raise ShapeError(
                    f"Input shape and output shape do not match at shared dimension '{letter}' of the equation "
                    f"'{self.text}'. Input shape is {size}, and output shape is {sizes_out[letter]}. "
                    f"Received: input_shape={tuple(input_shape)}, output_shape={tuple(partial_output)}"
                )
        return WeightShapes(
            kernel=tuple(sizes_out.get(k) or sizes_in.get(k) for k in self.kernel),
            bias=self._bias_shape(bias_axes, sizes_out, sizes_in, hidden),
            output=tuple(output),
            input_axes=tuple(i for i, k in enumerate(self.kernel) if k not in sizes_out),
            output_axes=tuple(i for i, k in enumerate(self.kernel) if k in sizes_out),
        )

    def _check_rank(self, input_shape: Shape, partial_output: Shape, hidden: int) -> None:
        wanted = len(self.outputs) if self.ellipsis == "left" else len(self.outputs) - 1
        if hidden < 0 or (hidden > 0 and not self.ellipsis):
            raise ShapeError(
                f"The equation '{self.text}' takes inputs with {'at least ' if self.ellipsis else ''}"
                f"{len(self.inputs)} dimensions. Received: input_shape={tuple(input_shape)}"
            )
        if len(partial_output) != wanted:
            raise ShapeError(
                f"`output_shape` must have {wanted} dimensions for the equation '{self.text}': those of the output "
                "without the batch dimension and without those of the ellipsis. "
                f"Received: output_shape={tuple(partial_output)}"
            )

    def _bias_shape(
        self, bias_axes: str | None, sizes_out: dict, sizes_in: dict, hidden: int
    ) -> tuple | None:
        if not bias_axes:
            return None
        reached = self.outputs[min(self.outputs.index(letter) for letter in bias_axes) :]
        sizes = [(sizes_out[k] or sizes_in.get(k)) if k in bias_axes else 1 for k in reached]
        return (*sizes, *([1] * hidden if self.ellipsis == "right" else []))


def parse(equation: str, bias_axes: str | None) -> Equation:
    """Takes an equation apart.

    Args:
        equation: `"[X],[Y]->[Z]"`, `"...[X],[Y]->...[Z]"` or `"[X]...,[Y]->[Z]..."`.
        bias_axes: the letters of the output that the bias has, or None.

    Raises:
        InvalidArgumentError: when it has another form, or a letter has no place in it.

    Example:
        >>> parse("abc,cde->abde", "de").summed
        1
    """
    for side, form in _FORMS.items():
        found = form.fullmatch(equation) if isinstance(equation, str) else None
        if found:
            inputs, kernel, outputs = found.groups()
            _check_letters(inputs, kernel, outputs, bias_axes)
            return Equation(equation, inputs, kernel, outputs, side)
    raise InvalidArgumentError(
        f"Invalid einsum equation {equation!r}. Equations must be in the form [X],[Y]->[Z], ...[X],[Y]->...[Z], or "
        "[X]...,[Y]->[Z]...."
    )


def _check_letters(inputs: str, kernel: str, outputs: str, bias_axes: str | None) -> None:
    for letter in outputs:
        if letter not in inputs + kernel:
            raise InvalidArgumentError(
                f"Dimension '{letter}' was specified in the output '{outputs}' but has no corresponding dim in the "
                f"input spec '{inputs}' or weight spec '{kernel}'"
            )
    for letter in kernel:
        if letter not in inputs + outputs:
            raise InvalidArgumentError(
                f"Weight dimension '{letter}' did not have a match in either the input spec '{inputs}' or the output "
                f"spec '{outputs}'. For this layer, the weight must be fully specified."
            )
    for letter in bias_axes or "":
        if letter not in outputs:
            raise InvalidArgumentError(
                f"Bias dimension '{letter}' was requested, but is not part of the output spec '{outputs}'"
            )
