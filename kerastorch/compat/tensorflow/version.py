"""`tf.version`: the release of TensorFlow whose names are offered; scripts compare it."""

from __future__ import annotations

VERSION = "2.21.0"
GIT_VERSION = COMPILER_VERSION = "unknown"
GRAPH_DEF_VERSION = GRAPH_DEF_VERSION_MIN_CONSUMER = GRAPH_DEF_VERSION_MIN_PRODUCER = 0

__all__ = ["COMPILER_VERSION", "GIT_VERSION", "GRAPH_DEF_VERSION", "VERSION"]
