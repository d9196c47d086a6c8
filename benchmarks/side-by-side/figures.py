"""What was measured, and what is made of it: medians, ratios within rounds, marks, tables."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import asdict, dataclass, field

BASES = ("nginx", "haproxy")
PLACES = SENDING, RECEIVING, KERNEL, OWN = "sending", "receiving", "rest of the kernel", "own code"
BUSY, OTHERS, JIT, ENDED = 0.60, 0.15, 0.10, 0.02  # where doubts begin


@dataclass(frozen=True)
class Round:
    """One server under one case's load, once."""

    micros: float  # CPU time per request, without the JIT compiler's
    jit_micros: float
    rate: float  # requests per second
    p50: float  # seconds
    p99: float
    resident: int  # octets, at the end
    allocated: float | None  # octets of heap per request, if the server tells
    errors: int
    busy: float  # the server's share of its core
    others: float  # everybody else's share of that core
    ended: float  # share of the server's CPU time that threads have used which have ended
    hostile: dict[str, int] = field(default_factory=dict)  # what hostile clients have counted, if there were any

    def doubts(self) -> list[str]:
        """Say why this round is not to be trusted."""
        total = self.micros + self.jit_micros
        found = {"errors": self.errors > 0, "waited": self.busy < BUSY, "noisy": self.others > OTHERS,
                 "cold": self.jit_micros > JIT * total, "threads ended": self.ended > ENDED}
        return [name for name, doubtful in found.items() if doubtful]


@dataclass(frozen=True)
class Idle:
    """What open connections cost a server."""

    connections: int
    resident: float  # octets for each connection by which the process has grown
    heap: float | None  # live objects, octets for each connection
    direct: float | None
    lost: int  # connections that the server has closed

    def doubts(self) -> list[str]:
        """Say why this is not to be trusted."""
        return ["connections lost"] if self.lost else []


@dataclass(frozen=True)
class Profile:
    """Where the CPU time of a request goes."""

    micros: float  # all of it, without the JIT compiler's
    shares: dict[str, float]  # by place


@dataclass(frozen=True)
class Spread:
    """A median and how far the values lie apart."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(values: list[float]) -> Spread | None:
        """Describe values; the range is that of the middle half where there are enough of them."""
        if not values:
            return None
        if len(values) < 4:
            return Spread(statistics.median(values), min(values), max(values))
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return Spread(statistics.median(values), low, high)


Rounds = dict[str, list[Round]]  # by server; the lists have the same length


@dataclass(frozen=True)
class Results:
    """Everything that was measured."""

    cases: dict[str, Rounds] = field(default_factory=dict)
    idle: dict[str, Idle] = field(default_factory=dict)  # by server
    profiles: dict[str, Profile] = field(default_factory=dict)  # by server


def ratio(rounds: Rounds, server: str, base: str) -> Spread | None:
    """Compare CPU time per request within each round: a noisy minute hurts both."""
    if base not in rounds or server == base:
        return None
    pairs = zip(rounds[server], rounds[base], strict=False)
    return Spread.of([mine.micros / its.micros for mine, its in pairs if its.micros > 0])


def middle(rounds: list[Round], figure: str) -> float | None:
    """Return the median of a figure."""
    values = [value for value in (getattr(one, figure) for one in rounds) if value is not None]
    return statistics.median(values) if values else None


def doubts(rounds: list[Round]) -> str:
    """Say how many rounds are doubtful, and why."""
    all_of_them = [doubt for one in rounds for doubt in one.doubts()]
    return ", ".join(f"{doubt} {all_of_them.count(doubt)}/{len(rounds)}" for doubt in dict.fromkeys(all_of_them))


def counted(rounds: list[Round]) -> str:
    """Say what hostile clients have counted in all rounds."""
    total = sum((Counter(one.hostile) for one in rounds), Counter())
    return ", ".join(f"{what} {total[what]:,}" for what in sorted(total))


def shown(spread: Spread | None) -> str:
    """Write a ratio."""
    return "" if spread is None else f"{spread.median:.2f} ({spread.low:.2f}–{spread.high:.2f})"


def number(value: float | None, form: str) -> str:
    """Write a number that may be missing."""
    return "" if value is None else format(value, form)


def table(rounds: Rounds) -> str:
    """Make a case's table."""
    rows = [["server", "µs/request", "/ nginx", "/ HAProxy", "requests/s", "p50 ms", "p99 ms", "RSS MiB",
             "heap octets/request", "doubts"]]
    for server, measured in rounds.items():
        spread = Spread.of([one.micros for one in measured])
        rows.append([server, "" if spread is None else f"{spread.median:.1f} ({spread.low:.1f}–{spread.high:.1f})",
                     *(shown(ratio(rounds, server, base)) for base in BASES),
                     number(middle(measured, "rate"), ",.0f"),
                     *(number((middle(measured, quantile) or 0.0) * 1000, ".2f") for quantile in ("p50", "p99")),
                     number((middle(measured, "resident") or 0.0) / 2**20, ".0f"),
                     number(middle(measured, "allocated"), ",.0f"), doubts(measured)])
    if any(one.hostile for measured in rounds.values() for one in measured):
        for row, told in zip(rows, ["hostile clients", *map(counted, rounds.values())], strict=True):
            row.insert(-1, told)
    return markdown(rows)


def idle_table(idle: dict[str, Idle]) -> str:
    """Make the table of idle connections."""
    rows = [["server", "connections", "RSS KiB each", "live heap KiB each", "direct KiB each", "doubts"]]
    for server, cost in idle.items():
        rows.append([server, f"{cost.connections:,}",
                     *(number(None if octets is None else octets / 1024, ".2f")
                       for octets in (cost.resident, cost.heap, cost.direct)), ", ".join(cost.doubts())])
    return markdown(rows)


def profile_table(profiles: dict[str, Profile]) -> str:
    """Make the table of where the time goes."""
    rows = [["server", "µs/request", *PLACES]]
    for server, profile in profiles.items():
        each = [profile.shares[place] for place in PLACES]
        rows.append([server, f"{profile.micros:.1f}", *(f"{profile.micros * share:.1f} ({share:.0%})" for share in each)])
    return markdown(rows)


def markdown(rows: list[list[str]]) -> str:
    """Write a table; all columns but the first and the last are numbers."""
    rule = ["---", *["---:"] * (len(rows[0]) - 2), "---"]
    return "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], rule, *rows[1:]])


def to_json(results: Results) -> dict[str, object]:
    """Make everything that was measured into JSON."""
    return {"cases": {case: {server: [asdict(one) | {"doubts": one.doubts()} for one in measured]
                             for server, measured in rounds.items()} for case, rounds in results.cases.items()},
            "idle": {server: asdict(cost) for server, cost in results.idle.items()},
            "profiles": {server: asdict(profile) for server, profile in results.profiles.items()}}


def from_json(told: dict) -> Results:
    """Read what to_json has made."""
    cases = {case: {server: [Round(**{key: value for key, value in one.items() if key != "doubts"})
                             for one in measured] for server, measured in rounds.items()}
             for case, rounds in told["cases"].items()}
    return Results(cases, {server: Idle(**cost) for server, cost in told["idle"].items()},
                   {server: Profile(**profile) for server, profile in told.get("profiles", {}).items()})
