# SPDX-License-Identifier: Apache-2.0
"""Addresses as text: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`, as the runtime's tina/net.h has
them. A value of `net.address` is an IPv6 address, a port and the number of an interface; an IPv4
address is mapped into it."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

from tina_gen.model import StructType, Type, Value, ValueList

_WRITTEN = re.compile(
    r"(?:(?P<v4>[0-9.]+)|\[(?P<v6>[0-9A-Fa-f:.]+)(?:%(?P<zone>0|[1-9][0-9]{0,8}))?\])"
    r":(?P<port>0|[1-9][0-9]{0,4})"
)


def is_address(kind: Type) -> bool:
    """Whether a type is `net.address`."""
    return isinstance(kind, StructType) and (kind.struct.package, kind.struct.name) == (
        "tina.net",
        "address",
    )


def parse(text: str) -> ValueList | None:
    """The value that a text says, None if it says no address."""
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


def text(value: Value) -> str:
    """A value as it is written."""
    assert isinstance(value, ValueList)
    host, port, zone = value.items
    assert isinstance(host, ValueList) and isinstance(zone, int)
    address = IPv6Address(bytes(byte for byte in host.items if isinstance(byte, int)))
    if address.ipv4_mapped is not None:
        return f"{address.ipv4_mapped}:{port}"
    return f"[{address}{f'%{zone}' if zone else ''}]:{port}"
