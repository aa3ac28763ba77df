# SPDX-License-Identifier: Apache-2.0
"""As much of TextMate's tokenizer as our grammar uses: match, begin/end, captures, include.

At each place of a line the rule wins whose match begins first, and of these the one listed first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Rule = dict[str, Any]


class Grammar:
    """A grammar, ready to give scopes to lines. No rule of it may span lines."""

    def __init__(self, source: Rule) -> None:
        """Takes the parsed JSON."""
        self.repository: dict[str, Rule] = source["repository"]
        self.rules = list(self._flat(source["patterns"]))

    def _flat(self, patterns: list[Rule]) -> Iterator[Rule]:
        for rule in patterns:
            if "include" in rule:
                yield from self._flat(
                    self.repository[rule["include"].removeprefix("#")]["patterns"]
                )
            else:
                yield rule

    def every_rule(self) -> Iterator[Rule]:
        """All rules, those inside of begin/end too."""
        for rule in self.rules:
            yield rule
            yield from rule.get("patterns", [])

    def scopes(self, line: str) -> list[str]:
        """The innermost scope of each character, empty where none applies."""
        found = [""] * len(line)
        self._scan(line, 0, len(line), self.rules, found)
        return found

    def _scan(self, line: str, start: int, end: int, rules: list[Rule], found: list[str]) -> None:
        while start < end:
            matches = [
                (match.start(), index, match)
                for index, rule in enumerate(rules)
                if (
                    match := re.compile(rule.get("match") or rule["begin"]).search(line, start, end)
                )
            ]
            if not matches:
                return
            _, index, match = min(matches, key=lambda each: each[:2])
            rule = rules[index]
            stop = match.end()
            if "begin" in rule:
                stop = self._block(line, match, rule, found)
            else:
                self._paint(match, rule, found)
            start = max(stop, match.start() + 1)

    def _block(self, line: str, begin: re.Match[str], rule: Rule, found: list[str]) -> int:
        inner: list[Rule] = rule.get("patterns", [])
        place = begin.end()
        while True:
            ending = re.compile(rule["end"]).search(line, place)
            assert ending is not None, "a rule of this grammar ends with its line"
            first = min(
                (m for r in inner if (m := re.compile(r["match"]).search(line, place))),
                key=lambda match: match.start(),
                default=None,
            )
            if first is None or first.start() >= ending.start():
                break
            place = first.end()
        found[begin.start() : ending.end()] = [rule["name"]] * (ending.end() - begin.start())
        self._scan(line, begin.end(), ending.start(), inner, found)
        return ending.end()

    def _paint(self, match: re.Match[str], rule: Rule, found: list[str]) -> None:
        if "name" in rule:
            found[match.start() : match.end()] = [rule["name"]] * (match.end() - match.start())
        for group, capture in rule.get("captures", {}).items():
            start, end = match.span(int(group))
            if start >= 0:
                found[start:end] = [capture["name"]] * (end - start)
