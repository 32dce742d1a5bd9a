"""Damaged and foreign folders of finished runs."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import strategies as st

from simulation.experiment.ensemble import gather, replicated
from simulation.experiment.store import Store
from tests.command import digest, tiny
from tests.fuzz.command import Verdict, command, in_words, listing, loaded
from tests.fuzz.text import mutated_text

HEAD = b"offramp run 2\n"


@dataclass(frozen=True)
class Damage:
    """What was done to a store: a name, the doing, and whether the file still has a valid checksum."""

    name: str
    do: Callable[[Path], None]
    signed: bool = False

    def __repr__(self) -> str:
        return self.name


def signed(body: bytes) -> bytes:
    """A file with a valid checksum, whatever it holds."""
    return HEAD + blake2b(body, digest_size=32).digest() + body


def _packed(**arrays: object) -> bytes:
    made = io.BytesIO()
    np.savez_compressed(made, **arrays)  # type: ignore[arg-type]
    return made.getvalue()


NAMES = np.array([["jail_adp", "all"], ["bookings", "all"]])
TABLES: tuple[Callable[[], bytes], ...] = (
    lambda: b"",
    lambda: b"PK\x05\x06" + b"\0" * 18,
    lambda: b"\x80\x04\x95.",
    lambda: _packed(names=NAMES, monthly=np.zeros((2, 3))),
    lambda: _packed(names=NAMES, monthly=np.zeros((2, 300)), periods=np.zeros((2, 2))),
    lambda: _packed(names=NAMES, monthly=np.zeros((1, 3)), periods=np.zeros((2, 2))),
    lambda: _packed(names=NAMES, monthly=np.array([["a"] * 3] * 2), periods=np.zeros((2, 2))),
    lambda: _packed(names=NAMES[:0], monthly=np.zeros((0, 3)), periods=np.zeros((0, 2))),
    lambda: _packed(names=NAMES[[0, 0]], monthly=np.zeros((2, 3)), periods=np.zeros((2, 2))),
    lambda: _packed(
        names=np.array([["=1+1", "\x1b"]] * 2), monthly=np.zeros((2, 3)), periods=np.zeros((2, 2))
    ),
    lambda: _packed(names=np.float64(1), monthly=np.float64(1), periods=np.float64(1)),
    lambda: _packed(names=NAMES, monthly=np.array([[{}] * 3] * 2, dtype=object), periods=np.zeros((2, 2))),
)


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    """Something done to the files or folders of a store."""
    return draw(st.sampled_from([_file_content, _file_content, _head, _tables, _place, _folder]))(draw)


def _on(
    draw: st.DrawFn, name: str, change: Callable[[Path], None], pattern: str = "*/*/*", signed: bool = False
) -> Damage:
    which = draw(st.integers(0, 5))

    def do(store: Path) -> None:
        found = sorted(store.glob(pattern))
        if found:
            change(found[which % len(found)])

    return Damage(name, do, signed)


def _file_content(draw: st.DrawFn) -> Damage:
    kind = draw(st.sampled_from(["flipped", "cut", "empty", "foreign"]))
    share, foreign = draw(st.floats(0, 1)), draw(st.binary(max_size=60))

    def change(path: Path) -> None:
        if not path.is_file():
            return
        content = path.read_bytes()
        head, rest = content[: int(share * len(content))], content[int(share * len(content)) :]
        flipped = head + bytes(each ^ 7 for each in rest[:1]) + rest[1:]
        path.write_bytes({"flipped": flipped, "cut": head, "empty": b"", "foreign": foreign}[kind])

    return _on(draw, f"{kind} {share:.2f} {foreign!r}", change)


def _head(draw: st.DrawFn) -> Damage:
    """The head of a run with another description, and a valid checksum."""
    text = (
        '{"scenario":"tiny",\n"county":"[/bold]\\u001b[31m",\n"month_starts":["2027-01-01",\n"2027-02-01",\n'
        '"2027-03-01"],\n"draw":0,\n"seed":1,\n"code":"x",\n"place":"PLACE"}'
    )
    head = draw(mutated_text(text) | st.just(text.encode())).replace(b"\n", b"")

    def change(path: Path) -> None:
        if not path.is_file():
            return
        tables = path.read_bytes()[len(HEAD) + 32 :].partition(b"\n")[2]
        here = "/".join(path.parts[-3:]).encode()
        path.write_bytes(signed(head.replace(b"PLACE", here) + b"\n" + tables))

    return _on(draw, f"head {head!r}", change, "*/*/*.run", signed=True)


def _tables(draw: st.DrawFn) -> Damage:
    """The tables of a run are others, and signed."""
    which = draw(st.integers(0, len(TABLES)))
    noise = draw(st.integers(0, 2**32))

    def change(path: Path) -> None:
        if not path.is_file():
            return
        head, _, tables = path.read_bytes()[len(HEAD) + 32 :].partition(b"\n")
        if which < len(TABLES):
            tables = TABLES[which]()
        else:
            changed = bytearray(tables or b"x")
            for at in np.random.default_rng(noise).integers(0, len(changed), 5):
                changed[at] ^= 1 + noise % 255
            tables = bytes(changed)
        path.write_bytes(signed(head + b"\n" + tables))

    return _on(draw, f"tables {which} {noise}", change, "*/*/*.run", signed=True)


def _gone(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _a_folder(path: Path) -> None:
    _gone(path)
    (path / "x").mkdir(parents=True)


def _a_file(path: Path) -> None:
    _gone(path)
    path.write_text("a file", encoding="utf-8")


def _link_to(target: str) -> Callable[[Path], None]:
    def link(path: Path) -> None:
        _gone(path)
        path.symlink_to(target)

    return link


def _pipe(path: Path) -> None:
    _gone(path)
    os.mkfifo(path)


def _twin(path: Path) -> None:
    copied = path.with_name(f"{path.stem[:-1]}7{path.suffix}" if path.suffix else f"{path.name[:-1]}9")
    if not copied.exists():
        shutil.copytree(path, copied) if path.is_dir() else shutil.copy(path, copied)


PLACES = (
    *(_gone, _a_folder, _a_file, _pipe, _twin, _link_to("/dev/zero"), _link_to("nowhere"), _link_to(".")),
    *(_link_to("/etc/passwd"), _link_to("/proc/self/mem")),
)


def _place(draw: st.DrawFn) -> Damage:
    change = draw(st.sampled_from(PLACES))
    pattern = draw(st.sampled_from(["*/*/*", "*/*/*", "*/*", "*"]))
    return _on(draw, f"{change} at {pattern}", change, pattern)


def _folder(draw: st.DrawFn) -> Damage:
    name = draw(st.sampled_from(["0" * 16, "letters", f"{'0' * 16}/{'0' * 24}-1", "\u202e", "a b/[x]"]))
    file = draw(st.sampled_from(["000000.run", "x.run", ".000000.run", "000000.parquet", "٣٣٣٣٣٣.run"]))
    content = draw(
        st.sampled_from([b"", HEAD, signed(b""), signed(b"{}\n"), signed(b"null\n"), b"\x80\x04."])
    )

    def do(store: Path) -> None:
        (store / name).mkdir(parents=True, exist_ok=True)
        if not (store / name / file).exists():
            (store / name / file).write_bytes(content)

    return Damage(f"folder {name}/{file}", do)


def undamaged(folder: Path) -> Path:
    """A small county in a folder, with a store of its finished runs and their logs, and what they come to."""
    path = tiny(folder, months=3)
    work, store = replicated([loaded(path)], range(2), 1), Store(folder / "store")
    gather([replace(job, events=store.events(job)) for job in work], store=store)
    shutil.copytree(folder / "store", folder / "whole")
    assert gone_on(folder, folder / "whole").code == 0
    return folder


def gone_on(folder: Path, store: Path) -> Verdict:
    """The command to which the runs belong, given again; figures aside."""
    asked = ("run", str(folder / "tiny.yaml"), "-n", "2", "-j", "1", "--events", "--store", str(store))
    with patch("offramp.report.figures.draw"):
        return command(*asked, "--out", str(store.parent / "out"))


def survives(folder: Path, damage: Damage) -> bool:
    """A damaged store can be listed, exported, gone on from and cleaned, and nothing beside it changes.

    The command comes to the same results (True) or says what is in its way (False). What was signed anew
    may come to others, if it is a run of that county.
    """
    place = folder / "place"
    shutil.copytree(folder / "store", place / "store")
    store = place / "store"
    try:
        damage.do(store)
        before = listing(place)
        asked = ("--store", str(store))
        in_words(command("runs", *asked))
        in_words(command("runs", "export", str(folder / "exported"), *asked))
        assert listing(place) == before, "something was written"
        verdict = gone_on(folder, store)
        in_words(verdict)
        assert (verdict.code == 0) == (place / "out").exists()
        assert verdict.code == 1 or damage.signed or digest(place / "out") == digest(folder / "out")
        (place / "mine.txt").touch()
        in_words(command("runs", "clean", "--everything", *asked))
        assert (place / "mine.txt").exists() and (verdict.code == 1 or (place / "out").exists())
    finally:
        shutil.rmtree(place)
        shutil.rmtree(folder / "exported", ignore_errors=True)
    return verdict.code == 0
