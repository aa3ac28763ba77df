# SPDX-License-Identifier: Apache-2.0
"""`dataclass` for values that never change, which mypy holds to it instead of each assignment.

The generator has two hundred such classes and makes tens of thousands of their objects in a run
that lasts half a second. A frozen dataclass costs twice the time to define, and assigns each field
through a call. Here `frozen=True` is for mypy, whose strict mode refuses an assignment; at run time
the class has slots, equality and a hash of its fields, as a frozen one has.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen, slots, eq=True):
        """A decorator: a dataclass with slots, hashable by its fields."""
        assert frozen
        return dataclasses.dataclass(slots=slots, eq=eq, unsafe_hash=eq)
