# SPDX-License-Identifier: Apache-2.0
"""What the generator knows of the runtime's own I/O headers, beyond what `idl/tina` declares."""

from __future__ import annotations

from tina_gen.emit.cpp import number
from tina_gen.frozen import dataclass
from tina_gen.model import IoObject


@dataclass(frozen=True, slots=True)
class Completion:
    """How dispatch takes a completion out of its record; a move-only one is passed by `&&`."""

    take: str
    moves: bool


IO_KINDS = {"tina.net.tcp_listener": "kTcpListener", "tina.net.tcp_stream": "kTcpStream"}

_COMPLETIONS = {
    ("tina.net.tcp_listener", "Accepted"): Completion("take_accepted", True),
    ("tina.net.tcp_stream", "Received"): Completion("take_received", True),
    ("tina.net.tcp_stream", "Sent"): Completion("take_sent", False),
    ("tina.net.tcp_stream", "Finished"): Completion("take_finished", False),
    ("tina.net.tcp_stream", "Connected"): Completion("take_connected", False),
    ("tina.net.tcp_stream", "Closed"): Completion("take_closed", False),
}

BACKLOG_DEFAULT = 128


def completion(io: IoObject, name: str) -> Completion:
    """KeyError if the runtime does not implement it (a bug: `idl/tina` promised it)."""
    return _COMPLETIONS[io.kind.qualified, name]


def setting(io: IoObject, name: str, default: int) -> int:
    """The value of a numeric setting or flag of an I/O object."""
    return next((number(s.value) for s in io.settings if s.name == name), default)
