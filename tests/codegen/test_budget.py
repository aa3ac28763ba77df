# SPDX-License-Identifier: Apache-2.0
"""`tina-gen budget`: tables and JSON add up, objects of every kind are read, growth is refused."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from specs import ECHO

from tina_gen.budget import lock, section
from tina_gen.cli import main

SMALL = """tina 1;
package demo;
message Job { id: u64; }
isolate Worker {
  sends Job to Worker;
  timer tick every 1s;
  budget { slots SLOTS; mailbox 4; state <= 64B; }
  on Job;
  on tick;
}
supervisor Root {
  strategy one_for_one; restarts 5 in 10s else quarantine;
  child worker : Worker() permanent;
}
system Demo { shards 2 as main { memory <= 1MiB; root Root; } }
"""


def spec(folder: Path, slots: int = 2) -> Path:
    path = folder / "demo.tina"
    path.write_text(SMALL.replace("SLOTS", str(slots)), encoding="utf-8")
    return path


def block(order: str, version: int = 1) -> bytes:
    """A section of one role with one isolate, in a byte order."""
    texts = b"Demo\0main\0Worker\0state\0log ring\0"
    types = struct.pack(order + "16I", 10, 3, 4, 24, 8, 16, 1, 0, 1, 0, *[0] * 6)
    regions = struct.pack(order + "IIQQ", 17, 0, 0, 96)
    regions += struct.pack(order + "IIQQ", 23, 0xFFFFFFFF, 192, 1000)
    size = 56 + len(types) + len(regions) + len(texts)
    head = struct.pack(
        order + "8sIIIIIIQQII", b"TINABDGT", version, size, 1, 2, 2, 0, 1280, 65536, 0, 5
    )
    return head + types + regions + texts


def elf(folder: Path, target: str, content: bytes) -> bytes:
    """An object file of another machine that holds a section."""
    raw, made = folder / "raw.bin", folder / f"{target}.o"
    raw.write_bytes(content)
    command = ["objcopy", "-I", "binary", "-O", target, "--rename-section"]
    subprocess.run([*command, ".data=.tina.budget", str(raw), str(made)], check=True)
    return made.read_bytes()


def document(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["budget", *arguments, "--format", "json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def only_role(report: dict[str, object]) -> dict[str, Any]:
    roles = report["roles"]
    assert isinstance(roles, list) and len(roles) == 1
    found: dict[str, Any] = roles[0]
    return found


@pytest.mark.skipif(not shutil.which("objcopy"), reason="objcopy makes the objects")
@pytest.mark.parametrize(
    ("target", "order"),
    [("elf64-little", "<"), ("elf64-big", ">"), ("elf32-little", "<"), ("elf32-big", ">")],
)
def test_objects_of_every_width_and_byte_order_are_read(
    target: str, order: str, tmp_path: Path
) -> None:
    (found,) = section.read(elf(tmp_path, target, block(order)))
    assert (found.system, found.role, found.shards, found.auto) == ("Demo", "main", 2, False)
    assert (found.total, found.limit, found.exact) == (1280, 65536, True)
    assert [(r.part, r.owner, r.bytes) for r in found.regions] == [
        ("state", "Worker", 96),
        ("log ring", None, 1000),
    ]
    assert (found.types[0].slots, found.types[0].state, found.types[0].stride) == (3, 24, 32)


@pytest.mark.skipif(not shutil.which("ar"), reason="ar makes the archive")
def test_an_archive_and_several_roles_are_read(tmp_path: Path) -> None:
    (tmp_path / "one.o").write_bytes(elf(tmp_path, "elf64-little", block("<") + b"\0" + block("<")))
    (tmp_path / "readme.txt").write_text("odd")
    command = ["ar", "rc", "lib.a", "readme.txt", "one.o"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert len(section.read((tmp_path / "lib.a").read_bytes())) == 2


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "version", "damaged"])
def test_what_is_no_object_is_refused_in_one_line(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = elf(tmp_path, "elf64-little", block("<", 9 if kind == "version" else 1))
    cut = elf(tmp_path, "elf64-little", block("<")[:100])
    data = {"text": b"hello", "empty": b"", "cut": whole[:200], "version": whole, "damaged": cut}
    path = tmp_path / "file"
    path.write_bytes(data[kind])
    assert main(["budget", "--object", str(path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("tina-gen: cannot read a budget from") and said.count("\n") == 1


def test_columns_add_up_to_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    role = only_role(document([str(ECHO)], capsys))
    isolates = sum(sum(isolate["bytes"].values()) for isolate in role["isolates"])
    assert isolates + sum(role["shard"].values()) == role["total"]
    assert role["limit"] - role["total"] == role["headroom"] > 0
    assert sum(region["bytes"] for region in role["regions"]) < role["total"]
    assert not role["exact"]


def test_one_that_rests_costs_at_most_64_bytes_beyond_its_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["budget", str(spec(tmp_path)), "--format", "json"]) == 0
    (static,) = json.loads(capsys.readouterr().out)["roles"][0]["isolates"]
    assert sum(static["idle"].values()) <= 64
    assert main(["budget", str(ECHO), "--format", "json"]) == 0
    _, dynamic = json.loads(capsys.readouterr().out)["roles"][0]["isolates"]
    assert "child" in static["idle"] and "child" not in dynamic["idle"]
    assert sum(dynamic["idle"].values()) <= 32


def test_the_table_names_isolates_parts_and_limit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["budget", str(ECHO)]) == 0
    said = capsys.readouterr().out
    for word in ("Connection", "stride", "receive buffers", "canaries", "headroom", "16,777,216"):
        assert word in said


def test_weights_are_a_column_where_any_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["budget", str(ECHO)]) == 0
    assert "weight" not in capsys.readouterr().out
    everything = Path(__file__).with_name("budget_everything.tina")
    assert main(["budget", str(everything)]) == 0
    said = capsys.readouterr().out
    assert "weight" in said
    roles = document([str(everything)], capsys)["roles"]
    assert isinstance(roles, list)
    weights = [isolate["weight"] for role in roles for isolate in role["isolates"]]
    assert set(weights) == {1, 3}


def test_mailboxes_are_bounded_in_both_forms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(spec(tmp_path))
    role = only_role(document([path], capsys))
    (mailbox,) = role["mailboxes"]
    assert mailbox["isolate"] == "demo.Worker" and mailbox["capacity"] == 4
    assert mailbox["arrivals"][0]["messages"] == ["Job"]
    assert main(["budget", path]) == 0
    assert "mailbox of Worker in main: 4 places" in capsys.readouterr().out


def test_a_build_that_grew_fails_and_says_what_grew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, lock_file = str(spec(tmp_path)), str(tmp_path / "budget.lock")
    assert main(["budget", path, "--lock", lock_file]) == 0  # written
    before = Path(lock_file).read_bytes()
    assert main(["budget", path, "--lock", lock_file]) == 0
    spec(tmp_path, slots=5)
    assert main(["budget", path, "--lock", lock_file]) == 1
    said = capsys.readouterr().err
    assert "Worker: states grew by 192 bytes to 320" in said and "Demo.main: " in said
    assert Path(lock_file).read_bytes() == before
    assert main(["budget", path, "--lock", lock_file, "--update"]) == 0
    assert main(["budget", path, "--lock", lock_file]) == 0
    spec(tmp_path, slots=1)
    assert main(["budget", path, "--lock", lock_file]) == 0, "less is fine"


@pytest.mark.parametrize("text", ["", "[]", '{"format": 7}', '{"format": 1, "roles": {"a": 3}}'])
def test_a_damaged_lock_is_refused(text: str) -> None:
    with pytest.raises(lock.Malformed):
        lock.parse(text.encode())


def test_the_lock_is_the_same_text_each_time(tmp_path: Path) -> None:
    path, lock_file = str(spec(tmp_path)), tmp_path / "budget.lock"
    assert main(["budget", path, "--lock", str(lock_file)]) == 0
    first = lock_file.read_text(encoding="utf-8")
    assert main(["budget", path, "--lock", str(lock_file), "--update"]) == 0
    assert lock_file.read_text(encoding="utf-8") == first
    assert list(json.loads(first)["roles"]) == ["Demo.main"]


@pytest.mark.parametrize("arguments", [[], ["a.tina", "--object", "b"], ["a.tina", "--update"]])
def test_wrong_usage_is_status_two(arguments: list[str]) -> None:
    assert main(["budget", *arguments]) == 2
