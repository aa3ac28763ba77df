# SPDX-License-Identifier: Apache-2.0
"""Protocols with names that are hard on generated code: it compiles and is formatted."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from emitted import COMPILERS, ROOT, compiled
from specs import good_model

from tina_gen.emit import generate
from tina_gen.stub import skeletons

SPEC = """\
tina 1;
package odd;
import "tina/sys.tina" as sys;

enum Color : u8 { Red = 0; Green = 1; }
protocol Kv {
  call Delete (key: u64, color: Color = Color.Green, who: ref<Kv>)
    -> (value: u64, found: bool) timeout 1s;
  call New () -> () timeout 1s;
  cast Operator (new_key: u64, watcher: subscriber<Kv>);
  cast Empty ();
  event Changed (key: u64, callee: u32);
}
protocol Other {
  call Reply (callee: u64) -> (result: u64) timeout 5s;
  call Get () -> (tag: u32) timeout 5s;
}
message Kick { store: ref<Kv>; mine: ref<Shelf>; }

isolate Shelf implements Kv, Other subscribes Kv {
  sends Kv.Changed to Kv;
  calls Other.Get to Other;
  budget { slots 2; mailbox 16; state <= 1KiB; open 8; }
  machine {
    initial Open;
    on Kv.Operator, Kv.Empty, Kv.Changed;
    on Kv.New -> stay;
    state Open {
      on Kv.Delete later -> stay | Sorting;
      on Other.Reply -> Sorting;
      reject Other.Get;
      on sys.Yielded -> stay | Sorting;
      on sys.ShardRestarted -> stay | Sorting;
      on sys.ShardQuarantined => Sorting;
    }
    state Sorting {
      defer sys.ShardRestarted;
      ignore sys.ShardQuarantined;
      on Kv.Delete;
      reject Other.Reply;
      on Other.Get;
      on Other.Get.reply -> Open;
      on Other.Get.timeout => Open;
      on Other.Get.rejected -> Open;
      after 10ms => Open;
    }
  }
}

isolate Reader subscribes Kv {
  init (kv: ref<Kv>, shelf: ref<Shelf>);
  calls Kv.Delete, Kv.New to Shelf;
  calls Kv.New to Kv;
  calls Other.Reply to Other;
  sends Kv.Operator to Shelf;
  sends Kv.Empty to Kv;
  sends Kick to Reader;
  monitors Shelf;
  budget { slots 4; mailbox 4; state <= 64B; calls 3; monitors 2; }
  on Kv.Delete.reply, Kv.Delete.failed, Kv.New.reply, Kv.New.timeout, Kv.New.rejected;
  on Other.Reply.reply, Other.Reply.failed;
  on Kv.Changed, sys.Down, Kick;
}

isolate Plain implements Other {
  budget { slots 1; mailbox 4; state <= 64B; open 3; }
  on Other.Reply;
  on Other.Get later;
}
"""


def made() -> dict[str, str]:
    """Path -> text of everything that is generated, with the skeletons of the handlers."""
    model = good_model(SPEC)
    found = {file.path: file.text for file in generate(model, "odd.tina")}
    for skeleton in skeletons(model, "odd.tina"):
        found[skeleton.header_path] = skeleton.header
        found[skeleton.source_path] = skeleton.source
    return found


@pytest.mark.parametrize("compiler", COMPILERS)
def test_names_of_keywords_results_and_types_compile(compiler: str, tmp_path: Path) -> None:
    for path, text in made().items():
        (tmp_path / path).write_text(text)
    for source in sorted(tmp_path.glob("*.cc")):
        done = compiled(compiler, source, [tmp_path])
        assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.mark.skipif(shutil.which("clang-format-19") is None, reason="clang-format-19 is absent")
def test_everything_is_formatted() -> None:
    for path, text in made().items():
        if path.endswith((".h", ".cc")):
            style = f"--style=file:{ROOT}/.clang-format"
            command = ["clang-format-19", style, f"--assume-filename={path}"]
            done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
            assert text == done.stdout, path
