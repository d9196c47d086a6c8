"""Hostile clients: a process of its own beside wrk, which abuses a server until its input ends.

In the end it tells, as JSON, what it has counted. How many clients there are and how often they come is fixed: each server
gets the same, and so little that Python is not what is measured.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

SLOW_HEADS = 100  # connections that stay; each sends an octet in a second
SLOW_READERS = 50  # connections that stay; each reads SIP in a second
SIP = 256  # octets
ABORTS, BAD, FLOODS = 20, 20, 4  # new connections in a second
FLOOD = 500  # requests that one connection sends ahead
STAY = 2.0  # seconds that a flood does not read
PATIENCE = 5.0  # seconds for everything that comes and goes
NARROW = 4096  # octets: the buffer of who does not read, or the kernel would read for it

HOST = b"Host: 127.0.0.1\r\n"
SMALL, BIG = (b"GET /" + path + b" HTTP/1.1\r\n" + HOST + b"\r\n" for path in (b"1k", b"1m"))
ENDLESS = b"GET /1k HTTP/1.1\r\n" + HOST + b"X: "
POST = b"POST /1k HTTP/1.1\r\n" + HOST

# What proxy and origin may read differently (RFC 9112, sections 5.1 and 6.1).
SHAPES = {
    "space before colon": POST + b"Content-Length : 4\r\n\r\nGET ",
    "length and chunks": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}

Act = Callable[[], Awaitable[None]]


def verdict(shape: str, answer: bytes) -> str:
    """Say what became of a request that has to be refused; a connection that just ends has served nothing."""
    return "refused" if not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")) else f"{shape} served"


async def send(connection: socket.socket, octets: bytes) -> None:
    """Send all of it."""
    await asyncio.get_running_loop().sock_sendall(connection, octets)


async def read(connection: socket.socket, most: int) -> bytes:
    """Return what is there; nothing at the end."""
    return await asyncio.get_running_loop().sock_recv(connection, most)


class Clients:
    """The hostile clients of one server, and what they count."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.counts: Counter[str] = Counter()
        self.shapes = itertools.cycle(SHAPES)

    @asynccontextmanager
    async def connection(self, narrow: bool = False) -> AsyncIterator[socket.socket]:
        """Open a connection; whatever happens to it, it ends with a reset."""
        with socket.socket() as opened:
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if narrow:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
            await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", self.port))
            yield opened

    async def slow_head(self) -> None:
        """Send a head that never ends, an octet in a second, until the server has had enough."""
        async with self.connection() as connection:
            for octet in itertools.chain(ENDLESS, itertools.repeat(ord("x"))):
                await send(connection, bytes([octet]))
                with suppress(TimeoutError):
                    await asyncio.wait_for(read(connection, NARROW), 1)
                    return

    async def slow_reader(self) -> None:
        """Ask for a megabyte and hardly read it."""
        async with self.connection(narrow=True) as connection:
            await send(connection, BIG)
            while await read(connection, SIP):
                await asyncio.sleep(1)

    async def abort(self) -> None:
        """Ask for a megabyte and go when it has begun to come."""
        async with self.connection() as connection:
            await send(connection, BIG)
            await read(connection, NARROW)

    async def bad(self) -> None:
        """Send what has to be refused, one shape after the other."""
        shape, answer = next(self.shapes), b""
        async with self.connection() as connection:
            with suppress(ConnectionError):
                await send(connection, SHAPES[shape])
                answer = await read(connection, NARROW)
        self.counts[verdict(shape, answer)] += 1

    async def flood(self) -> None:
        """Send many requests ahead and read nothing."""
        async with self.connection(narrow=True) as connection:
            await send(connection, SMALL * FLOOD)
            await asyncio.sleep(STAY)

    async def always(self, act: Act, name: str, delay: float) -> None:
        """Do it again and again, whenever the server has ended it."""
        await asyncio.sleep(delay)
        while True:
            with suppress(ConnectionError):
                await act()
            self.counts[f"{name} ended"] += 1
            await asyncio.sleep(0.1)

    async def once(self, act: Act) -> None:
        """Do it, within bounds."""
        try:
            await asyncio.wait_for(act(), PATIENCE)
        except (ConnectionRefusedError, TimeoutError):
            self.counts["failed"] += 1
        except ConnectionError:
            pass  # the server has ended it, as it may

    async def steadily(self, act: Act, rate: int) -> None:
        """Begin so many in a second, however long each takes."""
        start = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in itertools.count():
                await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
                group.create_task(self.once(act))

    async def until(self, end: Awaitable[object]) -> None:
        """Be a nuisance until then; those that stay begin within a second."""
        tasks = [self.always(self.slow_head, "slow heads", i / SLOW_HEADS) for i in range(SLOW_HEADS)]
        tasks += [self.always(self.slow_reader, "slow readers", i / SLOW_READERS) for i in range(SLOW_READERS)]
        tasks += [self.steadily(self.abort, ABORTS), self.steadily(self.bad, BAD), self.steadily(self.flood, FLOODS)]
        running = asyncio.gather(*tasks)
        await asyncio.wait([running, asyncio.ensure_future(end)], return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def main() -> None:
    """Abuse the port that is given until the input ends, and tell what was counted."""
    clients = Clients(int(sys.argv[1]))
    asyncio.run(clients.until(asyncio.to_thread(sys.stdin.read)))
    print(json.dumps(clients.counts))


if __name__ == "__main__":
    main()
