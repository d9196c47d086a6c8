"""What the kernel accounts for: CPU time of each thread, busy time of a core, memory."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
BUSY_COLUMNS = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq; not idle, iowait, steal


@dataclass(frozen=True)
class Use:
    """What a group of processes and their core have used so far, in seconds."""

    threads: dict[int, tuple[str, float]]  # of each living thread: name, CPU time
    processes: float  # in ticks only, but with the threads that have ended
    core: float  # whatever ran on the core


@dataclass(frozen=True)
class Spent:
    """CPU time between two moments, in seconds."""

    work: float  # all threads but the JIT compiler's
    jit: float
    ended: float  # of threads that have ended since, about
    others: float  # of whatever else ran on the core, about


def is_jit(thread: str) -> bool:
    """Tell a JIT compiler's thread by its name, of which the kernel keeps 15 characters."""
    return "CompilerThre" in thread or thread.startswith("JVMCI")


def spent(before: Use, after: Use) -> Spent:
    """Relate two moments."""
    work = jit = 0.0
    for tid, (name, seconds) in after.threads.items():
        passed = seconds - before.threads.get(tid, (name, 0.0))[1]
        if is_jit(name):
            jit += passed
        else:
            work += passed
    total = max(after.processes - before.processes, 0.0)
    known = work + jit
    return Spent(work, jit, max(0.0, total - known - 3 * TICK), max(0.0, after.core - before.core - max(total, known)))


def descendants(pid: int) -> list[int]:
    """Return a process and all that it has started, directly or not."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += descendants(int(child))
    return found


def stat(path: Path) -> tuple[str, list[str]]:
    """Return the name and the fields behind it of a stat file; a name may contain anything."""
    text = path.read_text()
    return text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 1:].split()


def use(pid: int, core: int) -> Use:
    """Look at a process, its descendants and a core."""
    threads: dict[int, tuple[str, float]] = {}
    ticks = 0
    for process in descendants(pid):
        with contextlib.suppress(OSError):
            fields = stat(Path(f"/proc/{process}/stat"))[1]
            ticks += int(fields[11]) + int(fields[12])
            for task in Path(f"/proc/{process}/task").iterdir():
                with contextlib.suppress(OSError):
                    nanos = int((task / "schedstat").read_text().split()[0])
                    threads[int(task.name)] = ((task / "comm").read_text().strip(), nanos / 1e9)
    return Use(threads, ticks * TICK, core_busy(Path("/proc/stat").read_text(), core))


def core_busy(text: str, core: int) -> float:
    """Return for how long a core was not idle, out of /proc/stat."""
    line = re.search(rf"^cpu{core} (.+)$", text, re.M)
    if not line:
        raise ValueError(f"core: {core} (expected: one of /proc/stat)")
    columns = line[1].split()
    return sum(int(columns[i]) for i in BUSY_COLUMNS) * TICK


def resident(pid: int) -> int:
    """Return the octets of memory that a process and its descendants hold."""
    total = 0
    for process in descendants(pid):
        with contextlib.suppress(OSError):
            held = re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{process}/status").read_text(), re.M)
            total += int(held[1]) * 1024 if held else 0
    return total


def processor() -> str:
    """Return what kind of processor this is."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    return model[1].strip() if model else os.uname().machine
