# SPDX-License-Identifier: Apache-2.0
"""Names: the one conversion to snake case, the three conventions, and the words nobody may use.

The same conversion serves handlers, files and clash checks: `HTTPConn` becomes `http_conn`.
"""

from __future__ import annotations

import functools
import re

from tina_gen.macros import PREDEFINED_MACROS as PREDEFINED_MACROS

_WORD_END = re.compile(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])")

PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*\Z")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
UPPER = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")

CPP_KEYWORDS = frozenset(
    """
    alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor
    bool break case catch char char8_t char16_t char32_t class compl concept const consteval
    constexpr constinit const_cast continue co_await co_return co_yield decltype default delete
    do double dynamic_cast else enum explicit export extern false float for friend goto if
    inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private
    protected public reflexpr register reinterpret_cast requires return short signed sizeof
    static static_assert static_cast struct switch synchronized template this thread_local throw
    true try typedef typeid typename union unsigned using virtual void volatile wchar_t while
    xor xor_eq
    """.split()
)

# Words of the generated code: a declaration with one of these names would hide them.
GENERATED_WORDS = frozenset(
    """
    Config Context Machine Stay Entry Then Effect InitResult in to stay io call reply yield done
    crash receive Answer Shape ctx init tina std self internal sim contract
    """.split()
)


# Members of every handler's context.
CONTEXT_WORDS = frozenset(
    """
    answer blob broadcast child core demonitor give_back keep log monitor now self_handle send shard
    slot spawn
    """.split()
)


# Options of every program: a `config` becomes an option too.
PROGRAM_OPTIONS = frozenset(
    """
    backend config counters dns flagfile fromenv help helpfull helpmatch helpon helppackage
    helpshort json only_check_args prefault scenario seed shards tryfromenv undefok version
    """.split()
)


@functools.lru_cache(maxsize=1 << 14)
def snake(name: str) -> str:
    """The snake form of a name; snake names stay as they are and `UPPER_SNAKE` is lowered."""
    return _WORD_END.sub(
        lambda m: f"{m[1] or m[3]}_{m[2] or m[4]}",
        name,
    ).lower()


def pascal(name: str) -> str:
    """`the_role` becomes `TheRole`; dots of a package fall away."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[_.]", name))


def handler(event: str) -> str:
    """The handler of an event as written: `peer.Received` becomes `on_peer_received`."""
    return "on_" + "_".join(snake(part) for part in event.split("."))


def suggestion(wrong: str, known: list[str]) -> str:
    """The closest known name, or an empty string when nothing is close. Cost: a few microseconds
    for each known name; who may ask very often bounds that."""
    import difflib

    if len(wrong) > 100:
        return ""
    found = difflib.get_close_matches(wrong, known[:500], n=1, cutoff=0.6)
    return found[0] if found else ""
