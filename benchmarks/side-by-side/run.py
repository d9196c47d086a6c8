#!/usr/bin/env python3
"""Compare reverse proxies side by side: what one request costs each of them, in CPU time.

One server at a time is under load, alone on one core; the origin (nginx), the load generator (wrk) and this program
share another. Rounds are interleaved (A B C A B C ...), and servers are compared within a round. See README.md of the
folder above.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import kernel
import load
import page
import stacks
from figures import Idle, Profile, Results, Round, Rounds, idle_table, profile_table, table, to_json
from load import Case, Failure
from servers import GATEWAY, KINDS, ROOT, Server, Site, jvm_flags, make, origin

CASES = {case.name: case for case in (
    Case("1k", "1 KiB, kept alive"),
    Case("64k", "64 KiB", "/64k"),
    Case("1m", "1 MiB", "/1m", connections=16),
    Case("post", "POST of 64 KiB", "/post", post=True),
    Case("close", "1 KiB, a connection each", close=True),
    Case("filters", "1 KiB with filters"),
    Case("hostile", "1 KiB, beside hostile clients", hostile=True),
)}
IDLE, PROFILE = "idle", "profile"
USUAL = [*(name for name, case in CASES.items() if not case.hostile), IDLE]
TITLES = {name: case.title for name, case in CASES.items()} | {
    IDLE: "Idle connections", PROFILE: "Where the time of 1 KiB goes"}
SERVERS = "nginx,nginx-stream,haproxy,scg,pingora,pingora-uring"
WITH_FILTERS = "nginx,haproxy,pingora,pingora-5,pingora-blocking"
TOOLS = {"wrk": "wrk", "nginx": "nginx", "haproxy": "haproxy", "taskset": "util-linux", "setpriv": "util-linux"}
PERF = {"perf": "linux-perf"}


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default=",".join(USUAL), help=f"of {', '.join(TITLES)} (default: %(default)s)")
    parser.add_argument("--servers", default=SERVERS, help=f"of {', '.join(KINDS)} (default: %(default)s)")
    parser.add_argument("--with-filters", default=WITH_FILTERS, help="the servers of case filters (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=9, help="of each case (default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="of a round (default: %(default)s)")
    parser.add_argument("--warm", type=int, default=20, help="seconds for a JVM to get warm (default: %(default)s)")
    parser.add_argument("--idle", type=int, default=10000, help="connections of case idle (default: %(default)s)")
    parser.add_argument("--core", type=int, default=0, help="of the servers under test (default: %(default)s)")
    parser.add_argument("--load-core", type=int, default=1, help="of origin and load (default: %(default)s)")
    parser.add_argument("--jvm-flags", help="(default: those of docs/performance.md)")
    parser.add_argument("--json", type=Path, default=ROOT / "benchmarks/target/side-by-side.json",
                        help="where the results go (default: %(default)s)")
    parser.add_argument("--from", dest="measured", type=Path, help="show results that were measured before")
    parser.add_argument("--publish", action="store_true", help="write them to docs/performance.md, with the chart")
    read = parser.parse_args(arguments)
    for name in read.cases.split(","):
        if name not in TITLES:
            parser.error(f"--cases: {name} (expected: {', '.join(TITLES)})")
    for name in (read.servers + "," + read.with_filters).split(","):
        if name not in KINDS:
            parser.error(f"--servers: {name} (expected: {', '.join(KINDS)})")
    if min(read.rounds, read.seconds, read.idle) < 1 or read.warm < 0:
        parser.error("--rounds, --seconds and --idle start at 1, --warm at 0")
    return read


def java() -> str:
    """Return the JVM: that of JAVA_HOME, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin/java") if home else "java"


def java_version() -> int:
    """Return the JVM's feature version."""
    return int(says([java(), "-version"], r'version "(?:1\.)?(\d+)').rpartition(" ")[2] or 0)


