# SPDX-License-Identifier: Apache-2.0
"""Reads the section `.tina.budget` of an object file, an archive or a program, without running it.

The format is `tina/budget.h`'s, described in docs/reference/budget.md. Byte order is the file's.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from tina_gen.budget.regions import Region, RoleBudget, TypeNumbers

SECTION = ".tina.budget"
MAGIC = b"TINABDGT"
VERSION = 1
_HEADER = "8sIIIIIIQQII"
_TYPE = "16I"
_REGION = "IIQQ"
_SHARD = 0xFFFF_FFFF
_ARCHIVE = b"!<arch>\n"
_MEMBER = 60  # bytes of a member's header


class Unreadable(Exception):
    """Why a file has no budget to read, in one line without its name."""


def read(data: bytes) -> tuple[RoleBudget, ...]:
    """The budgets in a file's bytes, in their order there. Raises Unreadable."""
    found: list[RoleBudget] = []
    for image in _images(data):
        for content, order in _sections(image):
            found += _blocks(content, order)
    if not found:
        raise Unreadable(f"it has no section `{SECTION}`; name the file of a generated `main`")
    return tuple(found)


def _images(data: bytes) -> Iterator[bytes]:
    """The ELF files in a file: itself, or the members of an archive."""
    if data.startswith(b"!<thin>\n"):
        raise Unreadable("it is a thin archive; name one of its members")
    if not data.startswith(_ARCHIVE):
        yield data
        return
    at = len(_ARCHIVE)
    while at + _MEMBER <= len(data):
        size = data[at + 48 : at + 58].strip()
        if not size.isdigit():
            raise Unreadable("it is a damaged archive")
        member = data[at + _MEMBER : at + _MEMBER + int(size)]
        if member.startswith(b"\x7fELF"):
            yield member
        at += _MEMBER + int(size) + int(size) % 2


def _sections(image: bytes) -> Iterator[tuple[bytes, str]]:
    """The content of each section of this name, and the byte order as `struct` writes it."""
    from elftools.common.exceptions import ELFError  # here: only this command needs the package
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(io.BytesIO(image))
        order = "<" if elf.little_endian else ">"
        # Reads what it has found here, so that damage shows inside of this `try`.
        found = [s.data() for s in elf.iter_sections() if s.name == SECTION]
    except (ELFError, ValueError, OverflowError, AttributeError, struct.error) as error:
        raise Unreadable("it is not an object file, an archive or a program (ELF)") from error
    for content in found:
        yield content, order


def _blocks(content: bytes, order: str) -> Iterator[RoleBudget]:
    at = content.find(MAGIC)
    while at >= 0:
        try:
            size = struct.unpack_from(order + "II", content, at + len(MAGIC))[1]
            yield _block(content[at : at + size], order)
        except (struct.error, ValueError, IndexError) as error:
            raise Unreadable(f"its section `{SECTION}` is damaged") from error
        at = content.find(MAGIC, at + max(size, len(MAGIC)))


def _block(block: bytes, order: str) -> RoleBudget:
    head = struct.unpack_from(order + _HEADER, block)
    _, version, size, types, regions, shards, auto, total, limit, system, role = head
    if version != VERSION:
        why = f"its budget has version {version} and this generator reads version {VERSION}"
        raise Unreadable(f"{why}; use the generator that made the program")
    first_type = struct.calcsize(order + _HEADER)
    first_region = first_type + types * struct.calcsize(order + _TYPE)
    texts = block[first_region + regions * struct.calcsize(order + _REGION) : size]

    def text(begin: int) -> str:
        return texts[begin : texts.index(b"\0", begin)].decode("utf-8")

    area = block[first_type:first_region]
    rows = [_type(text(row[0]), row[1:]) for row in struct.iter_unpack(order + _TYPE, area)]
    area = block[first_region : first_region + regions * struct.calcsize(order + _REGION)]
    found = tuple(
        Region(text(part), None if owner == _SHARD else rows[owner].name, offset, length)
        for part, owner, offset, length in struct.iter_unpack(order + _REGION, area)
    )
    known = (limit, True, tuple(rows), found, total)
    return RoleBudget(text(system), text(role), shards, bool(auto), *known)


def _type(name: str, row: tuple[int, ...]) -> TypeNumbers:
    slots, mailbox, state, init, payload, records, ios, timers, defers, *more = row
    calls, opened, monitors, watched, result, kept = more
    return TypeNumbers(
        name,
        slots,
        mailbox,
        state,
        init,
        payload,
        bool(defers),
        records,
        ios,
        timers,
        calls,
        opened,
        monitors,
        bool(watched & 1),
        result,
        kept,
        bool(watched & 2),
        watched >> 8,
        bool(watched & 4),
    )
