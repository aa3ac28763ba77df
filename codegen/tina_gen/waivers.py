# SPDX-License-Identifier: Apache-2.0
"""`allow CODE "reason";`: findings that the author has looked at and wants to keep.

An `allow` above a clause, an `after`, an `enter` or a state is about that one. Anywhere else it is
about everything in the braces around it. Warnings can be waived, and those errors that say "this
looks wrong" of something that works; what the generator could not emit, or what would break a
promise of the language, cannot. An `allow` that waives nothing is a warning itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tina_gen.codes import CODES
from tina_gen.diagnostics import Diagnostic
from tina_gen.frozen import dataclass
from tina_gen.names import suggestion
from tina_gen.source import SourceFile
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d

WAIVABLE = frozenset(["E0302", "E0303", "E0314", "E0330"])
# Findings about several isolates, one of which their own place names and the others their notes.
_SHARED = frozenset(["E0330", "W0320", "W0349"])
_ONE = a.OnClause | a.PassiveClause | a.After | a.Enter | a.State

Items = Sequence[a.IsolateItem] | Sequence[a.StateItem]


@dataclass(frozen=True, slots=True)
class Waiver:
    """One `allow`, and the characters of its file that it is about."""

    item: a.Allow
    start: int
    end: int

    @property
    def file(self) -> SourceFile:
        """The file that it stands in."""
        return self.item.span.file

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether it waives a finding."""
        if diagnostic.code != self.item.code.text:
            return False
        spans = [diagnostic.span]
        if diagnostic.code in _SHARED:
            spans += [note.span for note in diagnostic.notes]
        return any(
            span is not None and span.file is self.file and self.start <= span.start < self.end
            for span in spans
        )


def waive(
    trees: Sequence[d.File], diagnostics: Sequence[Diagnostic], complete: bool
) -> list[Diagnostic]:
    """The diagnostics that remain, and what is wrong with the waivers themselves. Whether one
    waives anything is known only of a `complete` model, where every rule has run."""
    found = [waiver for tree in trees for waiver in waivers(tree)]
    wrong = [problem for waiver in found for problem in _problems(waiver.item)]
    broken = {problem.span for problem in wrong}
    sound = [waiver for waiver in found if waiver.item.code.span not in broken]
    kept: list[Diagnostic] = []
    used: set[int] = set()
    for diagnostic in diagnostics:
        matching = [waiver for waiver in sound if waiver.covers(diagnostic)]
        used |= {id(waiver.item) for waiver in matching}
        if not matching:
            kept.append(diagnostic)
    if complete:
        kept += [_useless(waiver.item) for waiver in sound if id(waiver.item) not in used]
    return kept + wrong


def waivers(tree: d.File) -> Iterator[Waiver]:
    """All waivers of a file, with what they are about."""
    for decl in tree.decls:
        if isinstance(decl, d.Isolate):
            yield from _among(decl.items, decl.span.start, decl.span.end)


def _among(items: Items, start: int, end: int) -> Iterator[Waiver]:
    for place, item in enumerate(items):
        if isinstance(item, a.Allow):
            following = next((i for i in items[place + 1 :] if not isinstance(i, a.Allow)), None)
            if isinstance(following, _ONE):
                yield Waiver(item, following.span.start, _end(following))
            else:
                yield Waiver(item, start, end)
        elif isinstance(item, a.Machine | a.State):
            yield from _among(item.items, item.span.start, _end(item))


def _end(item: a.IsolateItem | a.StateItem) -> int:
    """Where an item ends, with what is inside."""
    inside = item.items if isinstance(item, a.Machine | a.State) else ()
    return max([item.span.end, *(_end(one) for one in inside)])


def _problems(item: a.Allow) -> Iterator[Diagnostic]:
    code = item.code.text
    if code not in CODES:
        close = suggestion(code, list(CODES))
        help = f"did you mean `{close}`?" if close else "`tina-gen explain --list` shows all"
        text = f"`{code}` is no code of a diagnostic"
        yield Diagnostic("E0351", item.code.span, text, label="unknown", help=help)
    elif not code.startswith("W") and code not in WAIVABLE:
        text = f"`{code}` cannot be waived: {CODES[code]}"
        help = f"warnings can be waived, and {', '.join(sorted(WAIVABLE))}"
        yield Diagnostic("E0351", item.code.span, text, label="stays an error", help=help)
    if not item.reason.value.strip():
        text = f"`allow {code}` gives no reason"
        help = "say why it is right here"
        yield Diagnostic("E0351", item.reason.span, text, label="empty", help=help)


def _useless(item: a.Allow) -> Diagnostic:
    code = item.code.text
    return Diagnostic(
        "W0350",
        item.span,
        f"`allow {code}` waives nothing",
        label="no such finding here",
        help="remove it, or put it above the clause or state that it is about",
    )
