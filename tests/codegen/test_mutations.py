# SPDX-License-Identifier: Apache-2.0
"""No program that is almost right makes a command raise or print a trace: every command, and what
an editor asks, on drawn programs with lines and words lost, doubled, moved or exchanged."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random

import pytest
from grammar import quoted
from programs import SHARED, program

from tina_gen.cli import COMMANDS, FAILED, GOOD, library, main, read_file
from tina_gen.codes import CODES
from tina_gen.lsp.session import Session, uri_of
from tina_gen.source import SourceFile
from tina_gen.syntax.lexer import Lexer

SEEDS = 30
MUTANTS = 3  # of each program


def mutated(text: str, random: Random) -> str:
    """A text with one to three changes, each of a line or of a word."""
    for _ in range(random.randint(1, 3)):
        lines = text.split("\n")
        place, other = random.randrange(3, len(lines)), random.randrange(3, len(lines))
        match random.randrange(8):
            case 0:
                del lines[place]
            case 1:
                lines.insert(other, lines[place])
            case 2:
                lines[place], lines[other] = lines[other], lines[place]
            case 3:
                lines[place] = lines[place][: random.randrange(len(lines[place]) + 1)]
            case _:
                text = _exchanged(text, random)
                continue
        text = "\n".join(lines)
    return text


def _exchanged(text: str, random: Random) -> str:
    """One word becomes another one of its kind, or any word of the language."""
    tokens = Lexer(SourceFile("a.tina", text)).tokens()[6:-1]
    if not tokens:
        return text
    one = random.choice(tokens)
    same = [token.text for token in tokens if token.kind is one.kind]
    new = random.choice(same if random.random() < 0.8 else [*quoted(), "", "4294967296", "0s"])
    return f"{text[: one.span.start]}{new}{text[one.span.end :]}"


def mutants() -> Iterator[tuple[int, str, dict[str, str]]]:
    """Number, text and imported files of each."""
    for seed in range(SEEDS):
        drawn = program(Random(seed))
        for number in range(MUTANTS):
            random = Random(seed * MUTANTS + number)
            text, others = drawn.text, dict(drawn.others)
            if others and random.random() < 0.3:
                others[SHARED] = mutated(others[SHARED], random)
            else:
                text = mutated(text, random)
            yield seed * MUTANTS + number, text, others


def said(*words: str) -> tuple[int, str]:
    """Status and output of a command."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        status = main(words)
    return status, out.getvalue()


def test_every_command_has_an_answer_to_any_program(tmp_path: Path) -> None:
    seen: Counter[int] = Counter()
    codes: set[str] = set()
    for number, text, others in mutants():
        folder = tmp_path / str(number)
        for name, body in {"spec.tina": text, **others}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(body, encoding="utf-8")
        spec, made = str(folder / "spec.tina"), str(folder / "made")
        status, output = said("check", spec, "--format", "json")
        seen[status] += 1
        codes |= {code for code in CODES if f'"{code}"' in output}
        for words in (
            ("generate", spec, "--output", made),
            ("budget", spec, "--format", "json"),
            ("graph", spec, "--format", "dot"),
            ("model", spec),
            ("stub", spec),
            ("stub", spec, "--output", made),
            ("fmt", spec),
        ):
            other, output = said(*words)
            assert other in (GOOD, FAILED), (number, words, output)
            assert "Traceback" not in output, (number, words, output)
            if words[0] in ("graph", "model", "stub") or words[0] == "generate":
                assert other == status, (number, words, output)
    for code in sorted(codes):
        assert said("explain", code)[0] == GOOD
    # The test would say nothing if all changes were harmless, or all broke the syntax.
    assert min(seen[GOOD], seen[FAILED]) >= SEEDS * MUTANTS // 20
    assert len(codes) > 9, codes


def test_the_commands_above_are_all_there_are() -> None:
    tried = {"check", "generate", "budget", "graph", "model", "stub", "fmt", "explain", "lsp"}
    assert tried == set(COMMANDS)


@pytest.mark.parametrize("part", range(2))
def test_an_editor_gets_answers_about_any_program(part: int) -> None:
    for number, text, others in mutants():
        if number % 4 != part:
            continue
        random = Random(number)
        known = Session(read_file, library())
        uri = uri_of(f"/drawn{number}/spec.tina")
        for name, body in others.items():
            known.set_text(uri_of(f"/drawn{number}/{name}"), body)
        known.set_text(uri, text)
        known.refresh()
        for _ in range(12):
            offset = random.randrange(len(text) + 1)
            known.completion(uri, offset)
            known.hover(uri, offset)
            known.definition(uri, offset)
        known.repairs(uri, 0, len(text))
        for entry in known.outline(uri):
            assert entry.start <= entry.name_start <= entry.name_end <= entry.end <= len(text)
