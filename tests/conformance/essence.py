"""Configs in one spelling, for comparison with Keras's."""

from __future__ import annotations

from typing import Any


def essence(config: Any) -> Any:
    """A config in one spelling: Keras leaves some defaults out, and keeps numbers of regularizers in float32."""
    if isinstance(config, float):
        return float(f"{config:.6g}")
    if isinstance(config, (list, tuple)):
        return [essence(value) for value in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "function":
        return config["config"].split(">")[-1]
    if config.get("class_name") == "DTypePolicy":
        return config["config"]["name"]
    return {k: essence(v) for k, v in config.items() if v is not None and (k, v) != ("trainable", True)}
