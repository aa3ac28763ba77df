# SPDX-License-Identifier: Apache-2.0
"""How members of a model's JSON are spoken of: the words of `model --diff`."""

from __future__ import annotations

import json
from typing import Any

from tina_gen.emit.cpp import duration_words, size_words

# List -> what one of its items is called.
NOUNS = {
    "packages": "package",
    "constants": "constant",
    "configs": "config",
    "enums": "enum",
    "enumerators": "value",
    "structs": "struct",
    "unions": "union",
    "alternatives": "alternative",
    "aliases": "type",
    "messages": "message",
    "fields": "field",
    "protocols": "protocol",
    "calls": "call",
    "casts": "cast",
    "events": "event",
    "results": "result",
    "implements": "implemented protocol",
    "subscribes": "subscribed protocol",
    "monitors": "monitored isolate",
    "kinds": "I/O kind",
    "isolates": "isolate",
    "init": "argument",
    "io": "I/O object",
    "sends": "send",
    "spawns": "spawn",
    "timers": "timer",
    "states": "state",
    "clauses": "clause on",
    "supervisors": "supervisor",
    "members": "member",
    "systems": "system",
    "roles": "role",
    "channels": "channel",
    "faults": "fault",
    "properties": "property",
    "scenarios": "scenario",
    "nodes": "node",
}
# Members that follow from others, or say only where something is written.
SILENT = frozenset(
    "index span doc file handler events accepts message_size message_align init_size init_align "
    "results_size results_align offset size align padding written_in inherited is first_shard "
    "edition imports".split()
)
_SIZES = frozenset(["memory", "scratch", "state"])


def name_of(item: Any) -> str:
    """What tells an item of a list from the others."""
    if not isinstance(item, dict):
        return str(item)
    if "measure" in item:
        return f"{item['name']} {item['isolate'] or ''}".rstrip()
    if "event" in item:
        return str(item["event"])
    if ("message" in item or "call" in item) and "target" in item:
        return f"{item.get('message') or item['call']} to {_target_words(item['target'])}"
    if "source" in item and "target" in item:
        return f"{item['source']} -> {item['target']}"
    if "target" in item:
        return str(item["target"])
    return str(item.get("name") or item.get("isolate") or "")


def _target_words(target: dict[str, Any]) -> str:
    if target.get("child"):
        return f"{target['supervisor']}.{target['child']}"
    if target.get("protocol"):
        return ("route " if target.get("route") else "") + str(target["protocol"])
    return str(target["isolate"])


def type_words(type_: Any) -> str:
    """A type of the model's JSON as a spec writes it."""
    match type_:
        case {"string": int(capacity)}:
            return f"string<{capacity}>"
        case {"bytes": int(capacity)}:
            return f"bytes<{capacity}>"
        case {"list": element, "capacity": int(capacity)}:
            return f"list<{type_words(element)}, {capacity}>"
        case {"array": element, "count": int(count)}:
            return f"[{type_words(element)}; {count}]"
        case {"option": element}:
            return f"option<{type_words(element)}>"
        case _:
            return value_words("type", type_).strip("`")


def value_words(member: str, value: Any) -> str:
    """A value as a spec would write it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() if member.endswith("_ns"):
            return duration_words(value)
        case int() if member in _SIZES:
            return size_words(value)
        case {"is": "handle", "nexts": [*nexts], **more}:
            return f"`{'later ' if more.get('later') else ''}-> {' | '.join(nexts)}`"
        case {"is": "transit", "next": str(state)}:
            return f"`=> {state}`"
        case {"is": "ratio", "numerator": int(part), "denominator": int(whole)}:
            return f"{part}/{whole}"
        case {"is": "delay", "low_ns": int(low), "high_ns": int(high)}:
            return f"{duration_words(low)}..{duration_words(high)}"
        case {"is": str(word)} if len(value) == 1:
            return f"`{word.replace('_', ' ')}`"
        case {"ref": str(isolate)}:
            return f"`ref<{isolate}>`"
        case {"protocol_ref": str(protocol)}:
            return f"`ref<{protocol}>`"
        case {"subscriber": str(protocol)}:
            return f"`subscriber<{protocol}>`"
        case {"enum": str(name)} | {"io": str(name)}:
            return f"`{name}`"
        case {"struct": str(name)} | {"union": str(name)}:
            return f"`{name}`"
        case {"string": int()} | {"bytes": int()} | {"list": _} | {"array": _} | {"option": _}:
            return f"`{type_words(value)}`"
        case str():
            return f"`{value}`"
        case _:
            return json.dumps(value, ensure_ascii=False)
