# SPDX-License-Identifier: Apache-2.0
"""Writes a drawing as a Mermaid flowchart or as a Graphviz digraph.

Every text is quoted and escaped, and every id is made by the generator, so no name of a spec can be
taken for a word of the notation.
"""

from __future__ import annotations

from collections.abc import Sequence

from tina_gen.graph.drawing import Arrow, Drawing, Group, Node, Shape

# Shape -> what stands around the text.
_MERMAID = {
    Shape.START: ("((", "))"),
    Shape.STATE: ("(", ")"),
    Shape.FINAL: ("(((", ")))"),
    Shape.ISOLATE: ("[", "]"),
    Shape.DYNAMIC: ("[[", "]]"),
    Shape.SUPERVISOR: ("{{", "}}"),
    Shape.ROLE: ("[", "]"),
}
_DOT = {
    Shape.START: 'shape=point, label=""',
    Shape.STATE: "shape=box, style=rounded",
    Shape.FINAL: "shape=doublecircle",
    Shape.ISOLATE: "shape=box",
    Shape.DYNAMIC: "shape=box, peripheries=2",
    Shape.SUPERVISOR: "shape=hexagon",
    Shape.ROLE: "shape=box3d",
}
_ENTITIES = {
    "#": "#35;",
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    "&": "#amp;",
    "`": "#96;",
    "\\": "#92;",
}


def mermaid(drawing: Drawing) -> str:
    """A Mermaid flowchart."""
    lines = ["flowchart TD"]
    for group in drawing.groups:
        lines += _mermaid_group(group, "  ")
    return "\n".join(lines) + "\n"


def _mermaid_group(group: Group, pad: str) -> list[str]:
    lines = [f'{pad}subgraph {group.id}["{_mermaid_text(group.title)}"]']
    lines += [f"{pad}  {_mermaid_node(node)}" for node in group.nodes]
    for inner in group.groups:
        lines += _mermaid_group(inner, pad + "  ")
    lines += [f"{pad}  {_mermaid_arrow(arrow)}" for arrow in group.arrows]
    return [*lines, f"{pad}end"]


def _mermaid_text(lines: Sequence[str]) -> str:
    return "<br/>".join("".join(_ENTITIES.get(c, c) for c in line) for line in lines)


def _mermaid_node(node: Node) -> str:
    left, right = _MERMAID[node.shape]
    return f'{node.id}{left}"{_mermaid_text(node.lines) or " "}"{right}'


def _mermaid_arrow(arrow: Arrow) -> str:
    line = "==>" if arrow.bold else "-->"
    label = f'|"{_mermaid_text(arrow.lines)}"|' if arrow.lines else ""
    return f"{arrow.source} {line}{label} {arrow.target}"


def dot(drawing: Drawing) -> str:
    """A Graphviz digraph."""
    lines = [
        f"digraph {_dot_text([drawing.name])} {{",
        "  node [fontname=sans]; edge [fontname=sans];",
    ]
    for group in drawing.groups:
        lines += _dot_group(group, "  ")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_group(group: Group, pad: str) -> list[str]:
    lines = [f"{pad}subgraph cluster_{group.id} {{", f"{pad}  label={_dot_text(group.title)};"]
    lines += [f"{pad}  {_dot_node(node)}" for node in group.nodes]
    for inner in group.groups:
        lines += _dot_group(inner, pad + "  ")
    lines += [f"{pad}  {_dot_arrow(arrow)}" for arrow in group.arrows]
    return [*lines, f"{pad}}}"]


def _dot_text(lines: Sequence[str]) -> str:
    escaped = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + "\\n".join(escaped) + '"'


def _dot_node(node: Node) -> str:
    label = f"label={_dot_text(node.lines)}, " if node.lines else ""
    return f"{node.id} [{label}{_DOT[node.shape]}];"


def _dot_arrow(arrow: Arrow) -> str:
    parts = [f"label={_dot_text(arrow.lines)}"] if arrow.lines else []
    parts += ["style=bold"] if arrow.bold else []
    attributes = f" [{', '.join(parts)}]" if parts else ""
    return f"{arrow.source} -> {arrow.target}{attributes};"
