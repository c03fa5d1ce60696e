"""A proxy that makes a local service as far away as a remote one: every byte arrives a set time after it was sent.

``python -m bench.latency HOST:PORT MILLISECONDS`` prints the port that it listens on. Half of the time is added in each
direction, so that a request and its answer take all of it; connections stay open, and there may be any number of them.
It is a process of its own, lest what is measured has to share its interpreter.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator

AT_ONCE = 65_536


@contextlib.contextmanager
def distant(address: str, milliseconds: float) -> Iterator[str]:
    """``HOST:PORT`` of a proxy in front of the one at ``address``, ``milliseconds`` of round trip further away."""
    command = [sys.executable, "-m", "bench.latency", address, str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        try:
            yield f"127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Hand on what comes, ``delay`` seconds late and in order, and the end of it too."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ConnectionError):
        while content := await reader.read(AT_ONCE):
            loop.call_later(delay, writer.write, content)
    await asyncio.sleep(delay)
    writer.close()


async def serve(host: str, port: int, milliseconds: float) -> None:
    """Listen until the process is ended."""
    delay = milliseconds / 2000

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, port)
        await asyncio.gather(pump(reader, back, delay), pump(there, writer, delay))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    name, _, number = sys.argv[1].rpartition(":")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(name, int(number), float(sys.argv[2])))