def check(chosen: argparse.Namespace) -> None:
    """Tell at once what would fail later."""
    if not sys.platform.startswith("linux") or not Path("/proc/self/schedstat").exists():
        raise Failure("this needs Linux with scheduler statistics (/proc/self/schedstat)")
    needed_tools = TOOLS | (PERF if PROFILE in chosen.cases.split(",") else {})
    missing = [f"{tool} (Debian: {package})" for tool, package in needed_tools.items() if not shutil.which(tool)]
    if not shutil.which(java()):
        missing.append(f"{java()} (a JDK, 17 or later, at JAVA_HOME or on the path)")
    if missing:
        raise Failure("not found: " + ", ".join(missing))
    cores = os.sched_getaffinity(0)
    if {chosen.core, chosen.load_core} - cores or chosen.core == chosen.load_core:
        raise Failure(f"--core and --load-core: {chosen.core} and {chosen.load_core} (expected: two of {sorted(cores)})")
    if not GATEWAY.exists():
        raise Failure(f"not built: {GATEWAY}; run mvn -B -q -DskipTests package -pl benchmarks/gateway -am")
    needed, (_, allowed) = chosen.idle + 2048, resource.getrlimit(resource.RLIMIT_NOFILE)
    if IDLE in chosen.cases.split(",") and allowed < needed:
        raise Failure(f"--idle: {chosen.idle} connections need {needed} open files (allowed: {allowed})")
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))


def says(command: list[str], pattern: str) -> str:
    """Return what a tool says of itself."""
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(pattern, done.stdout + done.stderr)
    return f"{command[0].rpartition('/')[2]} {found[1] if found else ''}".strip()


def facts(chosen: argparse.Namespace) -> dict[str, object]:
    """Return where and how was measured."""
    return {"date": time.strftime("%Y-%m-%d"), "kernel": platform.release(), "processor": kernel.processor(),
            "java": says([java(), "-version"], r'version "([^"]+)"').replace("java", "Java"),
            "nginx": says(["nginx", "-v"], r"nginx/([\d.]+)"),
            "haproxy": says(["haproxy", "-v"], r"version ([\d.]+)").replace("haproxy", "HAProxy"),
            "wrk": says(["wrk", "-v"], r"wrk (?:\w+/)?([\d.]+)"), "jvm_flags": chosen.jvm_flags,
            "rounds": chosen.rounds, "seconds": chosen.seconds, "warm": chosen.warm}


def quiet(server: Server) -> None:
    """Wait, a while at most, until the core is idle: a JVM goes on compiling when its load has ended."""
    for _ in range(32):
        before = kernel.use(server.pid, server.core).core
        time.sleep(0.25)
        if kernel.use(server.pid, server.core).core - before < 0.04:
            return


def measure(case: Case, server: Server, duration: int) -> Round:
    """Put a server under load, once."""
    quiet(server)
    with load.beside(case, server.port) as hostile:
        allocated = server.allocated()
        before = kernel.use(server.pid, server.core)
        traffic = load.run(case, server.port, duration, server.site.work)
        spent = kernel.spent(before, kernel.use(server.pid, server.core))
        after = server.allocated()
        resident = kernel.resident(server.pid)
    requests = max(traffic.requests, 1)
    own = spent.work + spent.jit
    return Round(
        micros=spent.work * 1e6 / requests, jit_micros=spent.jit * 1e6 / requests,
        rate=traffic.requests / traffic.seconds, p50=traffic.p50, p99=traffic.p99,
        resident=resident,
        allocated=None if allocated is None or after is None else (after - allocated) / requests,
        errors=traffic.errors, busy=own / traffic.seconds, others=spent.others / traffic.seconds,
        ended=spent.ended / max(own + spent.ended, kernel.TICK), hostile=hostile)


def measure_idle(server: Server, count: int) -> Idle:
    """Open connections and look how the server has grown; the heap is collected before and after."""
    heap, direct, resident = server.live_heap(), server.direct(), kernel.resident(server.pid)
    with load.idle(server.port, count) as held:
        time.sleep(1)
        grown = kernel.resident(server.pid) - resident
        direct_after, heap_after = server.direct(), server.live_heap()
        lost = load.closed(held)

    def each(before: int | None, after: int | None) -> float | None:
        return None if before is None or after is None else (after - before) / count

    return Idle(count, grown / count, each(heap, heap_after), each(direct, direct_after), lost)


