# SPDX-License-Identifier: Apache-2.0
"""The words that may begin an item, by the block it stands in, and the words that may follow.

A test compares all of them with `idl/grammar.ebnf`; settings are no words of the grammar, and a
test compares them with what the resolver knows.
"""

from __future__ import annotations

from tina_gen.resolve.isolates import ENTRIES
from tina_gen.resolve.systems import OF_SYSTEM, SHAPES
from tina_gen.syntax.cursor import DECLARATION_WORDS

_CLAUSES = ("on", "ignore", "defer", "reject", "allow")

# Block -> what may begin an item in it. "" is the file itself.
ITEMS: dict[str, tuple[str, ...]] = {
    "": ("import", *DECLARATION_WORDS),
    "isolate": (
        *("init", "io", "sends", "calls", "spawns", "monitors", "timer", "budget", "machine"),
        *_CLAUSES,
    ),
    "machine": ("initial", "state", "final", *_CLAUSES),
    "state": ("enter", "after", "initial", "state", "final", *_CLAUSES),
    "supervisor": ("strategy", "restarts", "backoff", "child", "dynamic", "auto_shutdown"),
    "system": ("shards", "shard", "channel", "route"),
    "shards": ("root",),
    "shard": ("root",),
    "protocol": ("call", "cast", "event"),
    "kind": ("lane", "setting"),
    "lane": ("op",),
    "scenario": ("node", "with", "seeds", "time", "expect"),
}

# Block -> the settings that it knows.
SETTINGS: dict[str, tuple[str, ...]] = {
    "budget": tuple(ENTRIES),
    "shards": tuple(SHAPES),
    "shard": tuple(SHAPES),
    "system": OF_SYSTEM,
}

# First word of an item -> words that may stand further on in it.
FOLLOWING: dict[str, tuple[str, ...]] = {
    "import": ("as",),
    "isolate": ("implements", "subscribes"),
    "sends": ("to",),
    "calls": ("to", "never_shed"),
    "spawns": ("under",),
    "timer": ("every",),
    "on": ("later",),
    "restarts": ("in", "else"),
    "child": ("permanent", "transient", "temporary", "shutdown", "brutal", "significant"),
    "dynamic": ("max", "permanent", "transient", "temporary", "shutdown", "brutal"),
    "shards": ("auto", "max", "as"),
    "shard": ("as",),
    "channel": ("capacity",),
    "route": ("by", "hash", "over"),
    "call": ("timeout",),
    "kind": ("from",),
    "property": ("always", "sometimes", "eventually", "within"),
    "final": ("state",),
}

# Values that have a name of their own and no declaration.
STRATEGIES = ("one_for_one", "one_for_all", "rest_for_one")
LIMITS = ("escalate", "quarantine", "abort")
EXPECTED = ("quiescent", "no_leak")
BOUNDS = ("any", "all")
SHARD_VALUES = ("shard.index", "shard.count", "child.index")
TYPES = (
    *("bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64"),
    *("duration", "instant", "size", "string", "bytes", "list", "option", "ref", "subscriber"),
    *("buffer", "blob"),
)
