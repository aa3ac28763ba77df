# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of `<stem>.model.json`, made from the dataclasses of the model.

It follows the rules of `emit/model_json.py`: a declaration is an object with the members of its
class, whatever refers to it holds its name, and alternatives of a union say in `is` which they are.
"""

from __future__ import annotations

import json
import types
from collections.abc import Sequence
from dataclasses import fields
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from tina_gen import names
from tina_gen.emit.model_json import DECLARES, FORMAT, TAGGED, is_reference
from tina_gen.model import Package, Scalar, Type, ValueList
from tina_gen.source import SourceFile, Span

_PLAIN: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    type(None): {"type": "null"},
    Span: {
        "type": "string",
        "pattern": "^.+:[0-9]+:[0-9]+$",
        "description": "Where it is written: path, line and column.",
    },
    SourceFile: {"type": "string", "description": "The path of a spec."},
}


def model_schema() -> str:
    """The schema as text, with a final line end."""
    definitions = _Definitions()
    packages = {"type": "array", "items": definitions.reference(Package)}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The resolved model of a .tina spec",
        "type": "object",
        "properties": {
            "format": {
                "const": FORMAT,
                "description": "Grows when a reader of the old one would err.",
            },
            "root": {"type": "string", "description": "The package that was asked for."},
            "packages": packages,
        },
        "required": ["format", "root", "packages"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.found.items())),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


class _Definitions:
    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def reference(self, class_: type) -> dict[str, Any]:
        """A pointer to the definition of a class, which is made if it is not there yet."""
        name = class_.__name__
        if name not in self.found:
            self.found[name] = {}
            self.found[name] = self._object(class_)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, class_: type) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        if issubclass(class_, TAGGED):
            properties["is"] = {"const": names.snake(class_.__name__)}
        hints = get_type_hints(class_)
        for field in fields(class_):
            declares = (class_.__name__, field.name) in DECLARES
            properties[field.name] = self._value(hints[field.name], declares)
        return {
            "description": " ".join((class_.__doc__ or "").split()),
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def _value(self, hint: Any, declares: bool = False) -> dict[str, Any]:
        if hint == Type:
            return self._type()
        if hint is ValueList:
            return {"type": "array", "description": "The parts of a value, in order."}
        if hint in _PLAIN:
            return _PLAIN[hint]
        if get_origin(hint) is tuple:
            return self._tuple(get_args(hint), declares)
        if get_origin(hint) in (Union, types.UnionType):
            return _any_of([self._value(one, declares) for one in get_args(hint)])
        if hint in get_args(Type):
            return self._type()
        return self._class(hint, declares)

    def _class(self, class_: type, declares: bool) -> dict[str, Any]:
        if issubclass(class_, Enum):
            return {"enum": [member.value for member in class_]}
        if is_reference(class_) and not declares:
            return {"type": "string", "description": f"The name of: {class_.__name__}."}
        return self.reference(class_)

    def _tuple(self, items: Sequence[Any], declares: bool) -> dict[str, Any]:
        if len(items) == 2 and items[1] is Ellipsis:
            return {"type": "array", "items": self._value(items[0], declares)}
        return {"type": "array", "prefixItems": [self._value(item, declares) for item in items]}

    def _type(self) -> dict[str, Any]:
        self.found["Type"] = {
            "description": "The word of a built-in type, or an object whose one member says what "
            "kind of type it is: `ref`, `enum`, `string`, `list` and so on.",
            "anyOf": [
                {"enum": [*(scalar.value for scalar in Scalar), "buffer"]},
                {"type": "object", "minProperties": 1},
            ],
        }
        return {"$ref": "#/$defs/Type"}


def _any_of(alternatives: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The alternatives, each once."""
    distinct: list[dict[str, Any]] = []
    for alternative in alternatives:
        if alternative not in distinct:
            distinct.append(alternative)
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
