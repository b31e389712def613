"""Speed and memory of kerastorch beside Keras on torch and the best hand-written torch loop.

Run `python -m benchmarks` (or `make bench`). All contestants do the same work in one run, in turn,
in many short rounds, so that whatever else the computer does hits them alike; a table shows medians
and ratios.

- `workloads`: the networks and their data.
- `loops`: the hand-written loop, in the variants that it is chosen from.
- `sources`: kinds of data that come batch by batch, for the loop and for `fit`.
- `frameworks`: Keras and kerastorch, through one and the same code.
- `optimizers`: one step of every optimizer, beside `torch.optim`.
- `measure`: rounds in turn, medians, ratios.
- `memory`, `costs`: what needs a process of its own (peak memory, growth, import time).
- `table`: what is printed.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"
