# SPDX-License-Identifier: Apache-2.0
"""tina_generate() with the real generator: a spec that imports others is built from what changed.

Each test builds twice or more; a build without an edit between must find nothing to do.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from test_tina_generate import ROOT, build, configure

LISTS = f"""\
cmake_minimum_required(VERSION 3.25)
project(example CXX)
list(APPEND CMAKE_MODULE_PATH "{ROOT}/codegen/cmake")
include(TinaFlags)
include(TinaGenerate)
add_library(tina_runtime INTERFACE)
set(CMAKE_CXX_STANDARD 20)
target_include_directories(tina_runtime INTERFACE "{ROOT}/runtime/include")
add_library(Tina::runtime ALIAS tina_runtime)
tina_generate(TARGET example SPEC app.tina IMPORTS ${{CMAKE_SOURCE_DIR}}/elsewhere
              SOURCES uses_app.cc uses_words.cc)
"""

FILES = {
    "CMakeLists.txt": LISTS,
    "app.tina": 'tina 1;\npackage app;\nimport "base/words.tina" as words;\n'
    "message Say { word: words.Word; }\n",
    "elsewhere/base/words.tina": "tina 1;\npackage base.words;\n// import none\n"
    "struct Word { text: string<8>; }\nmessage Count { words: u32; }\n",
    "uses_app.cc": '#include "app.tina.h"\nint size() { return sizeof(app::Say); }\n',
    "uses_words.cc": '#include "base/words.tina.h"\n'
    "int count() { return sizeof(base::words::Count); }\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is built; its first build finds the imported header before it exists."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    result = configure(tmp_path)
    assert result.returncode == 0, result.stderr
    assert {"uses_app.cc.o", "uses_words.cc.o", "app.tina.cc.o"} < set(build(tmp_path))
    assert not compiled(tmp_path)
    return tmp_path


def compiled(folder: Path) -> set[str]:
    """The objects that a build makes."""
    return {step for step in build(folder) if step.endswith(".o")}


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_edit_of_an_imported_file_compiles_what_includes_it(project: Path) -> None:
    edit(project, "elsewhere/base/words.tina", "string<8>", "string<9>")
    assert compiled(project) == {"uses_app.cc.o", "uses_words.cc.o", "app.tina.cc.o"}
    assert not compiled(project)
    edit(project, "app.tina", "word: words.Word", "word: [words.Word; 2]")
    assert compiled(project) == {"uses_app.cc.o", "app.tina.cc.o"}


def test_an_edit_of_a_comment_of_an_imported_file_compiles_nothing(project: Path) -> None:
    edit(project, "elsewhere/base/words.tina", "// import none", "// import nothing")
    assert not compiled(project)


def test_a_new_import_is_built_at_once_and_found_again(project: Path) -> None:
    more = project / "base"
    more.mkdir()
    (more / "more.tina").write_text("tina 1;\npackage base.more;\ntype Id = u32;\n")
    edit(project, "elsewhere/base/words.tina", "// import none", 'import "base/more.tina" as more;')
    edit(project, "elsewhere/base/words.tina", "words: u32", "words: more.Id")
    assert "uses_words.cc.o" in compiled(project)
    compiled(project)  # configures anew, because the list of imports has changed
    assert not compiled(project)
    edit(project, "base/more.tina", "u32", "u64")
    assert compiled(project) == {"uses_app.cc.o", "uses_words.cc.o", "app.tina.cc.o"}
    assert not compiled(project)
