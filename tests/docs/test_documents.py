# SPDX-License-Identifier: Apache-2.0
"""Every block of every document does what the document says, and every link leads somewhere.

Commands run in a scratch copy of the project, one for each document. It shares the build of the
gcc preset, which `./dev docs` makes first.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import blocks
import pytest
from blocks import ROOT, Block

_LIMIT_S = 300  # the tutorial builds an isolate, perhaps beside other builds
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_DEV = re.compile(r"^\./dev(\s|$)")

RUN = ("sh", "console")
# Generated, compared as a whole; the page of codes is made of the golden cases.
GENERATED = [ROOT / "docs" / "reference" / name for name in ("codes.md", "words.md", "io.md")]
ALL = [
    block
    for document in blocks.documents()
    if document not in GENERATED
    for block in blocks.blocks(document)
]


def of_kind(*kinds: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test once for each block of these kinds."""
    chosen = [block for block in ALL if block.kind in kinds]
    return pytest.mark.parametrize("block", chosen, ids=str)


def scratch_copy(folder: Path) -> Path:
    """The project's files; .venv and the build of the gcc preset are links."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / "build").mkdir()
    (folder / "build" / "gcc").symlink_to(ROOT / "build" / "gcc")
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    return folder


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one command as a reader of the document would, in this folder."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TMPDIR": str(folder.parent)}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )


def asked_for_help(line: str) -> str:
    """`./dev TASK …` as a question whether there is such a task; any other line as it is."""
    if not _DEV.match(line):
        return line
    words = shlex.split(line, comments=True)
    return " ".join([*words[:2], "--help >/dev/null"])


def check_commands(block: Block, folder: Path) -> str:
    """What went wrong with a block of commands; empty if nothing."""
    lines = [asked_for_help(line) for line in block.text.splitlines()]
    result = shell("\n".join(lines), folder)
    return "" if result.returncode == 0 else f"status {result.returncode}:\n{result.stdout}"


def check_transcript(block: Block, folder: Path) -> str:
    """Which command of a console block prints something else; empty if none."""
    pairs = blocks.transcript(block.text)
    if not pairs:
        return "no line starts with `$ `"
    for command, expected in pairs:
        got = shell(command, folder).stdout
        if not blocks.alike(expected, got):
            return f"$ {command}\nprints:\n{got}\nand the document says:\n{expected}"
    return ""


def check_written(block: Block, folder: Path) -> str:
    """Puts a file where its reader would put it; whether that is beside the scratch copy."""
    path = (folder / block.options["write"]).resolve()
    if folder.parent.resolve() not in path.parents:
        return f"{block.options['write']} lies elsewhere"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text + "\n", encoding="utf-8")
    return ""


def check_excerpt(block: Block, root: Path = ROOT) -> str:
    """Whether the lines stand in the file that the block names; empty if they do."""
    path = root / block.options.get("file", "(no file=)")
    if not path.is_file():
        return f"there is no {path.name}"
    same = blocks.excerpt_of(block.text, path.read_text(encoding="utf-8"))
    return "" if same else f"these lines are not in {path.relative_to(root)}"


def test_every_block_has_a_kind_that_is_checked() -> None:
    unknown = [f"{block}: `{block.kind}`" for block in ALL if block.kind not in blocks.KINDS]
    assert not unknown, f"a kind of {sorted(blocks.KINDS)} is needed: {unknown}"


@pytest.mark.parametrize("name", sorted({b.document for b in ALL if b.kind in RUN}))
def test_commands_work_and_print_what_the_document_says(name: str, tmp_path: Path) -> None:
    folder = scratch_copy(tmp_path / "tina")
    for block in (block for block in ALL if block.document == name):
        if "write" in block.options:
            check = check_written
        elif block.kind in RUN:
            check = check_commands if block.kind == "sh" else check_transcript
        else:
            continue
        assert not (said := check(block, folder)), f"{block}: {said}"


@of_kind("text")
def test_outputs_are_what_is_printed(block: Block, tmp_path: Path) -> None:
    command = block.options.get("of")
    if command is None:
        return
    if command.startswith("./dev demo"):
        got = demo_output(command)
    else:
        got = shell(command, scratch_copy(tmp_path / "tina")).stdout
    assert blocks.alike("…\n" + block.text, got), f"{command} prints:\n{got}"


def demo_output(command: str) -> str:
    """The demo without its build, in the project itself: it writes nothing there."""
    arguments = shlex.split(command)[2:]
    code = "import sys; from dev_tasks import demo; sys.exit(demo.run_demo(sys.argv[1:]))"
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "codegen")},
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@of_kind("tina", "cpp", "cmake")
def test_code_is_in_the_tree_or_stands_alone(block: Block, tmp_path: Path) -> None:
    if "file" in block.options:
        assert not (said := check_excerpt(block)), said
        return
    if "write" in block.options and block.kind != "tina":
        return  # the commands of its document compile it
    assert block.kind == "tina", f"a {block.kind} block names the file that it is from: file=PATH"
    path = tmp_path / "block.tina"
    path.write_text(block.text + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "tina_gen", "check", str(path)]
    result = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT / "codegen", check=False
    )
    assert result.returncode == 0, result.stderr


@of_kind("mermaid")
def test_drawings_are_flowcharts(block: Block) -> None:
    assert block.text.lstrip().startswith("flowchart ")


def broken_links(document: Path) -> list[str]:
    """Links of a document to files of the project that are not there."""
    missing = []
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        for target in _LINK.findall(line):
            path = target.split("#")[0]
            if path and "://" not in path and not (document.parent / path).exists():
                missing.append(f"{document.name}:{number}: {target}")
    return missing


@pytest.mark.parametrize("document", blocks.documents(), ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    assert not (missing := broken_links(document)), missing


def test_the_specification_in_the_readme_is_the_whole_file() -> None:
    whole = (ROOT / "examples" / "tcp_echo" / "echo.tina").read_text(encoding="utf-8")
    assert any(
        block.text.strip() == whole.strip() for block in ALL if block.document == "README.md"
    )
