"""Configs of the methods that need data to quantize by: GPTQ and AWQ."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.quantization.configs import QuantizationConfig


class _CalibratedConfig(QuantizationConfig):
    """What the two share: the data, and the sizes of what is taken from it."""

    whole: str  # what a group of size -1 is
    names: tuple[str, ...]  # the arguments that configs hold, besides the data

    def __init__(self, dataset: Any, tokenizer: Any, options: dict[str, Any]) -> None:
        super().__init__()
        for name in ("num_samples", "sequence_length", "num_grid_points"):
            if options.get(name, 1) <= 0:
                raise InvalidArgumentError(
                    f"{name} must be a positive integer. Received: {name}={options[name]}"
                )
        size = options["group_size"]
        if size < -1 or size == 0:
            raise InvalidArgumentError(
                f"Invalid group_size. Supported values are -1 ({self.whole}) or a positive integer, but got {size}."
            )
        self.dataset = dataset
        self.tokenizer = tokenizer
        self.weight_bits: int = options["weight_bits"]
        self.group_size: int = size
        self.__dict__.update(options)
        self.names = tuple(options)

    def dtype_policy_string(self) -> str:
        """Returns the first half of the name of the policy of layers quantized so, such as `"gptq/4/128"`."""
        return f"{self.mode}/{self.weight_bits}/{self.group_size}"

    def get_config(self) -> dict:
        """Returns the constructor's arguments, without the data, which are needed only once."""
        return {"dataset": None, "tokenizer": None, **{name: getattr(self, name) for name in self.names}}

    @classmethod
    def from_config(cls, config: dict) -> QuantizationConfig:
        """Returns a config made from what `get_config` returned."""
        return cls(**config)


@registry.builtin("keras.quantizers")
class GPTQConfig(_CalibratedConfig):
    """Weights in few bits, rounded one after the other so that each makes up for the errors of those before.

    Args:
        dataset: texts, or arrays of token numbers, to calibrate with.
        tokenizer: makes token numbers of a text.
        weight_bits: 2, 3, 4 or 8. Default: 4.
        num_samples: the samples that are taken. Default: 128.
        per_channel: whether each output has a scale of its own. Default: True.
        sequence_length: the tokens of a sample. Default: 512.
        hessian_damping: the part of its mean that is added to the diagonal of the Hessian. Default: 0.01.
        group_size: the inputs that share a scale; -1 for all. Default: 128.
        symmetric: whether the range of numbers has 0 in its middle. Default: False.
        activation_order: whether inputs with large values go first. Default: False.
        quantization_layer_structure: `{"pre_block_layers": [...], "sequential_blocks": [...]}`; None asks the model.

    Raises:
        InvalidArgumentError: when a number is out of range.

    Example:
        >>> GPTQConfig(["a text"], str.split, weight_bits=8).dtype_policy_string()
        'gptq/8/128'

    Source: `keras.quantizers.GPTQConfig`; Frantar et al., 2022.
    """

    mode = "gptq"
    whole = "whole-tensor"

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        per_channel: bool = True,
        sequence_length: int = 512,
        hessian_damping: float = 0.01,
        group_size: int = 128,
        symmetric: bool = False,
        activation_order: bool = False,
        quantization_layer_structure: dict | None = None,
    ) -> None:
        if weight_bits not in (2, 3, 4, 8):
            raise InvalidArgumentError(
                f"Unsupported weight_bits {weight_bits}. Supported values are 2, 3, 4, and 8."
            )
        if not 0 <= hessian_damping <= 1:
            raise InvalidArgumentError(
                f"hessian_damping must be between 0 and 1. Received: hessian_damping={hessian_damping}"
            )
        options = {
            "weight_bits": weight_bits,
            "num_samples": num_samples,
            "per_channel": per_channel,
            "sequence_length": sequence_length,
            "hessian_damping": hessian_damping,
            "group_size": group_size,
            "symmetric": symmetric,
            "activation_order": activation_order,
            "quantization_layer_structure": quantization_layer_structure,
        }
        super().__init__(dataset, tokenizer, options)


@registry.builtin("keras.quantizers")
class AWQConfig(_CalibratedConfig):
    """Weights in four bits, scaled before they are rounded by how large their inputs are.

    Args:
        dataset: texts, or arrays of token numbers, to calibrate with.
        tokenizer: makes token numbers of a text.
        weight_bits: 4.
        num_samples: the samples that are taken. Default: 128.
        sequence_length: the tokens of a sample. Default: 512.
        group_size: the inputs that share a scale; -1 for all. Default: 128.
        num_grid_points: the scales that are tried. Default: 20.
        quantization_layer_structure: `{"pre_block_layers": [...], "sequential_blocks": [...]}`; None asks the model.

    Raises:
        InvalidArgumentError: when a number is out of range.

    Example:
        >>> AWQConfig(["a text"], str.split, group_size=-1).dtype_policy_string()
        'awq/4/-1'

    Source: `keras.quantizers.AWQConfig`; Lin et al., 2023.
    """

    mode = "awq"
    whole = "per-channel"

    def __init__(
        self,
        dataset: Any,
        tokenizer: Any,
        *,
        weight_bits: int = 4,
        num_samples: int = 128,
        sequence_length: int = 512,
        group_size: int = 128,
        num_grid_points: int = 20,
        quantization_layer_structure: dict | None = None,
    ) -> None:
        if weight_bits != 4:
            raise InvalidArgumentError(
                f"AWQ only supports 4-bit quantization. Received weight_bits={weight_bits}."
            )
        options = {
            "weight_bits": weight_bits,
            "num_samples": num_samples,
            "sequence_length": sequence_length,
            "group_size": group_size,
            "num_grid_points": num_grid_points,
            "quantization_layer_structure": quantization_layer_structure,
        }
        super().__init__(dataset, tokenizer, options)
