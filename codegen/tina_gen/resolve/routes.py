# SPDX-License-Identifier: Apache-2.0
"""Routes of a system: which protocol goes by which argument to which children of which role."""

from __future__ import annotations

from tina_gen.model import Route
from tina_gen.names import suggestion
from tina_gen.resolve.scope import Lookup, Sort, Symbol
from tina_gen.resolve.values import Values
from tina_gen.syntax import ast as a
from tina_gen.syntax import declarations as d

CHILDREN_MAX = 1 << 16


class RouteResolver:
    """Resolves the routes of one system. What the route leads to is checked on the model."""

    def __init__(self, values: Values, symbol: Symbol, roles: list[str]) -> None:
        """`roles` are the names of the system's roles."""
        self._values = values
        self._sink = values.sink
        self._unit = symbol.unit
        self._lookup = Lookup(symbol.unit, values.sink)
        self._roles = roles

    def routes(self, decl: d.System) -> tuple[Route, ...]:
        """The intact routes, in declaration order."""
        found: list[Route] = []
        for item in decl.items:
            if not isinstance(item, d.Route):
                continue
            route = self._route(len(found), item)
            if route is not None:
                found.append(route)
        return tuple(found)

    def _route(self, index: int, item: d.Route) -> Route | None:
        protocol = self._lookup.find(item.protocol, (Sort.PROTOCOL,))
        bounds = (1, CHILDREN_MAX)
        count: int | None = 1
        if item.count is not None:
            what = "the number of children"
            count = self._values.whole(item.count, self._unit, what, bounds, "E0710")
        place = self._place(item.target)
        if protocol is None or count is None or place is None:
            return None
        argument = item.argument.text
        return Route(index, protocol.qualified, argument, *place, count, item.span)

    def _place(self, target: a.QName) -> tuple[str, str, str] | None:
        """Role, supervisor and child of `role.Supervisor.child`."""
        if len(target.parts) < 3:
            text = f"`{target.text}` is no child of a role"
            help = "write `over role.Supervisor.child`"
            self._sink.error("E0710", target.span, text, "too short", help)
            return None
        role, child = target.parts[0], target.parts[-1]
        if role.text not in self._roles:
            close = suggestion(role.text, self._roles)
            known = ", ".join(f"`{name}`" for name in self._roles)
            help = f"did you mean `{close}`?" if close else f"the roles are {known}"
            text = f"`{role.text}` is not a role of this system"
            self._sink.error("E0101", role.span, text, "not declared", help)
            return None
        middle = target.parts[1:-1]
        name = a.QName(middle, middle[0].span.to(middle[-1].span))
        supervisor = self._lookup.find(name, (Sort.SUPERVISOR,))
        if supervisor is None:
            return None
        assert isinstance(supervisor.decl, d.Supervisor)
        children = [i.name.text for i in supervisor.decl.items if isinstance(i, d.Child)]
        if child.text not in children:
            close = suggestion(child.text, children)
            known = ", ".join(f"`{one}`" for one in children)
            help = f"did you mean `{close}`?" if close else f"its children are {known}"
            text = f"supervisor `{supervisor.name}` has no child `{child.text}`"
            self._sink.error("E0101", child.span, text, "not declared", help)
            return None
        return role.text, supervisor.qualified, child.text
