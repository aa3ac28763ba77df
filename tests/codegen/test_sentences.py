# SPDX-License-Identifier: Apache-2.0
"""The parser reads exactly the language of `idl/grammar.ebnf`: every random sentence of the grammar
is a spec, and a sentence with words left out, put in or exchanged is one exactly if the grammar
says so. A second reader of the grammar, which shares nothing with the parser, is the judge."""

from __future__ import annotations

from collections import Counter
from random import Random

from grammar import SPECS, mutated, quoted, rules, sentence
from hypothesis import HealthCheck, given, settings
from recogniser import accepts

from tina_gen.diagnostics import Diagnostic
from tina_gen.source import SourceFile
from tina_gen.syntax.lexer import Lexer
from tina_gen.syntax.parser import parse

RELAXED = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
# Limits and the edition are not in the grammar.
LIMITS = {"E0011", "E0012", "E0013"}


def wrong(words: list[str]) -> list[Diagnostic]:
    return parse(SourceFile("a.tina", " ".join(words)))[1]


def judged(words: list[str]) -> bool:
    return accepts(Lexer(SourceFile("a.tina", " ".join(words))).tokens())


@RELAXED
@given(SPECS)
def test_every_sentence_of_the_grammar_is_a_spec(random: Random) -> None:
    words = sentence(random)
    found = [each for each in wrong(words) if each.code not in LIMITS]
    assert not found, (found[0].message, " ".join(words))


@RELAXED
@given(SPECS)
def test_a_changed_sentence_is_a_spec_exactly_if_the_grammar_says_so(random: Random) -> None:
    words = mutated(sentence(random), random)
    found = wrong(words)
    if not {diagnostic.code for diagnostic in found} & LIMITS:
        assert judged(words) == (not found), (found[:1], " ".join(words))


def test_true_and_false_are_values_also_among_the_arguments_of_a_type() -> None:
    for argument, good in (("false", True), ("false . x", False), ("a . false", True)):
        words = f"tina 1 ; package a ; message M {{ of : list < {argument} > ; }}".split()
        assert judged(words) == (not wrong(words)) == good, argument


def test_the_judge_tells_right_from_wrong() -> None:
    """The property above would be empty if all changes were wrong, or none."""
    seen: Counter[bool] = Counter()
    for seed in range(200):
        random = Random(seed)
        words = sentence(random)
        assert judged(words)
        seen[judged(mutated(words, random))] += 1
    assert min(seen[True], seen[False]) >= 10


def test_every_word_and_rule_of_the_grammar_comes_up() -> None:
    left = set(quoted())
    for seed in range(800):
        left -= set(sentence(Random(seed)))
    assert not left
    assert len(rules()) > 60
