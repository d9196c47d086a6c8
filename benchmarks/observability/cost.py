#!/usr/bin/env python3
"""What watching a gateway costs: CPU time per request with all of it on, all of it off, and steps between.

Every gateway runs on one CPU in turn; the origin (nginx), the load generator (wrk) and this script share another.
Rounds are interleaved (A B C A B C ...) and ratios are taken within a round, so that a noisy minute hurts all alike.
See README.md beside this file.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXCLUDE = "--spring.autoconfigure.exclude="
METRICS = "dev.pingora.autoconfigure.metrics.PingoraMetricsAutoConfiguration"
HEALTH = "dev.pingora.autoconfigure.actuate.PingoraHealthAutoConfiguration"
OFF = (EXCLUDE + METRICS + "," + HEALTH, "--pingora.watchdog.loop-budget=0")
LOG = ("--pingora.access-log.enabled=true", "--pingora.access-log.path={work}/{name}.log")
SENTRY = ("--sentry.dsn=http://key@127.0.0.1:{sink}/1",)
HISTOGRAM = ("--management.metrics.distribution.percentiles-histogram.pingora.requests=true",)
TRACES = ("--management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:{sink}/v1/traces",
          "--management.otlp.metrics.export.enabled=false", "--management.tracing.sampling.probability=0.1")

ORIGIN = """worker_processes 1; daemon off; pid origin.pid; error_log origin.err; {user}
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
  server {{ listen 127.0.0.1:{origin} backlog=4096; location / {{ return 200 "{body}"; }} }} }}
"""
NGINX = """worker_processes 1; daemon off; pid nginx.pid; error_log nginx.err; {user}
events {{ worker_connections 4096; }}
http {{ access_log {log}; keepalive_requests 1000000000; keepalive_timeout 1h;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 512; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }} }} }}
"""


@dataclass
class Peer:
    """A gateway under test."""

    name: str
    meaning: str
    port: int
    command: list[str]
    scraped: int = 0  # the port of its meters, which are scraped once a second
    process: subprocess.Popen | None = None


@dataclass(frozen=True)
class Round:
    """What one round has measured."""

    micros: float
    rate: float
    p99_ms: float
    errors: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def sink() -> int:
    """Start a server that takes whatever is exported, and return its port."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(64)

    def serve() -> None:
        while True:
            client, _ = server.accept()
            threading.Thread(target=take, args=(client,), daemon=True).start()

    def take(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, ValueError, IndexError):
            stream = client.makefile("rb")
            while line := stream.readline():
                length = 0
                while line.strip():
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                    line = stream.readline()
                stream.read(length)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}")

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


def peers(options: argparse.Namespace, work: Path, origin: int) -> list[Peer]:
    exported = sink()
    found = []
    user = "user root;" if os.geteuid() == 0 else ""
    for name, log in (("nginx", "off"), ("nginx+log", f"{work}/nginx.log combined buffer=64k flush=1s")):
        port = free_port()
        conf = work / f"{name}.conf"
        conf.write_text(NGINX.format(user=user, origin=origin, port=port, log=log).replace("nginx.", f"{name}."))
        found.append(Peer(name, "nginx, " + ("with" if "+" in name else "without") + " an access log", port,
                          ["nginx", "-p", str(work), "-c", str(conf), "-e", f"{name}.err"]))
    plain, traced = "demo-app.jar", "demo-app-tracing.jar"
    for name, meaning, jar, extra, scrape in (
            ("off", "no meters, no health, no watchdog", plain, OFF, False),
            ("default", "meters, health, watchdog", plain, (), False),
            ("log", "the same and the access log, combined", plain, LOG, False),
            ("traced", "default and tracing, one trace in ten sampled", traced, TRACES, False),
            ("all", "access log, tracing, Sentry, histogram, a scrape each second", traced,
             LOG + TRACES + SENTRY + HISTOGRAM, True)):
        port, management = free_port(), free_port()
        command = ["java", "-XX:ActiveProcessorCount=1", "-XX:+UseSerialGC", "-Xmx256m", "-jar",
                   str(ROOT / "demo-app/target" / jar), "--pingora.threads=1", "--pingora.transport=" + options.transport,
                   f"--pingora.listeners[0].port={port}", "--pingora.listeners[0].address=127.0.0.1",
                   f"--management.server.port={management}", "--management.server.address=127.0.0.1",
                   "--demo.traffic.enabled=false", "--demo.page.enabled=false", "--demo.origins.enabled=false",
                   "--demo.faults.enabled=false", "--pingora.routes[0].id=all",
                   "--pingora.routes[0].predicates[0]=Path=/**", f"--pingora.routes[0].uri=http://127.0.0.1:{origin}",
                   *(argument.format(work=work, name=name, sink=exported) for argument in extra)]
        found.append(Peer(name, meaning, port, command, management if scrape else 0))
    return [peer for peer in found if not options.peers or peer.name in options.peers.split(",")]


