"""The measurements, each a list of rows for the table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from benchmarks import costs, memory
from benchmarks.frameworks import TITLES, Framework
from benchmarks.loops import HandLoop, best_loop
from benchmarks.measure import Times, medians, ratio, take_turns
from benchmarks.sources import WORKS, Source, sources
from benchmarks.table import Row
from benchmarks.workloads import Workload

LOOP, OURS = TITLES["loop"], TITLES["kerastorch"]
ROWS = 32
Trainer = HandLoop | Framework
COMPILED = "jit_compile"
LEAST_RATE = 0.9
# One small object a step, kept for ever, would add more than 100 KiB in 2,000 steps; one tensor of logits 5,000.
GROWTH_KIB = {"live objects": 64, "peak of objects": 64, "resident memory": 2048}


@dataclass(frozen=True)
class Settings:
    """How much to measure.

    Args:
        packages: the frameworks beside the loop, of `"keras"` and `"kerastorch"`.
        rounds: turns of everyone.
        epochs: epochs a turn, or 0 for what the workload says.
        processes: fresh processes where one is needed.
        threads: threads of torch.
        batches: batches that a source of data gives.
    """

    packages: tuple[str, ...]
    rounds: int
    epochs: int
    processes: int
    threads: int
    batches: int


def contestants(workload: Workload, settings: Settings) -> dict[str, Framework]:
    """Every framework in each way to end the network."""
    return {
        f"{TITLES[package]}, {ending}": Framework(package, workload, ending)
        for package in settings.packages
        for ending in workload.task.losses
    }


def compiled(workload: Workload, settings: Settings) -> dict[str, Framework]:
    """Models with `jit_compile=True`, for workloads that owe something for it."""
    if workload.most_compiled is None or "kerastorch" not in settings.packages:
        return {}
    return {f"{TITLES['kerastorch']}, {COMPILED}": Framework("kerastorch", workload, jit_compile=True)}


def compare(
    title: str, times: Times, base: str, scale: float, most: float | None = None, slack: float = 0.0
) -> Iterator[Row]:
    """Rows of microseconds; kerastorch owes a ratio of at most `most`, plus `slack` microseconds."""
    middle = {name: value * scale * 1e6 for name, value in medians(times).items()}
    owed = f"<= {most or 0:.2f}" + (f" + {slack / 1000:g} ms" if slack else "")
    for name, value in middle.items():
        if name.endswith(COMPILED):
            continue
        share = ratio(times, name, base)
        row = Row(title, name, value, "us", share)
        if most is not None and name.startswith(TITLES["kerastorch"]):
            row = row.owing(owed, round(share, 2) <= most + slack / middle[base])
        yield row


def speed(workload: Workload, settings: Settings, note: Callable[[str], None]) -> list[Row]:
    """Training, evaluation, prediction and the fixed cost of `fit` for one workload."""
    loop, variant = best_loop(workload, max(settings.rounds // 2, 1))
    note(f"{workload.name}: the fastest hand-written loop uses {variant}")
    others = contestants(workload, settings)
    epochs = settings.epochs or workload.epochs
    steps = workload.steps * epochs
    trainers: dict[str, Trainer] = {LOOP: loop, **others}
    programs = compiled(workload, settings)
    contest = {n: partial(t.train, epochs) for n, t in {**trainers, **programs}.items()}
    training = take_turns(contest, settings.rounds)
    evaluation = take_turns({n: t.evaluate for n, t in trainers.items()}, settings.rounds)
    rows = list(compare(f"{workload.name}: training step", training, LOOP, 1 / steps, workload.most))
    rows += compare_programs(workload, programs, training, 1 / steps)
    rows += against_keras(workload, training)
    rows += compare(f"{workload.name}: evaluation step", evaluation, LOOP, 1 / workload.steps)
    rows += prediction(workload, loop, others, settings)
    rows += fixed_cost(workload, others, settings)
    return rows


def compare_programs(
    workload: Workload, programs: dict[str, Framework], times: Times, scale: float
) -> Iterator[Row]:
    """Rows of steps as one program; a model whose steps are none does not meet what is owed."""
    for name, framework in programs.items():
        share, report = ratio(times, name, LOOP), framework.model.step_report()
        value = medians(times)[name] * scale * 1e6
        row = Row(f"{workload.name}: training step", name, value, "us", share)
        met = report.kind == "compiled" and round(share, 2) <= workload.most_compiled
        yield row.owing(f"<= {workload.most_compiled:.2f}", met)


def geometric_mean(rows: Iterable[Row]) -> Iterator[Row]:
    """The geometric mean over the workloads of the time of a step in units of the loop's, for each ending."""
    shares: dict[str, list[float]] = {}
    for row in rows:
        who, _, ending = row.contestant.rpartition(", ")
        if row.measurement.endswith(": training step") and row.ratio is not None and who == OURS:
            shares.setdefault(ending, []).append(row.ratio)
    both = {ending: shares.get(ending, []) + shares.get("linear", []) for ending in ("softmax", "logits")}
    for ending, values in both.items():
        if len(values) > 1:
            share = statistics.geometric_mean(values)
            row = Row(f"geometric mean of {len(values)} steps", f"{OURS}, {ending}", share, "x", share)
            yield row.owing("<= 0.95", round(share, 2) <= 0.95)