def started(site: Site, names: list[str], stack: contextlib.ExitStack) -> list[Server]:
    """Start servers; those that may be left out are, if they do not run here."""
    running = []
    for name in names:
        kind = KINDS[name]
        server = make(site, kind, java())
        stack.callback(server.stop)
        try:
            if kind.jar and not kind.jar.exists():
                raise Failure(f"{name} is not built: {kind.jar}")
            server.start()
            running.append(server)
        except Failure as failure:
            if not kind.optional:
                raise
            print(f"left out: {failure}", file=sys.stderr, flush=True)
    return running


def warm(case: Case, server: Server, duration: int) -> None:
    """Let a JVM compile what the case needs, and the others open their connections."""
    if duration:
        with load.beside(case, server.port):
            load.run(case, server.port, duration if KINDS[server.name].jar else 1, server.site.work)


def run_case(site: Site, case: Case, names: list[str], chosen: argparse.Namespace) -> Rounds:
    """Measure all servers in one case."""
    with contextlib.ExitStack() as stack:
        running = started(site, names, stack)
        for server in running:
            warm(case, server, chosen.warm)
        rounds: Rounds = {server.name: [] for server in running}
        for _ in range(chosen.rounds):
            for server in running:
                rounds[server.name].append(measure(case, server, chosen.seconds))
        return rounds


def run_idle(site: Site, names: list[str], chosen: argparse.Namespace) -> dict[str, Idle]:
    """Measure idle connections, each server fresh and alone."""
    found = {}
    for name in names:
        with contextlib.ExitStack() as stack:
            for server in started(site, [name], stack):
                warm(CASES["1k"], server, chosen.warm)
                found[name] = measure_idle(server, chosen.idle)
    return found


def run_profile(site: Site, names: list[str], chosen: argparse.Namespace) -> dict[str, Profile]:
    """Measure where the time goes, each server fresh and alone: without and with perf, which takes some itself."""
    case, found = CASES["1k"], {}
    for name in names:
        with contextlib.ExitStack() as stack:
            for server in started(site, [name], stack):
                warm(case, server, chosen.warm)
                cost = measure(case, server, chosen.seconds)
                with stacks.sampled(server.pid) as shares:
                    load.run(case, server.port, chosen.seconds, site.work)
                found[name] = Profile(cost.micros, shares)
    return found


def compare(chosen: argparse.Namespace, work: Path) -> dict:
    """Measure everything that was asked for."""
    site = Site(work, chosen.core, chosen.load_core, chosen.idle, jvm_flags=tuple(chosen.jvm_flags.split()))
    results = Results()
    with contextlib.ExitStack() as stack:
        source = origin(site)
        stack.callback(source.stop)
        source.start()
        os.sched_setaffinity(0, {chosen.load_core})
        for name in chosen.cases.split(","):
            names = (chosen.with_filters if name == "filters" else chosen.servers).split(",")
            if name == IDLE:
                results.idle.update(run_idle(site, names, chosen))
                shown = idle_table(results.idle)
            elif name == PROFILE:
                results.profiles.update(run_profile(site, names, chosen))
                shown = profile_table(results.profiles)
            else:
                results.cases[name] = run_case(site, CASES[name], names, chosen)
                shown = table(results.cases[name])
            print(f"\n### {TITLES[name]}\n\n{shown}", flush=True)
    return {"facts": facts(chosen)} | to_json(results)


def main(arguments: list[str]) -> int:
    """Compare, or show what was compared; return the exit status."""
    chosen = options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if chosen.measured:
            told = json.loads(chosen.measured.read_text())
            print(page.render(told, TITLES))
        else:
            check(chosen)
            chosen.jvm_flags = chosen.jvm_flags or " ".join(jvm_flags(java_version()))
            with tempfile.TemporaryDirectory(prefix="side-by-side-") as work:
                told = compare(chosen, Path(work))
            chosen.json.parent.mkdir(parents=True, exist_ok=True)
            chosen.json.write_text(json.dumps(told, indent=1) + "\n")
            print(f"\nresults: {chosen.json}")
        if chosen.publish:
            page.publish(told, TITLES, ROOT / "docs/performance.md", ROOT / "docs/images/performance.svg")
        return 0
    except Failure as failure:
        print(f"run.py: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
