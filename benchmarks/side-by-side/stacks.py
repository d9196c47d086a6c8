"""Where the CPU time of a request goes: stacks that perf has sampled, sorted by what the thread was at."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import kernel
from figures import KERNEL, OWN, PLACES, RECEIVING, SENDING
from load import Failure

HERTZ = 4000
ENTRIES = ("entry_SYSCALL", "do_syscall", "asm_", "ret_from_fork")  # a stack with one of these is in the kernel


def place(stack: list[str]) -> str:
    """Say what a thread was at; sending includes the way through the loopback device to the other's socket."""
    if "tcp_sendmsg" in stack:
        return SENDING
    if "tcp_recvmsg" in stack:
        return RECEIVING
    return KERNEL if any(frame.startswith(ENTRIES) for frame in stack) else OWN


def shares(report: str) -> dict[str, float]:
    """Read what perf script writes: a thread's name, a line for each frame (address, name), an empty line."""
    found: Counter[str] = Counter()
    for sample in report.split("\n\n"):
        thread, *frames = sample.strip().split("\n")
        if frames and not kernel.is_jit(thread.strip()):
            found[place([frame.split(maxsplit=1)[-1] for frame in frames])] += 1
    total = found.total()
    return {where: found[where] / total for where in PLACES} if total else {}


@contextmanager
def sampled(pid: int) -> Iterator[dict[str, float]]:
    """Sample a process and its descendants; the shares are there when the block has ended."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="stacks-") as work:
        data = Path(work) / "perf.data"
        command = ["perf", "record", "-q", "-g", "-e", "cpu-clock", "-F", str(HERTZ), "-o", str(data),
                   "-p", ",".join(map(str, kernel.descendants(pid)))]
        recorder = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            yield found
        finally:
            recorder.terminate()
            said = recorder.communicate(timeout=60)[1]
        script = ["perf", "script", "-i", str(data), "-F", "comm,ip,sym"]
        found.update(shares(subprocess.run(script, capture_output=True, text=True).stdout))
        if not found:
            raise Failure(f"{' '.join(command)}: no samples\n{said}")
