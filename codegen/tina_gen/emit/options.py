# SPDX-License-Identifier: Apache-2.0
"""Command-line options of a generated program: one flag per `config`."""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen.emit import wrap
from tina_gen.emit.cpp import SCALARS, Scope, config_value, integer, number
from tina_gen.emit.records import Block
from tina_gen.frozen import dataclass
from tina_gen.model import Config, EnumType, Scalar, ScalarType, StringType, StructType

# What Abseil's flags cannot parse, and the wider type that they can.
_WIDER = {Scalar.U8: Scalar.U16, Scalar.I8: Scalar.I16}


@dataclass(frozen=True, slots=True)
class Option:
    """A flag and the statement that puts its value into the configuration."""

    flag: Block
    assign: str


def options(scope: Scope, configs: Sequence[Config]) -> list[Option]:
    """The options of a package's configs, in declaration order."""
    return [_option(scope, config) for config in configs]


def headers(configs: Sequence[Config]) -> list[str]:
    """The headers that these options need."""
    timed = any(config.type == ScalarType(Scalar.DURATION) for config in configs)
    used = {"absl/flags/flag.h": bool(configs), "absl/time/time.h": timed}
    return [name for name, needed in used.items() if needed]


def own_headers(configs: Sequence[Config]) -> list[str]:
    """The runtime's headers that `main` needs."""
    read = any(isinstance(config.type, StringType | StructType) for config in configs)
    config = ["tina/config.h"] if read else []
    return ["tina/budget.h", *config, "tina/main.h", "tina/sim.h"]


def _option(scope: Scope, config: Config) -> Option:
    read = f"absl::GetFlag(FLAGS_{config.name})"
    type_, default, value = _flag(scope, config, read)
    words = config.doc.split("\n")[0].replace("\\", "").replace('"', "'").strip()
    flag = wrap.with_string(0, "ABSL_FLAG", [type_, config.name, default], words or config.name)
    return Option(flag, f"  {config_value(scope.model, config)} = {value};")


def _flag(scope: Scope, config: Config, read: str) -> tuple[str, str, str]:
    """The flag's type, its default, and how its value becomes the config's type."""
    own = scope.type(config.type)
    scalar = config.type.scalar if isinstance(config.type, ScalarType) else Scalar.I64
    match config.type:
        case ScalarType(Scalar.DURATION):
            default = f"absl::Nanoseconds({integer(number(config.default))})"
            return "absl::Duration", default, f"absl::ToChronoNanoseconds({read})"
        case ScalarType(Scalar.INSTANT):
            return "std::uint64_t", integer(number(config.default)), f"{own}{{{read}}}"
        case EnumType(enum):
            type_ = SCALARS[_WIDER.get(enum.underlying, enum.underlying)]
            return type_, integer(number(config.default)), f"static_cast<{own}>({read})"
        case _ if scalar in _WIDER:
            default = scope.value(config.type, config.default)
            return SCALARS[_WIDER[scalar]], default, f"static_cast<{own}>({read})"
        case _:
            return own, scope.value(config.type, config.default), read
