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
        """A decorator: a dataclass with slots, comparable and hashable by its fields unless `eq` is
        False. All classes share what a dataclass would compile for each."""
        assert frozen
        made = dataclasses.dataclass(slots=slots, eq=False, repr=False)

        def decorate(class_):
            found = made(class_)
            found.__repr__ = _repr
            if eq:
                found._compared = tuple(f.name for f in dataclasses.fields(found) if f.compare)
                found.__eq__, found.__hash__ = _eq, _hash
            return found

        return decorate

    def _repr(self):
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _eq(self, other):
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._compared)

    def _hash(self):
        return hash(tuple(getattr(self, name) for name in self._compared))
