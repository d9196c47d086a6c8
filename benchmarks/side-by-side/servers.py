"""The servers: how they are configured, started and ended."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import kernel
from load import Failure, exchange

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = ROOT / "benchmarks/gateway/target/gateway.jar"
SCG = ROOT / "benchmarks/scg/target/scg.jar"

# The flags of both gateways on the JVM; docs/performance.md says why.
JVM_FLAGS = ("-XX:+UseSerialGC", "-Xms128m", "-Xmx128m", "-XX:ActiveProcessorCount=1",
             "-XX:MaxInlineLevel=25", "-XX:FreqInlineSize=500", "-XX:InlineSmallCode=4000",
             "-Dio.netty.leakDetection.level=disabled")

# From this version on the JVM warns of direct access to memory, and Netty does without, unless it is allowed.
UNSAFE_SINCE = 24
UNSAFE = "--sun-misc-unsafe-memory-access=allow"


def jvm_flags(version: int) -> tuple[str, ...]:
    """Return the flags for a version of the JVM."""
    return (*JVM_FLAGS, UNSAFE) if version >= UNSAFE_SINCE else JVM_FLAGS

# It answers at once, but reads a request's body first: that of /post goes through a second server, which gets none.
ORIGIN = """worker_processes 1; daemon off; pid origin.pid; error_log origin.err; {user}
events {{ worker_connections {descriptors}; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; keepalive_timeout 1h; {temporary}
  client_max_body_size 1m; client_body_buffer_size 256k;
  upstream second {{ server 127.0.0.1:{second}; keepalive 64; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port} backlog=4096; root {work}/files;
    location = /1k {{ return 200 "{kilobyte}"; }}
    location = /post {{ proxy_pass http://second; proxy_http_version 1.1; proxy_method GET;
      proxy_pass_request_body off; proxy_set_header Connection ""; proxy_set_header Content-Length ""; }} }}
  server {{ listen 127.0.0.1:{second} backlog=4096; location / {{ return 200 "read"; }} }} }}
"""

NGINX = """worker_processes 1; daemon off; pid {name}.pid; error_log {name}.err; {user}
events {{ worker_connections {descriptors}; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; {temporary} client_max_body_size 1m;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 512; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; {more} }} }} }}
"""

STREAMING = "proxy_request_buffering off; proxy_buffers 16 64k; proxy_max_temp_file_size 0;"

HAPROXY = """global
  nbthread 1
  no strict-limits
  maxconn {clients}
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 1h
  http-reuse always
frontend clients
  bind 127.0.0.1:{port} backlog 4096
  default_backend origin
backend origin
  server origin 127.0.0.1:{origin} pool-max-conn 1000
