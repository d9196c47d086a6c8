"""The load: wrk for traffic, hostile clients beside it, and connections that are just open."""

from __future__ import annotations

import json
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
HOSTILE = Path(__file__).with_name("hostile.py")
SETTLE = 1.5  # seconds in which the hostile clients that stay have come
POST = 'wrk.method = "POST"\nwrk.body = string.rep("y", 64 * 1024)\n'


class Failure(Exception):
    """Something that the user can put right: its text is all that is shown."""


@dataclass(frozen=True)
class Case:
    """What clients do."""

    name: str
    title: str
    path: str = "/1k"
    connections: int = 64
    post: bool = False
    close: bool = False
    hostile: bool = False  # with hostile clients beside


@dataclass(frozen=True)
class Traffic:
    """What the clients saw."""

    requests: int
    seconds: float
    p50: float  # seconds
    p99: float
    errors: int


def seconds(text: str) -> float:
    """Read a duration as wrk writes it: 812.00us, 1.20ms, 3.00s, 1.00m."""
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)", text)
    if not parts:
        raise ValueError(f"duration: {text} (expected: a number and one of {', '.join(UNITS)})")
    return float(parts[1]) * UNITS[parts[2]]


def parse(text: str) -> Traffic:
    """Read wrk's report."""
    total = re.search(r"^\s*(\d+) requests in ([\d.]+\w+),", text, re.M)
    quantiles = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+\w+)\s*$", text, re.M))
    if not total or len(quantiles) != 2:
        raise ValueError(f"wrk's report: {text!r} (expected: requests and quantiles)")
    errors = 0
    for line in re.findall(r"^\s*(?:Socket errors: |Non-2xx or 3xx responses: )(.+)$", text, re.M):
        errors += sum(int(number) for number in re.findall(r"\d+", line))
    return Traffic(int(total[1]), seconds(total[2]), seconds(quantiles["50"]), seconds(quantiles["99"]), errors)


def run(case: Case, port: int, duration: int, work: Path) -> Traffic:
    """Put a case's load on a port."""
    command = ["wrk", "-t1", f"-c{case.connections}", f"-d{duration}s", "--latency", "--timeout", "10s"]
    if case.post:
        (work / "post.lua").write_text(POST)
        command += ["-s", str(work / "post.lua")]
    if case.close:
        command += ["-H", "Connection: close"]
    command.append(f"http://127.0.0.1:{port}{case.path}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=duration + 60)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{' '.join(command)}: does not end") from late
    if done.returncode:
        raise Failure(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return parse(done.stdout)


@contextmanager
def beside(case: Case, port: int) -> Iterator[dict[str, int]]:
    """Have the case's hostile clients on a port, if it has any; what they have counted is there at the end."""
    counts: dict[str, int] = {}
    if not case.hostile:
        yield counts
        return
    command = [sys.executable, str(HOSTILE), str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as clients:
        try:
            time.sleep(SETTLE)
            yield counts
            said, _ = clients.communicate(timeout=10)
            counts.update(json.loads(said))
        except (subprocess.TimeoutExpired, ValueError) as broken:
            raise Failure(f"{' '.join(command)}: has told nothing") from broken
        finally:
            clients.kill()


def exchange(connection: socket.socket) -> bool:
    """Get a kilobyte over a connection that stays open; return whether that worked."""
    connection.sendall(b"GET /1k HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0 or len(received) < end + 4 + 1024:
        part = connection.recv(8192)
        if not part:
            return False
        received += part
    return received.startswith(b"HTTP/1.1 200") and len(received) == end + 4 + 1024


@contextmanager
def idle(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Hold connections open over each of which one request went."""
    held: list[socket.socket] = []
    try:
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), 10)
            held.append(connection)
            if not exchange(connection):
                raise Failure(f"connection {len(held)} of {count} was not served")
        yield held
    except OSError as broken:
        raise Failure(f"connection {len(held) + 1} of {count}: {broken.strerror or broken}") from broken
    finally:
        for connection in held:
            connection.close()


def closed(held: list[socket.socket]) -> int:
    """Return how many of the connections the server has closed, or sent more over."""
    poll = select.poll()
    for connection in held:
        poll.register(connection, select.POLLIN)
    return len(poll.poll(0))
