# SPDX-License-Identifier: Apache-2.0
"""Types of the standard library whose values are written as text, as the runtime reads them too:
`net.address` (`127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`), `net.unix_address` (`/run/x.sock`, or
`@x` that is no file) and `fs.path`. A `net.address` is an IPv6 address, a port and the number of an
interface; an IPv4 address is mapped into it."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from tina_gen.frozen import dataclass
from tina_gen.model import StructType, Type, Value, ValueList

_WRITTEN = re.compile(
    r"(?:(?P<v4>[0-9.]+)|\[(?P<v6>[0-9A-Fa-f:.]+)(?:%(?P<zone>0|[1-9][0-9]{0,8}))?\])"
    r":(?P<port>0|[1-9][0-9]{0,4})"
)


@dataclass(frozen=True, slots=True)
class Form:
    """How a type is written: `cpp` is the function that makes it of a text."""

    what: str
    cpp: str
    help: str
    parse: Callable[[str], ValueList | None]
    text: Callable[[Value], str]


def form_of(kind: Type) -> Form | None:
    """The form of a type, None of one that has none."""
    if not isinstance(kind, StructType):
        return None
    return _FORMS.get((kind.struct.package, kind.struct.name))


def is_written(kind: Type) -> bool:
    """Whether values of a type are written as text."""
    return form_of(kind) is not None


def _parse_address(text: str) -> ValueList | None:
    found = _WRITTEN.fullmatch(text)
    if found is None or int(found["port"]) > 0xFFFF:
        return None
    try:
        if found["v4"]:
            host = IPv6Address(b"\0" * 10 + b"\xff\xff" + IPv4Address(found["v4"]).packed)
        else:
            host = IPv6Address(found["v6"])
    except ValueError:
        return None
    return ValueList((ValueList(tuple(host.packed)), int(found["port"]), int(found["zone"] or 0)))


def _address_text(value: Value) -> str:
    assert isinstance(value, ValueList)
    host, port, zone = value.items
    assert isinstance(host, ValueList) and isinstance(zone, int)
    address = IPv6Address(bytes(byte for byte in host.items if isinstance(byte, int)))
    if address.ipv4_mapped is not None:
        return f"{address.ipv4_mapped}:{port}"
    return f"[{address}{f'%{zone}' if zone else ''}]:{port}"


def _parse_unix(text: str) -> ValueList | None:
    name = text.startswith("@")
    return None if text == "@" else _parse_bytes(text, 108 if name else 107, 108)


def _parse_path(text: str) -> ValueList | None:
    return _parse_bytes(text, 255, 256)


def _parse_bytes(text: str, most: int, places: int) -> ValueList | None:
    """A size, no error, and bytes without a NUL, in as many places."""
    data = text.encode("utf-8")
    if not 0 < len(data) <= most or 0 in data:
        return None
    return ValueList((len(data), 0, ValueList(tuple(data.ljust(places, b"\0")))))


def _bytes_text(value: Value) -> str:
    assert isinstance(value, ValueList)
    size, _, places = value.items
    assert isinstance(size, int) and isinstance(places, ValueList)
    return bytes(byte for byte in places.items[:size] if isinstance(byte, int)).decode("utf-8")


_FORMS = {
    ("tina.net", "address"): Form(
        "address",
        "tina::net::literal",
        'write an IPv4 or an IPv6 address and a port: `"127.0.0.1:80"`, `"[::1]:80"`',
        _parse_address,
        _address_text,
    ),
    ("tina.net", "unix_address"): Form(
        "address of a Unix socket",
        "tina::net::UnixAddress",
        'write a path of up to 107 bytes, `"/run/x.sock"`, or a name that is no file, `"@x"`',
        _parse_unix,
        _bytes_text,
    ),
    ("tina.fs", "path"): Form(
        "path",
        "tina::fs::Path",
        "write a path of up to 255 bytes",
        _parse_path,
        _bytes_text,
    ),
}
