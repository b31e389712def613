"""What every convolution shares: its window, its weights, and the way to torch's order of axes and back.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels, F filters.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import config, constraints, regularizers
from kerastorch.activations import identifiers as activations
from kerastorch.activations.functions import relu
from kerastorch.core import spatial
from kerastorch.core.spec import InputSpec
from kerastorch.core.zero_padding import zero_padded
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.layer import Layer

_KINDS: dict[str, Any] = {
    "initializer": initializers,
    "regularizer": regularizers,
    "constraint": constraints,
}


class BaseConv(Layer):
    """A window that moves over the spatial axes; the subclasses say what happens in it.

    A constructor calls `_take_window`, `_take_weight` for each weight and `_take_output`. Then `call` hands the result
    of `_enter` to `_convolved`, which the classes define, and what comes back to `_leave`.

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when an input has another number of axes or channels, or is smaller than the window.
    """

    rank: int
    has_causal_padding = False
    _window_arguments: tuple[str, ...] = ("kernel_size", "strides", "padding", "data_format", "dilation_rate")
    _weight_names: tuple[str, ...] = ()

    # The constructor's arguments -----------------------------------------------------------------------------------

    def _take_window(
        self, kernel_size: Any, strides: Any, padding: str, data_format: str | None, dilation_rate: Any
    ) -> None:
        """Keeps the window's arguments, and works out what `call` hands to torch."""
        self.kernel_size = spatial.integers(kernel_size, self.rank, "kernel_size")
        self.strides = spatial.integers(strides, self.rank, "strides")
        self.padding = spatial.padding_mode(padding, allow_causal=self.has_causal_padding)
        self.data_format = config.standardize_data_format(data_format)
        self.dilation_rate = spatial.integers(dilation_rate, self.rank, "dilation_rate")
        self.input_spec = InputSpec(min_ndim=self.rank + 2)
        self._windows = tuple(
            d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)
        )
        one = (1,) if self.rank == 1 else ()  # sequences are convolved as images of height one
        self._torch_strides = one + self.strides
        self._torch_dilation = one + self.dilation_rate
        self._channels_last = self.data_format == "channels_last"
        self._height = spatial.height_axis(self.rank, self.data_format)
        self._to_torch, self._to_keras = spatial.TO_TORCH[self.rank], spatial.TO_KERAS[self.rank]
        self._convolve = F.conv3d if self.rank == 3 else F.conv2d
        self._no_padding = (0,) * max(self.rank, 2)
        self._fixed_padding = self._find_fixed_padding()

    def _take_weight(self, name: str, initializer: Any, regularizer: Any, constraint: Any) -> None:
        """Keeps how a weight begins, what it costs and what bounds it."""
        setattr(self, f"{name}_initializer", initializers.get(initializer))
        setattr(self, f"{name}_regularizer", regularizers.get(regularizer))
        setattr(self, f"{name}_constraint", constraints.get(constraint))
        self._weight_names = (*self._weight_names, name)

    def _take_output(self, activation: Any, use_bias: bool) -> None:
        self.activation = activations.get(activation)
        self.use_bias = use_bias

    def _check_positive(self, **values: Any) -> None:
        for name, value in values.items():
            if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) <= 0:
                raise InvalidArgumentError(
                    f"Invalid value for argument `{name}`. Expected a strictly positive value. "
                    f"Received {name}={value!r}."
                )

    def _check_strides_or_dilation(self) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidArgumentError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
                f"Received: strides={self.strides} and dilation_rate={self.dilation_rate}."
            )

    # Building ------------------------------------------------------------------------------------------------------

    def _channels_of(self, input_shape: tuple) -> int:
        """The number of channels of an input, which the layer expects from then on."""
        axis = -1 if self._channels_last else -1 - self.rank
        if len(input_shape) < self.rank + 2:
            raise ShapeError(
                f"Expected an input with {self.rank + 2} axes: batch, {self.rank} spatial ones and channels. "
                f"Received: input shape={tuple(input_shape)}."
            )
        channels = input_shape[axis]
        if channels is None:
            raise ShapeError(
                "The channel dimension of the inputs should be defined. The input_shape received is "
                f"{tuple(input_shape)}, where axis {axis} is the channel dimension, which found to be `None`."
            )
        self.compute_output_shape(input_shape)
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={axis: channels})
        return channels

    def _add(
        self,
        name: str,
        shape: tuple,
        memory_order: tuple[int, ...] | None = None,
        settings: str | None = None,
    ) -> Any:
        """Makes a weight with what `_take_weight` kept for it, or under the name of other `settings`."""
        key = settings or name
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{key}_initializer"),
            regularizer=getattr(self, f"{key}_regularizer"),
            constraint=getattr(self, f"{key}_constraint"),
            memory_order=memory_order,
        )

    # Calling -------------------------------------------------------------------------------------------------------

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Moves over a tensor of shape `(N, *spatial, C)`, or `(N, C, *spatial)` with channels first."""
        return self._leave(self._convolved(*self._enter(inputs)))

    def _convolved(self, x: torch.Tensor, padding: tuple[int, ...]) -> torch.Tensor:
        """What the window finds in a tensor in torch's order of axes; the padding is what is left to do."""
        return x

    @property
    def _wants_second(self) -> bool:
        return self.rank == 2 and self._channels_last and activations.is_elementwise(self.activation)

    def _call_second(self, inputs: torch.Tensor) -> torch.Tensor:
        padding = self._fixed_padding
        if padding is None:
            inputs, padding = self._pad(inputs, 2)
        outputs = self._convolved(inputs, padding)
        if self.activation is relu:  # in place: nothing else holds the result of the convolution
            return torch.relu_(outputs)
        return outputs if self.activation is None else self.activation(outputs)

    def _enter(self, inputs: torch.Tensor) -> tuple[torch.Tensor, tuple[int, ...]]:
        """Returns the input in torch's order of axes, and the padding that is left for torch to do."""
        padding = self._fixed_padding
        if padding is None:
            inputs, padding = self._pad(inputs, 1 if self._channels_last else 2)
        if self._height:
            inputs = inputs.unsqueeze(self._height)
        if self._channels_last:
            inputs = torch.permute(inputs, self._to_torch)
        return inputs, padding

    def _leave(self, outputs: torch.Tensor) -> torch.Tensor:
        """Activates what torch's convolution returned, and puts it in Keras's order of axes."""
        fast = self.activation is relu
        if fast:  # in place: nothing else holds the result of the convolution
            outputs = torch.relu_(outputs)
        if self._channels_last:
            outputs = torch.permute(outputs, self._to_keras)
        if self._height:
            outputs = outputs.squeeze(self._height)
        return outputs if fast or self.activation is None else self.activation(outputs)

    def _find_fixed_padding(self) -> tuple[int, ...] | None:
        """The padding that torch's own argument can do for inputs of every size, or None."""
        if self.padding == "valid" or all(w == 1 for w in self._windows):
            return self._no_padding
        if self.padding == "causal" or max(self.strides) > 1 or any(w % 2 == 0 for w in self._windows):
            return None
        halves = tuple(w // 2 for w in self._windows)
        return (0, *halves) if self.rank == 1 else halves

    def _pad(self, inputs: torch.Tensor, first: int) -> tuple[torch.Tensor, tuple[int, ...]]:
        """Pads the axes from `first` on where the two sides differ; returns what is left for torch's own argument."""
        if self.padding == "causal":
            sides = [(self._windows[0] - 1, 0)]
        else:
            sizes = inputs.shape[first : first + self.rank]
            axes = zip(sizes, self._windows, self.strides, strict=True)
            sides = [spatial.same_padding(size, window, stride) for size, window, stride in axes]
            if not torch.compiler.is_exporting() and all(before == after for before, after in sides):
                same = tuple(before for before, _ in sides)
                return inputs, (0, *same) if self.rank == 1 else same
        widths = [width for side in reversed(sides) for width in side]
        return zero_padded(inputs, [0, 0, *widths] if first == 1 else widths), self._no_padding

    def _filters_for(self, input_shape: tuple) -> int | None:
        """The number of output channels for an input of a shape."""
        return self.filters

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        return spatial.output_shape(
            input_shape,
            self._windows,
            self.strides,
            self.padding,
            self.data_format,
            self._filters_for(input_shape),
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        found = {**super().get_config(), **{name: getattr(self, name) for name in self._window_arguments}}
        found["activation"] = activations.serialize(self.activation)
        found["use_bias"] = self.use_bias
        for kind, module in _KINDS.items():
            for name in self._weight_names:
                argument = f"{name}_{kind}"
                found[argument] = module.serialize(getattr(self, argument))
        return found