def start(command: list[str], cpu: int, work: Path, port: int) -> subprocess.Popen:
    process = subprocess.Popen(["taskset", "-c", str(cpu), *command], cwd=work, stdin=subprocess.DEVNULL,
                               stdout=(work / f"{port}.out").open("w"), stderr=subprocess.STDOUT)
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return process
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    sys.exit(f"did not start: {' '.join(command)}\n{(work / f'{port}.out').read_text()}")


def cpu_seconds(root: int) -> float:
    """Return the CPU time of a process and its children, as the kernel accounts for their threads; the JIT's left out."""
    total, pending = 0, [root]
    while pending:
        pid = pending.pop()
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                pending += [int(child) for child in (task / "children").read_text().split()]
                if not re.match(r"C[12] Compiler", (task / "comm").read_text()):
                    total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def load(peer: Peer, seconds: int, work: Path) -> Round:
    assert peer.process
    before = cpu_seconds(peer.process.pid)
    text = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{peer.port}/"],
                          cwd=work, capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(peer.process.pid) - before
    requests = int(re.search(r"(\d+) requests in", text)[1])
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    bad = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", text))
    return Round(used * 1e6 / max(requests, 1), requests / seconds,
                 float(p99) * {"us": 0.001, "ms": 1, "s": 1000}[unit], bad)


@contextlib.contextmanager
def scraping(peer: Peer):
    """Scrape the peer's meters once a second meanwhile, as a Prometheus server does."""
    stop = threading.Event()

    def scrape() -> None:
        while not stop.wait(1):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", peer.scraped), timeout=5) as client:
                client.sendall(b"GET /actuator/prometheus HTTP/1.0\r\nHost: localhost\r\n\r\n")
                while client.recv(65536):
                    pass

    thread = threading.Thread(target=scrape, daemon=True)
    if peer.scraped:
        thread.start()
    try:
        yield
    finally:
        stop.set()


def compare(options: argparse.Namespace, found: list[Peer], work: Path) -> None:
    rounds: dict[str, list[Round]] = {peer.name: [] for peer in found}
    for peer in found:
        peer.process = start(peer.command, options.gateway_cpu, work, peer.port)
        with scraping(peer):
            load(peer, options.warm if peer.command[0] == "java" else 1, work)
    for number in range(options.rounds):
        for peer in found:
            time.sleep(1)
            with scraping(peer):
                rounds[peer.name].append(load(peer, options.seconds, work))
        print(f"round {number + 1}:", ", ".join(f"{name} {done[-1].micros:.1f}" for name, done in rounds.items()), flush=True)
    print("\n| gateway | µs per request | min..max | /off | /nginx | p99 ms | errors |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for peer in found:
        done = rounds[peer.name]
        micros = [one.micros for one in done]
        ratios = [ratio(done, rounds.get(base, [])) for base in ("off", "nginx")]
        print(f"| {peer.name}: {peer.meaning} | {statistics.median(micros):.1f} | {min(micros):.1f}..{max(micros):.1f} | {ratios[0]} "
              f"| {ratios[1]} | {statistics.median(one.p99_ms for one in done):.1f} | {sum(one.errors for one in done)} |")


def ratio(done: list[Round], base: list[Round]) -> str:
    return f"{statistics.median(a.micros / b.micros for a, b in zip(done, base)):.2f}" if base else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=4, help="length of a round")
    parser.add_argument("--warm", type=int, default=20, help="seconds to warm each JVM")
    parser.add_argument("--transport", default="epoll")
    parser.add_argument("--peers", default="", help="only these, such as nginx,off,all")
    parser.add_argument("--gateway-cpu", type=int, default=0)
    parser.add_argument("--load-cpu", type=int, default=1)
    options = parser.parse_args()
    if missing := [tool for tool in ("wrk", "nginx", "java", "taskset") if not shutil.which(tool)]:
        sys.exit("missing: " + ", ".join(missing))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.sched_setaffinity(0, {options.load_cpu})
    with tempfile.TemporaryDirectory(prefix="observability-") as folder, contextlib.ExitStack() as stack:
        work, origin = Path(folder), free_port()
        (work / "origin.conf").write_text(ORIGIN.format(user="user root;" if os.geteuid() == 0 else "", origin=origin,
                                                        body="x" * 1024))
        server = start(["nginx", "-p", folder, "-c", f"{folder}/origin.conf", "-e", "origin.err"], options.load_cpu, work, origin)
        stack.callback(end, server)
        found = peers(options, work, origin)
        stack.callback(lambda: [end(peer.process) for peer in found])
        compare(options, found, work)


def end(process: subprocess.Popen | None) -> None:
    if process and process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    main()
