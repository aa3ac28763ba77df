# SPDX-License-Identifier: Apache-2.0
"""What a drawing is made of: groups of nodes and arrows, without any notation."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from tina_gen.frozen import dataclass


class Shape(Enum):
    """What a node stands for."""

    START = "start"  # where a machine begins; no text
    STATE = "state"
    FINAL = "final"
    ISOLATE = "isolate"
    DYNAMIC = "dynamic"
    SUPERVISOR = "supervisor"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Node:
    """`id` is a word of letters, digits and `_`, unique in the drawing; `lines` are any text."""

    id: str
    shape: Shape
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrow:
    """From node to node; `bold` for transitions that the generated code makes by itself."""

    source: str
    target: str
    lines: tuple[str, ...] = ()
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A frame with a title; `groups` are frames inside. Arrows may lead into those."""

    id: str
    title: tuple[str, ...]
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    groups: tuple[Group, ...] = ()

    def all(self) -> Iterator[Group]:
        """This frame and all that are inside."""
        yield self
        for group in self.groups:
            yield from group.all()


@dataclass(frozen=True, slots=True)
class Drawing:
    """Groups side by side; `name` is the package."""

    name: str
    groups: tuple[Group, ...]
