# SPDX-License-Identifier: Apache-2.0
"""What changed between two models, in words: one line each, in the order of the newer model.

Works on the JSON, so models of older generators can be compared too. Places, documentation and
whatever follows from something else are not compared. A message is *compatible* with the older one
if each of its old fields is still there, with its type and its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tina_gen.model_words import NOUNS, SILENT, name_of, value_words

Json = dict[str, Any]


def differences(old: Json, new: Json) -> list[str]:
    """One line for each change; empty if the two mean the same."""
    return list(_object((), old, new))


def _line(path: Sequence[str], words: str) -> str:
    return f"{', '.join(path)}: {words}" if path else words


def _by_name(isolate: Json) -> Json:
    """An isolate whose states refer to each other by name: numbers change with every new state."""
    states = isolate["states"]

    def named(item: Json) -> Json:
        places = {m: item[m] for m in ("parent", "initial") if isinstance(item.get(m), int)}
        return {**item, **{m: states[at]["name"] for m, at in places.items()}}

    return {**named(isolate), "states": [named(state) for state in states]}


def _object(path: tuple[str, ...], old: Json, new: Json) -> Iterator[str]:
    if "states" in old and "states" in new:
        old, new = _by_name(old), _by_name(new)
    for member in [*new, *(name for name in old if name not in new)]:
        # What an isolate listens to follows from its clauses; a protocol's events are declared.
        if member not in SILENT or (member == "events" and "casts" in new):
            yield from _member(path, member, old.get(member), new.get(member))


def _member(path: tuple[str, ...], member: str, old: Any, new: Any) -> Iterator[str]:
    if member == "enter":  # a place, which only says whether there is a handler
        old, new = old is not None, new is not None
    if old == new:
        return
    if member in ("fields", "results"):
        yield from _fields(path, NOUNS[member], old or [], new or [])
    elif member in NOUNS and isinstance(old, list) and isinstance(new, list):
        yield from _list(path, member, old, new)
    elif _is_part(old) and _is_part(new):
        yield from _object((*path, member), old, new)
    elif isinstance(old, list) and isinstance(new, list) and all(map(_is_part, [*old, *new])):
        yield from _list(path, member, old, new)
    else:
        label = f"`{member.removesuffix('_ns')}`"
        yield _line(path, f"{label} is {value_words(member, new)}, was {value_words(member, old)}")


def _is_part(value: Any) -> bool:
    """A declaration of its own, not a type or a reaction that is spoken of as one value."""
    return (
        isinstance(value, dict)
        and not ("is" in value and "name" not in value)
        and ("span" in value or len(value) > 1)
    )


def _named(items: Sequence[Any]) -> dict[str, Any]:
    """The items by name; a repeated name gets a number, as `sends` may repeat."""
    found: dict[str, Any] = {}
    for item in items:
        name, count = name_of(item), 1
        while name in found:
            count += 1
            name = f"{name_of(item)} ({count})"
        found[name] = item
    return found


def _list(path: tuple[str, ...], member: str, old: list[Any], new: list[Any]) -> Iterator[str]:
    noun = NOUNS.get(member, member)
    before, after = _named(old), _named(new)
    for name, item in after.items():
        own = f"{noun} {name}"
        if name not in before:
            yield _line(path, f"{own} is new{_what(item)}")
        else:
            yield from _object((*path, own), before[name], item)
    for name, item in before.items():
        if name not in after:
            yield _line(path, f"{noun} {name} is gone{_what(item)}")
    kept = [name for name in after if name in before]
    if member == "members" and kept != [name for name in before if name in after]:
        yield _line(path, f"the start order is {', '.join(kept)}")


def _what(item: Any) -> str:
    """A few words on an item that came or went."""
    if isinstance(item, dict) and "reaction" in item:
        return f": {value_words('reaction', item['reaction'])}"
    if isinstance(item, dict) and "value" in item:
        return f": {value_words('value', item['value'])}"
    return ""


def _fields(path: tuple[str, ...], noun: str, old: list[Any], new: list[Any]) -> Iterator[str]:
    """The fields of a message, or the results of a call, and whether the older layout can still be
    read."""
    before, after = _named(old), _named(new)
    order = [name for name in before if name in after]
    compatible = order == list(before) == [name for name in after if name in before]
    lines: list[str] = []
    for name, item in after.items():
        own = (*path, f"{noun} {name}")
        was = before.get(name)
        if was is None:
            words = f"is new, of type {value_words('type', item['type'])}"
            lines.append(_line(own, words))
            continue
        for member in ("type", "offset", "default"):
            if was[member] != item[member]:
                is_, had = (value_words(member, held[member]) for held in (item, was))
                lines.append(_line(own, f"{member} is {is_}, was {had}"))
                compatible &= member == "default"
    lines += [_line((*path, f"{noun} {name}"), "is gone") for name in before if name not in after]
    yield from lines
    if lines:
        verdict = f"every old {noun} keeps its place" if compatible else f"old {noun}s changed"
        yield _line(path, f"{'compatible' if compatible else 'not compatible'}: {verdict}")