def against_keras(workload: Workload, times: Times) -> Iterator[Row]:
    """Time of kerastorch in units of Keras's, where both ran."""
    title, most = f"{workload.name}: training, kerastorch / Keras", workload.most_of_keras
    for ending in workload.task.losses:
        ours, theirs = (f"{TITLES[package]}, {ending}" for package in ("kerastorch", "keras"))
        if ours in times and theirs in times:
            share = ratio(times, ours, theirs)
            row = Row(title, ending, share, "x", share)
            yield row if most is None else row.owing(f"<= {most:.2f}", round(share, 2) <= most)


def prediction(
    workload: Workload, loop: HandLoop, others: dict[str, Framework], settings: Settings
) -> Iterator[Row]:
    """`predict` on few rows against the bare forward pass, for models that give logits."""
    actions: dict[str, Callable[[], object]] = {"bare forward pass": partial(loop.forward, ROWS)}
    for name, framework in others.items():
        if name.endswith(workload.plain):
            actions[name] = partial(framework.predict, ROWS)
    times = take_turns(actions, settings.rounds, repeats=50, warm_up=10)
    return compare(f"{workload.name}: predict {ROWS} rows", times, "bare forward pass", 1.0, 2.0, 200.0)


def fixed_cost(workload: Workload, others: dict[str, Framework], settings: Settings) -> Iterator[Row]:
    """What a `fit` of one step costs beyond the step, in milliseconds.

    Steps of few rows, so that the step does not hide the cost; a step's time is taken from a longer `fit`
    of the same round.
    """
    long, rows = 11, 8
    actions = {
        (name, steps): partial(framework.train_steps, steps, rows)
        for name, framework in others.items()
        for steps in (1, long)
    }
    times = take_turns({str(key): action for key, action in actions.items()}, settings.rounds, repeats=3)
    for name in others:
        pairs = zip(times[str((name, 1))], times[str((name, long))], strict=True)
        cost = statistics.median(one - (more - one) / (long - 1) for one, more in pairs) * 1e3
        row = Row(f"{workload.name}: fit beyond its step", name, cost, "ms")
        yield row.owing("<= 5 ms", cost <= 5) if name.startswith(TITLES["kerastorch"]) else row


def data(workload: Workload, settings: Settings, note: Callable[[str], None]) -> Iterator[Row]:
    """Batches a second of every kind of data: `fit` owes 0.9 times what the hand-written loop takes in."""
    workload = replace(workload, steps=settings.batches)
    loop, _ = best_loop(workload, max(settings.rounds // 2, 1))
    model = Framework("kerastorch", workload)
    for weight, work in WORKS.items():
        for source in sources(workload, work):
            title = f"{workload.name}, {weight}: {source.name}"
            note(title)
            yield from rate(title, source, loop, model, settings)


def rate(title: str, source: Source, loop: HandLoop, model: Framework, settings: Settings) -> Iterator[Row]:
    """Batches a second of one source, by hand and by `fit`."""
    by_hand, by_fit = f"{LOOP} over {source.way}", f"{TITLES['kerastorch']}, fit"
    times = take_turns(
        {
            by_hand: lambda: loop.train_from(source.by_hand()),
            by_fit: lambda: model.train_from(source.given()),
        },
        settings.rounds,
    )
    rates = {name: settings.batches / value for name, value in medians(times).items()}
    share = ratio(times, by_hand, by_fit)
    yield Row(title, by_hand, rates[by_hand], "batches/s", 1.0)
    yield Row(title, by_fit, rates[by_fit], "batches/s", share, ">= 0.90", share >= LEAST_RATE)


def imports(settings: Settings) -> Iterator[Row]:
    """Seconds of `import` beyond `import torch`."""
    for package, value in costs.import_seconds(list(settings.packages), settings.processes).items():
        row = Row("import beyond torch", TITLES[package], value, "s")
        yield row.owing("<= 0.3 s", value <= 0.3) if package == "kerastorch" else row


def peaks(workload: Workload, settings: Settings) -> Iterator[Row]:
    """Peak memory of a process that trains."""
    base = 0.0
    for name in ("loop", *settings.packages):
        found = memory.in_own_process("peak", name, workload.name, settings.threads)["peak_mib"]
        base = base or found
        row = Row(f"{workload.name}: peak memory", TITLES[name], found, "MiB", found / base)
        yield row.owing("<= 1.02", found / base <= 1.02) if name == "kerastorch" else row


def flatness(workload: Workload, settings: Settings) -> Iterator[Row]:
    """What 2,000 further steps add to memory, beyond what they add for the hand-written loop.

    The loop's own figures are those of the interpreter (garbage that waits for its collection); one more
    object a step would be over the limits.
    """
    figures = {
        name: memory.in_own_process("growth", name, workload.name, settings.threads)
        for name in ("loop", *settings.packages)
    }
    for name, found in figures.items():
        for what, value in found.items():
            most = GROWTH_KIB[what]
            title = f"{TITLES[name]}, {what}"
            row = Row(f"{workload.name}: {memory.FLAT_STEPS:,} steps add", title, value, "KiB")
            kept = value <= figures["loop"][what] + most
            yield row.owing(f"<= loop + {most:,} KiB", kept) if name == "kerastorch" else row
