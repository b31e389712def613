"""Normalization layers, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import IMAGE, SERIES, VOLUME, Inner, Row

INNER_AXES = "Keras on torch hands inner axes to a kernel that only normalizes the last ones, and fails"
KERAS_2 = "Keras 3 has no such layer"
DRAWN = {"beta_initializer": "normal", "gamma_initializer": "normal"}
CLIPPED = {"rmax": 1.2, "rmin": 0.8, "dmax": 0.2}


def _row(name: str, kwargs: dict[str, Any], shapes: Any = (5,), **options: Any) -> Row:
    """A row whose sums are taken in another order than Keras's."""
    return Row(name, kwargs, shapes, **{"tolerance": 1e-5, **options})


BATCH = [
    _row("BatchNormalization", {}),
    _row("BatchNormalization", {"momentum": 0.5, "epsilon": 0.1}, IMAGE, open_axes=(1, 2)),
    _row("BatchNormalization", {"axis": 1, "center": False, "gamma_initializer": "normal"}, IMAGE),
    _row("BatchNormalization", {"axis": 2}, IMAGE, open_axes=(1, 3)),
    _row("BatchNormalization", {"axis": -3, "momentum": 0.0}, IMAGE),
    _row("BatchNormalization", {}, VOLUME, open_axes=(1, 2, 3)),
    _row("BatchNormalization", {"axis": 1}, VOLUME),
    _row("BatchNormalization", {"axis": 1}, SERIES, open_axes=(2,)),
    _row("BatchNormalization", {"scale": False, "moving_mean_initializer": "ones"}, SERIES),
    _row("BatchNormalization", {"center": False, "scale": False}, SERIES, open_axes=(1,)),
    _row("BatchNormalization", {"beta_regularizer": "l1"}, SERIES, masked=True),
    _row("BatchNormalization", {"gamma_regularizer": "l2", "gamma_constraint": "non_neg"}),
    _row("BatchNormalization", {"momentum": 0.2, "synchronized": False}, SERIES, masked=True),
    _row("BatchNormalization", {"renorm": True}),
    _row("BatchNormalization", {"renorm": True, "renorm_clipping": CLIPPED}, SERIES, masked=True),
    _row("BatchNormalization", {"renorm": True, "renorm_momentum": 0.5, "axis": 1}, IMAGE),
    _row("BatchNormalization", {"renorm": True, "scale": False, "center": False}, SERIES),
    _row("BatchNormalization", {"trainable": False}, SERIES),
    _row("SyncBatchNormalization", {}, SERIES, open_axes=(1,), reference="absent", because=KERAS_2),
    _row("SyncBatchNormalization", {"axis": 1}, IMAGE, reference="absent", because=KERAS_2),
    _row("SyncBatchNormalization", {"center": False, "epsilon": 0.1}, reference="absent", because=KERAS_2),
]

LAYER = [
    _row("LayerNormalization", {}, SERIES, open_axes=(1,), masked=True),
    _row("LayerNormalization", {"axis": (1, 2), "epsilon": 0.1}, SERIES),
    _row("LayerNormalization", {"axis": [-1]}, IMAGE, open_axes=(1, 2)),
    _row("LayerNormalization", {"axis": [-3, -2, -1]}, IMAGE),
    _row("LayerNormalization", {"axis": [1, 3]}, IMAGE, open_axes=(2,)),
    _row("LayerNormalization", {"center": False, "gamma_initializer": "normal"}),
    _row("LayerNormalization", {"center": False, "scale": False}, SERIES),
    _row("LayerNormalization", {"scale": False, "beta_initializer": "ones"}, IMAGE),
    _row("LayerNormalization", {"beta_regularizer": "l1", "gamma_regularizer": "l2"}, VOLUME),
    _row("LayerNormalization", {"gamma_constraint": "unit_norm", "trainable": False}),
    _row("LayerNormalization", {"axis": 1}, SERIES, reference="absent", because=INNER_AXES),
    _row("LayerNormalization", {"axis": (1, 2)}, IMAGE, reference="absent", because=INNER_AXES),
]

GROUP = [
    _row("GroupNormalization", {"groups": 2}, (4,)),
    _row("GroupNormalization", {"groups": 3}, SERIES, open_axes=(1,), masked=True),
    _row("GroupNormalization", {"groups": 1}, IMAGE, open_axes=(1, 2)),
    _row("GroupNormalization", {"groups": -1}, IMAGE, open_axes=(1, 2)),
    _row("GroupNormalization", {"groups": 2, **DRAWN}, (3, 4, 6), open_axes=(1, 2)),
    _row("GroupNormalization", {"groups": 3, "axis": 1}, IMAGE, open_axes=(2, 3)),
    _row("GroupNormalization", {"groups": 2, "axis": -2}, (3, 4, 2)),
    _row("GroupNormalization", {"groups": 2, "epsilon": 0.1}, VOLUME, open_axes=(1, 2, 3)),
    _row("GroupNormalization", {"groups": 2, "axis": 1, "scale": False}, VOLUME),
    _row("GroupNormalization", {"groups": 2, "center": False}, (3, 4)),
    _row("GroupNormalization", {"groups": 2, "center": False, "scale": False}, (3, 4)),
    _row("GroupNormalization", {"groups": 2, "beta_regularizer": "l1", "gamma_regularizer": "l2"}, (4,)),
    _row("GroupNormalization", {"groups": 2, "beta_constraint": "non_neg", "trainable": False}, (4,)),
]

RMS_AND_UNIT = [
    _row("RMSNormalization", {}),
    _row("RMSNormalization", {}, SERIES, open_axes=(1,), masked=True),
    _row("RMSNormalization", {"epsilon": 0.1}, IMAGE, open_axes=(1, 2)),
    _row("RMSNormalization", {"axis": (1, 2)}, SERIES),
    _row("RMSNormalization", {"axis": [-1, -2]}, IMAGE, open_axes=(1,)),
    _row("RMSNormalization", {"axis": [1, 2, 3], "trainable": False}, IMAGE),
    _row("UnitNormalization", {}),
    _row("UnitNormalization", {}, SERIES, open_axes=(1, 2), masked=True),
    _row("UnitNormalization", {"axis": 1}, SERIES, open_axes=(1, 2)),
    _row("UnitNormalization", {"axis": (1, 2)}, IMAGE, open_axes=(1, 2, 3)),
    _row("UnitNormalization", {"axis": [-1]}, IMAGE),
    _row("UnitNormalization", {"axis": -3}, VOLUME),
]

DENSE = Inner("Dense", {"units": 3, "name": "inner"})
CONV = Inner("Conv2D", {"filters": 2, "kernel_size": 2, "name": "inner"})
SEQUENCE_CONV = Inner("Conv1D", {"filters": 2, "kernel_size": 2, "name": "inner"})

SPECTRAL = [
    _row("SpectralNormalization", {"layer": DENSE}),
    _row("SpectralNormalization", {"layer": DENSE, "power_iterations": 3}, SERIES, open_axes=(1,)),
    _row("SpectralNormalization", {"layer": CONV, "power_iterations": 2}, IMAGE, open_axes=(1, 2)),
    _row("SpectralNormalization", {"layer": SEQUENCE_CONV}, SERIES),
    _row("SpectralNormalization", {"layer": DENSE, "trainable": False}),
]

NORMALIZATION = [*SPECTRAL, *BATCH, *LAYER, *GROUP, *RMS_AND_UNIT]
