# SPDX-License-Identifier: Apache-2.0
"""Each rule on documents, seen red on a planted mistake and green beside it."""

from __future__ import annotations

from pathlib import Path

import blocks
import test_documents as rules
from blocks import Block


def block(kind: str, text: str, **options: str) -> Block:
    return Block("planted.md", 1, kind, options, text)


def planted(folder: Path, text: str) -> Path:
    path = folder / "planted.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_blocks_are_found_with_kind_options_and_line(tmp_path: Path) -> None:
    path = planted(tmp_path, 'a\n```text of="x y" n=2\nb\n```\n')
    (found,) = blocks.blocks(path, tmp_path)
    assert found == Block("planted.md", 2, "text", {"of": "x y", "n": "2"}, "b")


def test_a_block_in_a_list_is_found(tmp_path: Path) -> None:
    path = planted(tmp_path, "- a\n\n  ```sh\n  b\n    c\n  ```\n")
    (found,) = blocks.blocks(path, tmp_path)
    assert (found.line, found.kind, found.text) == (3, "sh", "b\n  c")


def test_an_unknown_or_missing_kind_and_an_open_fence_are_seen(tmp_path: Path) -> None:
    path = planted(tmp_path, "```\na\n```\n```yaml\nb\n```\n```sh\nc\n")
    kinds = [found.kind for found in blocks.blocks(path, tmp_path)]
    assert kinds == ["(none)", "yaml", "unclosed"]
    assert not blocks.KINDS.intersection(kinds)


def test_a_command_that_fails_is_seen(tmp_path: Path) -> None:
    assert rules.check_commands(block("sh", "true\ntrue | false"), tmp_path)
    assert not rules.check_commands(block("sh", "true"), tmp_path)


def test_a_task_that_dev_does_not_have_is_seen() -> None:
    assert "status 2" in rules.check_commands(block("sh", "./dev frobnicate"), blocks.ROOT)
    assert not rules.check_commands(block("sh", "./dev demo --seconds 3 # words"), blocks.ROOT)


def test_a_transcript_that_differs_is_seen(tmp_path: Path) -> None:
    right = block("console", "$ printf 'a 17\\nb\\nc\\n'\na 4\n…\nc")
    assert not rules.check_transcript(right, tmp_path)
    wrong = block("console", "$ echo a\nb")
    assert "says:\nb" in rules.check_transcript(wrong, tmp_path)
    assert rules.check_transcript(block("console", "echo a"), tmp_path)


def test_lines_that_are_not_in_the_file_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.cc").write_text("int a;\n  int b;\n  int c;\n", encoding="utf-8")
    assert not rules.check_excerpt(block("cpp", "int b;\nint c;", file="a.cc"), tmp_path)
    assert rules.check_excerpt(block("cpp", "int a;\nint c;", file="a.cc"), tmp_path)
    assert rules.check_excerpt(block("cpp", "int a;", file="b.cc"), tmp_path)
    assert rules.check_excerpt(block("cpp", "int a;"), tmp_path)


def test_numbers_and_blanks_may_differ_and_words_may_not() -> None:
    assert blocks.alike("a  12,345 0xff", "a 7 0x1")
    assert blocks.alike("a … c", "a b b c")
    assert not blocks.alike("lost 0", "found 0")
    assert not blocks.alike("a", "a\nb")


def test_a_link_to_nothing_is_seen(tmp_path: Path) -> None:
    path = planted(tmp_path, "[a](planted.md#top) [b](gone.md) [c](https://x.y/z)\n")
    assert rules.broken_links(path) == ["planted.md:1: gone.md"]
