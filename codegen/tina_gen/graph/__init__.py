# SPDX-License-Identifier: Apache-2.0
"""Drawings of a model: machines, supervision trees and topologies, as Mermaid or Graphviz.

`draw` makes a `Drawing`, which knows no notation; `mermaid` and `dot` write it down. Order and
names come from the spec alone, so the same spec gives the same bytes.
"""

from tina_gen.graph.drawing import Drawing
from tina_gen.graph.machines import machines
from tina_gen.graph.notation import dot, mermaid
from tina_gen.graph.trees import supervision, topology
from tina_gen.model import Model

NOTATIONS = {"mermaid": mermaid, "dot": dot}
PARTS = {"machines": machines, "supervision": supervision, "topology": topology}


def draw(model: Model, what: str) -> Drawing:
    """The drawing of one of `PARTS`, or of `all` of them, side by side."""
    chosen = PARTS if what == "all" else {what: PARTS[what]}
    return Drawing(
        model.root.name, tuple(group for part in chosen.values() for group in part(model))
    )


__all__ = ["NOTATIONS", "PARTS", "draw"]
