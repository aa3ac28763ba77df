# SPDX-License-Identifier: Apache-2.0
"""What the parser accepts and this version of the generator refuses, on one page (E0090).

Supporting a construct means: delete its row here and resolve it.
"""

from __future__ import annotations

from tina_gen.resolve.scope import Sink
from tina_gen.syntax import declarations as d


def refuse(tree: d.File, sink: Sink) -> set[int]:
    """Reports everything unsupported in a file; the result holds the `id`s of the declarations
    that contain any of it."""
    refused: set[int] = set()
    for decl in tree.decls:
        before = len(sink.diagnostics)
        _declaration(decl, tree.file.standard, sink)
        if len(sink.diagnostics) > before:
            refused.add(id(decl))
    return refused


def is_refused_sort(decl: d.Decl, standard: bool) -> bool:
    """True for declarations that are not supported at all."""
    match decl:
        case d.Kind():
            return not standard
        case _:
            return False


def _declaration(decl: d.Decl, standard: bool, sink: Sink) -> None:
    match decl:
        case d.Kind() if not standard:
            text = "the I/O kinds are those of `tina/net.tina`"
            sink.unsupported(decl.span, "an I/O kind of one's own", text)
        case _:
            pass
