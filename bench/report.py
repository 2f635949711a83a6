"""From samples to ratios, and from ratios to ``bench/RESULTS.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.machine import Sample

Samples = Mapping[str, Sequence[Sample]]
"""Target -> its sample of each round."""

FOREIGN = 0.2
"""Cores of foreign load above which a round is marked as disturbed."""


@dataclass(frozen=True)
class Ratio:
    """One measure against another, round by round. ``hold`` and ``reach`` are budgets of the design; ``least`` tells
    that more is better."""

    name: str
    values: tuple[float, ...]
    hold: float | None = None
    reach: float | None = None
    least: bool = True

    @property
    def middle(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def verdict(self) -> str:
        """In words: reached, held, missed; a dash where no budget stands."""
        if self.hold is None or self.reach is None:
            return "–"
        if self._meets(self.reach):
            return "reached"
        return "held" if self._meets(self.hold) else "**missed**"

    def _meets(self, budget: float) -> bool:
        return self.middle >= budget if self.least else self.middle <= budget

    def row(self) -> str:
        """As a line of the table."""
        sign = "≥" if self.least else "≤"
        hold, reach = (f"{sign} {b:g}" if b is not None else "–" for b in (self.hold, self.reach))
        spread = f"{min(self.values):.2f}–{max(self.values):.2f}"
        return f"| {self.name} | {self.middle:.2f} | {spread} | {hold} | {reach} | {self.verdict} |"


def paired(samples: Samples, target: str, base: str) -> tuple[float, ...]:
    """Rate of a target over the rate of its base in the same round."""
    return tuple(one.rate / other.rate for one, other in zip(samples[target], samples[base], strict=True))


def ratios(samples: Samples, starts: Sequence[tuple[float, float]], small: str, large: str) -> list[Ratio]:
    """Every measure of the design, and those the design sets no budget for."""
    found = [
        Ratio("whole stack's empty answer / bare Litestar", paired(samples, f"live sqlite {small}", "bare"), 0.6, 0.75)
    ]
    budgets = {
        "status": ("public status / bare Litestar", "bare", {"postgresql": (0.14, 0.22), "sqlite": (0.22, 0.32)}),
        "submit": ("submission / floor", "floor", {"postgresql": (0.28, 0.45), "sqlite": (0.35, 0.60)}),
        "forward": ("transition / floor", "floor", {"postgresql": (0.18, 0.35), "sqlite": (0.18, 0.35)}),
        "route": ("routing dry run / bare Litestar", "bare", {}),
        "queue": ("clerk's queue / bare Litestar", "bare", {}),
    }
    for target, (name, base, limits) in budgets.items():
        for engine in ("postgresql", "sqlite"):
            hold, reach = limits.get(engine, (None, None))
            for size in (small, large):
                values = paired(samples, f"{target} {engine} {size}", base)
                found.append(Ratio(f"{name}, {engine}, {size}", values, hold, reach))
    for target in ("status", "submit", "forward", "route", "queue"):
        for engine in ("postgresql", "sqlite"):
            values = paired(samples, f"{target} {engine} {small}", f"{target} {engine} {large}")
            found.append(Ratio(f"{target}, {engine}: time with {large} / with {small}", values, 1.3, 1.1, least=False))
    found.append(
        Ratio("start without database / django.setup", tuple(one / other for one, other in starts), 2, 1.5, least=False)
    )
    return found


def _targets(samples: Samples) -> list[str]:
    lines = [
        "| target | answers/s | p50 ms | p99 ms | server CPU µs | foreign cores |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for name, rounds in samples.items():
        middle = {
            key: median(getattr(one, key) for one in rounds)
            for key in ("rate", "p50_ms", "p99_ms", "cpu_us", "foreign")
        }
        lines.append(
            f"| {name} | {middle['rate']:.0f} | {middle['p50_ms']:.1f} | {middle['p99_ms']:.1f} "
            f"| {middle['cpu_us']:.0f} | {middle['foreign']:.2f} |"
        )
    return lines


def _rounds(samples: Samples) -> list[str]:
    count = max(len(rounds) for rounds in samples.values())
    lines = [
        "| target | " + " | ".join(f"round {n + 1}" for n in range(count)) + " |",
        "| --- |" + " --: |" * count,
    ]
    for name, rounds in samples.items():
        cells = (f"{one.rate:.0f}{'*' if one.foreign > FOREIGN else ''}" for one in rounds)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def report(
    facts: Sequence[tuple[str, str]], measured: Sequence[Ratio], samples: Samples, starts: Sequence[tuple[float, float]]
) -> str:
    """The whole file."""
    ours, theirs = (median(pair[n] for pair in starts) for n in (0, 1))
    lines = [
        "# Results",
        "",
        "Written by `make bench`; how it measures stands in `bench/README.md`. Ratios are medians of the rounds, each "
        "round's answers a second against its own base; absolute figures say more about the machine than the system.",
        "",
        *(f"- {name}: {value}" for name, value in facts),
        "",
        "## Ratios",
        "",
        "| measure | median | rounds | hold | reach | |",
        "| --- | --: | --- | --: | --: | --- |",
        *(ratio.row() for ratio in measured),
        "",
        "## Medians",
        "",
        *_targets(samples),
        "",
        f"Start: {ours * 1000:.0f} ms of CPU, Django {theirs * 1000:.0f} ms.",
        "",
        "## Each round, answers a second",
        "",
        f"A star marks more than {FOREIGN} cores of foreign load on the machine meanwhile.",
        "",
        *_rounds(samples),
        "",
        "Start, ms of CPU, ours and Django's: " + ", ".join(f"{a * 1000:.0f}/{b * 1000:.0f}" for a, b in starts) + ".",
        "",
    ]
    return "\n".join(lines)
