"""Every loss, as `(name, arguments)`; the arguments and data are those of the tests of losses."""

from __future__ import annotations

from tests.losses.cases import CASES, inputs

LOSSES = CASES
loss_inputs = inputs

# Bases, and the enumeration of reductions.
NOT_ALONE = {"Loss", "LossFunctionWrapper", "Reduction"}