"""


@dataclass(frozen=True)
class Kind:
    """A server that can be compared."""

    name: str
    meaning: str
    more: str = ""  # what its configuration has besides
    jar: Path | None = None
    optional: bool = False  # may be left out where it does not run


KINDS = {kind.name: kind for kind in (
    Kind("nginx", "as it comes: it takes in a request's body before it sends it on"),
    Kind("nginx-stream", "does not wait for bodies, has larger buffers", STREAMING),
    Kind("haproxy", "one thread, connections reused always"),
    Kind("scg", "Spring Cloud Gateway", jar=SCG, optional=True),
    Kind("pingora", "epoll, no filter", "--pingora.transport=epoll", GATEWAY),
    Kind("pingora-uring", "io_uring, no filter", "--pingora.transport=io_uring", GATEWAY, True),
    Kind("pingora-5", "epoll, five filters", "--pingora.transport=epoll --bench.filters=5", GATEWAY),
    Kind("pingora-blocking", "epoll, one filter that may block",
         "--pingora.transport=epoll --bench.filters=blocking", GATEWAY),
)}


@dataclass
class Site:
    """Where everything runs."""

    work: Path
    core: int  # the one of the server under test
    load_core: int
    clients: int  # so many connections each server must be able to hold
    origin: int = 0  # its port
    jvm_flags: tuple[str, ...] = JVM_FLAGS
    taken: set[int] = field(default_factory=set)

    def port(self) -> int:
        """Return a port that nobody has."""
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            if port not in self.taken:
                self.taken.add(port)
                return port

    def configure(self, name: str, template: str, **values: object) -> Path:
        """Write a configuration."""
        temporary = " ".join(f"{kind}_temp_path tmp-{name}-{kind};"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        path = self.work / f"{name}.conf"
        path.write_text(template.format(
            name=name, work=self.work, origin=self.origin, temporary=temporary, kilobyte="x" * 1024,
            user="user root;" if os.geteuid() == 0 else "", clients=self.clients + 1024,
            descriptors=self.clients + 2048, **values))
        return path


class Server:
    """A process that is started here, on one core, and ended by its id."""

    def __init__(self, site: Site, name: str, command: list[str], port: int) -> None:
        self.site, self.name, self.command, self.port = site, name, command, port
        self.core = site.core
        self.admin = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return the process's id."""
        if self.process is None or self.process.poll() is not None:
            raise self.failure("does not run")
        return self.process.pid

    def failure(self, what: str) -> Failure:
        """Make a failure that shows the end of the log."""
        log = self.site.work / f"{self.name}.out"
        lines = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
        return Failure("\n    ".join([f"{self.name} {what}: {shlex.join(self.command)}", *lines]))

    def start(self) -> None:
        """Start the process and wait until it serves."""
        with (self.site.work / f"{self.name}.out").open("wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", str(self.core), *self.command], cwd=self.site.work, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + 90
        while not self.serves():
            if self.process.poll() is not None:
                raise self.failure(f"has ended with status {self.process.returncode}")
            if time.monotonic() > deadline:
                raise self.failure(f"does not serve /1k on port {self.port}")
            time.sleep(0.1)

    def serves(self) -> bool:
        """Ask once for a kilobyte."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            return exchange(connection)
        return False

    def stop(self) -> None:
        """End the process and all that it has started."""
        if self.process is None:
            return
        family = kernel.descendants(self.process.pid)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        if self.process.poll() is None:
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def allocated(self) -> int | None:
        """Return the octets of heap that its threads have allocated so far, if it tells."""
        if not self.admin:
            return None
        return sum(number for thread, number in self.confessed("allocated").items() if not thread.startswith("HTTP-"))

    def direct(self) -> int | None:
        """Return the octets of direct memory in use, if it tells."""
        if not self.admin:
            return None
        told = self.confessed("direct")
        return max(told["netty"], 0) + told.get("java direct", 0)

    def confessed(self, what: str) -> dict[str, int]:
        """Ask the gateway of itself."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/{what}", timeout=10) as answer:
            return numbers(answer.read().decode())

    def live_heap(self) -> int | None:
        """Return the octets of objects that a full collection leaves, of a JVM."""
        if not self.command[0].endswith("java"):
            return None
        jcmd = str(Path(self.command[0]).with_name("jcmd")) if os.sep in self.command[0] else "jcmd"
        said = subprocess.run([jcmd, str(self.pid), "GC.class_histogram"], capture_output=True, text=True).stdout
        total = re.search(r"^Total\s+\d+\s+(\d+)", said, re.M)
        return int(total[1]) if total else None


def numbers(text: str) -> dict[str, int]:
    """Read lines of a name, a tabulator and a number; numbers of the same name are added."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        name, _, number = line.rpartition("\t")
        found[name] = found.get(name, 0) + int(number)
    return found


def origin(site: Site) -> Server:
    """Make the origin; it shares the load's core."""
    (site.work / "files").mkdir()
    for name, kilobytes in (("64k", 64), ("1m", 1024)):
        (site.work / "files" / name).write_bytes(b"x" * 1024 * kilobytes)
    site.origin = site.port()
    path = site.configure("origin", ORIGIN, port=site.origin, second=site.port())
    server = Server(site, "origin", ["nginx", "-p", str(site.work), "-c", str(path), "-e", "origin.err"], site.origin)
    server.core = site.load_core
    return server


def make(site: Site, kind: Kind, java: str) -> Server:
    """Make a server under test."""
    port = site.port()
    if kind.jar:
        admin = site.port() if kind.jar == GATEWAY else 0
        command = [java, *site.jvm_flags, "-jar", str(kind.jar), f"--bench.port={port}",
                   f"--bench.origin=127.0.0.1:{site.origin}", f"--bench.admin-port={admin}", *kind.more.split()]
        server = Server(site, kind.name, command, port)
        server.admin = admin
        return server
    if kind.name == "haproxy":
        path = site.configure(kind.name, HAPROXY, port=port)
        return Server(site, kind.name, ["haproxy", "-db", "-f", str(path)], port)
    path = site.configure(kind.name, NGINX, port=port, more=kind.more)
    return Server(site, kind.name, ["nginx", "-p", str(site.work), "-c", str(path), "-e", f"{kind.name}.err"], port)
