# SPDX-License-Identifier: Apache-2.0
"""A DNS server of the tests' own on a loopback port, over UDP and TCP, that answers and lies.

What it does with a question is in the name's first label: see `_BEHAVIOURS`.
"""

from __future__ import annotations

import itertools
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable

_HOST = "127.0.0.1"
_A, _CNAME, _AAAA = 1, 5, 28
_TRUNCATED, _SERVER_FAILURE, _NO_NAME, _REFUSED = 0x0200, 2, 3, 5
_MANY = 100


class Question:
    """One question as it came: its number, the labels of its name, its type."""

    def __init__(self, packet: bytes) -> None:
        """Reads the first question of a packet."""
        self.number = packet[:2]
        at = 12
        self.labels: list[str] = []
        while packet[at]:
            self.labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
            at += 1 + packet[at]
        self.type = struct.unpack_from("!H", packet, at + 1)[0]
        self.section = packet[12 : at + 5]

    def reply(self, records: list[bytes], code: int = 0) -> bytes:
        """A packet that answers with these records."""
        flags = 0x8180 | code
        head = self.number + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
        return head + self.section + b"".join(records)

    def addresses(self, count: int, name: bytes = b"\xc0\x0c") -> list[bytes]:
        """So many records of the type that was asked for."""
        if self.type == _A:
            return [_record(name, _A, bytes((10, 0, i >> 8, i & 255))) for i in range(1, count + 1)]
        host = socket.inet_pton(socket.AF_INET6, "fd00::")
        return [_record(name, _AAAA, host[:15] + bytes((i,))) for i in range(1, count + 1)]


def _record(name: bytes, type_: int, data: bytes) -> bytes:
    return name + struct.pack("!HHIH", type_, 1, 60, len(data)) + data


def _labels(*labels: str) -> bytes:
    return b"".join(bytes((len(x),)) + x.encode() for x in labels) + b"\0"


def _chain(question: Question) -> bytes:
    """Five names that each stand for the next one, the last one with an address."""
    names = [b"\xc0\x0c", *(_labels(f"link{i}", "test") for i in range(5))]
    links = [_record(a, _CNAME, b) for a, b in itertools.pairwise(names)]
    return question.reply(links + question.addresses(1, names[-1]))


def _circle(question: Question) -> bytes:
    """Two names that stand for each other."""
    other = _labels("other", "test")
    return question.reply(
        [_record(b"\xc0\x0c", _CNAME, other), _record(other, _CNAME, b"\xc0\x0c")]
    )


def _spoiled(question: Question) -> bytes:
    """A good answer with a few bytes changed, cut off somewhere: which ones, the name says."""
    draw = random.Random(".".join(question.labels))
    packet = bytearray(question.reply(question.addresses(draw.randrange(1, 9))))
    for _ in range(draw.randrange(1, 12)):
        packet[draw.randrange(2, len(packet))] = draw.randrange(256)
    return bytes(packet[: draw.randrange(2, len(packet) + 1)])


_BEHAVIOURS: dict[str, Callable[[Question], bytes | None]] = {
    "both": lambda q: q.reply(q.addresses(1)),
    "four": lambda q: q.reply(q.addresses(2 if q.type == _A else 0)),
    "many": lambda q: q.reply(q.addresses(_MANY)),
    "chain": _chain,
    "circle": _circle,
    "empty": lambda q: q.reply([]),
    "missing": lambda q: q.reply([], _NO_NAME),
    "fails": lambda q: q.reply([], _SERVER_FAILURE),
    "refuses": lambda q: q.reply([], _REFUSED),
    "silent": lambda _: None,
    "wrong": lambda q: bytes((q.number[0] ^ 1,)) + q.reply(q.addresses(1))[1:],
    "short": lambda q: q.number + b"\x81\x80\0",
    "boasts": lambda q: q.number + struct.pack("!HHHHH", 0x8180, 1, 999, 9, 9) + q.section,
    "pointer": lambda q: q.reply([_record(b"\xc0\xff", _A, b"1234")]),
    "cut": lambda q: q.reply(q.addresses(2))[:-3],
    "spoiled": _spoiled,
}


def _same_port() -> tuple[socket.socket, socket.socket]:
    """A socket of each protocol. What is free of one may be somebody's of the other."""
    while True:
        tcp, udp = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((_HOST, 0))
        try:
            udp.bind(tcp.getsockname())
            return tcp, udp
        except OSError:
            tcp.close()
            udp.close()


class DnsServer:
    """Answers until it is closed. `asked` counts the questions by first label."""

    def __init__(self) -> None:
        """Takes a port for both protocols."""
        self.tcp, self.udp = _same_port()
        self.port: int = self.tcp.getsockname()[1]
        self.tcp.listen(64)
        self.asked = Counter[str]()
        self.threads = [threading.Thread(target=work) for work in (self._packets, self._streams)]
        for thread in self.threads:
            thread.start()

    @property
    def address(self) -> str:
        """What `--dns` is told."""
        return f"{_HOST}:{self.port}"

    def close(self) -> None:
        """Vanishes: its port answers nothing any more."""
        for one in (self.udp, self.tcp):
            one.shutdown(socket.SHUT_RDWR) if one is self.tcp else None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", (_HOST, self.port))
        for thread in self.threads:
            thread.join()
        self.udp.close()
        self.tcp.close()

    def _answer(self, packet: bytes) -> bytes | None:
        question = Question(packet)
        kind = question.labels[0].split("-")[0] if question.labels else ""
        self.asked[kind] += 1
        return _BEHAVIOURS.get(kind, _BEHAVIOURS["missing"])(question)

    def _packets(self) -> None:
        while True:
            packet, whom = self.udp.recvfrom(4096)
            if not packet:
                return
            answer = self._answer(packet)
            if answer is not None and len(answer) > 512:
                question = Question(packet)
                answer = question.reply([])
                answer = answer[:2] + struct.pack("!H", 0x8180 | _TRUNCATED) + answer[4:]
            if answer is not None:
                self.udp.sendto(answer, whom)

    def _streams(self) -> None:
        while True:
            try:
                stream, _ = self.tcp.accept()
            except OSError:
                return
            with stream:
                stream.settimeout(2)
                try:
                    self._converse(stream)
                except OSError:
                    continue

    def _converse(self, stream: socket.socket) -> None:
        while head := stream.recv(2, socket.MSG_WAITALL):
            packet = stream.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
            answer = self._answer(packet)
            if answer is None:
                return
            stream.sendall(struct.pack("!H", len(answer)) + answer)
