"""A TCP proxy on loopback that can play dead: sockets stay open, what is sent into them disappears."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from types import TracebackType

_CHUNK = 65_536


class Proxy:
    """Forwards `port` to `target` (a port of loopback) unless `swallowing`, where every byte is read and dropped."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.swallowing = False
        self.accepted = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._ending = False
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Proxy:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending = True
        self._thread.join()
        for one in [self._listener, *self._pairs]:
            one.close()

    def _serve(self) -> None:
        while not self._ending:
            for key, _ in self._selector.select(0.2):
                one = key.fileobj
                assert isinstance(one, socket.socket)
                if one is self._listener:
                    self._accept()
                else:
                    self._forward(one)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        self.accepted += 1
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            client.close()
            return
        for one, other in ((client, server), (server, client)):
            one.settimeout(5)
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _forward(self, one: socket.socket) -> None:
        other = self._pairs.get(one)
        if other is None:
            return
        try:
            data = one.recv(_CHUNK)
            if data and not self.swallowing:
                other.sendall(data)
        except OSError:
            data = b""
        if not data:
            for end in (one, other):
                with contextlib.suppress(KeyError):
                    self._selector.unregister(end)
                self._pairs.pop(end, None)
                end.close()
