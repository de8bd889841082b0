"""No room is left, where the database lies or where files are written: nothing changes, and it is said plainly."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.contents import content
from tests.crash.databases import Sqlite
from tests.crash.deeds import LATER, Stages, done, run
from tests.crash.disks import Disk, small_disk
from tests.crash.messages import refused

ZH, EN = "磁盘已满", "the disk is full"


@pytest.fixture
def disk(folder: Path) -> Iterator[Disk]:
    """A disk with room for four megabytes."""
    with small_disk(folder / "disk", 4) as made:
        yield made


def on(disk: Disk, database: Sqlite) -> Sqlite:
    """A copy of ``database`` on that disk."""
    moved = Sqlite(disk.folder)
    if database.file.exists():
        shutil.copy(database.file, moved.file)
    return moved


@pytest.mark.parametrize(("name", "left", "language"), [
    ("import, new", 0, "en"), ("import, new", 12_288, "zh"), ("import", 0, "zh"), ("import", 12_288, "en"),
    ("sweep", 0, "en"), ("sweep", 65_536, "zh"), ("waive", 0, "zh"), ("waive", 12_288, "en"),
    ("case confirm", 12_288, "zh"), ("notices", 12_288, "en"), ("notices sent", 0, "zh"), ("db upgrade", 65_536, "en")])
def test_no_room_under_the_database(on_sqlite: Stages, disk: Disk, folder: Path, name: str, left: int,
                                    language: str) -> None:
    deed = on_sqlite.deed(name)
    calm = on_sqlite.copy(deed.start)
    assert isinstance(calm, Sqlite)
    struck = on(disk, calm)
    before = content(struck.tables(), exact=True)
    done(calm.url, deed.at, *deed.called(folder))
    disk.fill(but=left)
    refused(struck.url, deed.at, *deed.called(folder), zh=ZH, en=EN, languages=[language])
    assert content(struck.tables(), exact=True) == before
    if name not in ("import, new", "db upgrade"):
        done(struck.url, LATER, "verify", "--all")
    disk.clear()
    done(struck.url, deed.at, *deed.called(folder))
    assert content(struck.tables(), exact=True) == content(calm.tables(), exact=True)
    done(struck.url, LATER, "verify", "--all")


def test_no_room_for_what_a_sweep_sets_aside(on_sqlite: Stages, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    calm, struck = on_sqlite.copy("imported"), on_sqlite.copy("imported")
    before = content(struck.tables(), exact=True)
    done(calm.url, LATER, "sweep")
    disk.fill(but=8192)
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    refused(struck.url, LATER, "sweep", zh=ZH, en=EN)
    assert content(struck.tables(), exact=True) == before
    done(struck.url, LATER, "verify", "--all")
    disk.clear()
    done(struck.url, LATER, "sweep")
    assert content(struck.tables(), exact=True) == content(calm.tables(), exact=True)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_no_room_for_an_export(on_sqlite: Stages, disk: Disk, form: str) -> None:
    url, file = on_sqlite.copy("imported").url, disk.folder / f"违规.{form}"
    disk.fill(but=4096)
    words = ("export", "violations", "--format", form, "-o", str(file))
    refused(url, LATER, *words, zh=str(file), en=str(file))
    assert sorted(path.name for path in disk.folder.iterdir()) == ["ballast"]
    disk.clear()
    done(url, LATER, *words)
    assert file.stat().st_size > 4096


@pytest.mark.parametrize("where", ["letters", "temporary files"])
def test_no_room_for_letters(on_sqlite: Stages, disk: Disk, folder: Path, monkeypatch: pytest.MonkeyPatch,
                             where: str) -> None:
    database = on_sqlite.copy("judged")
    before = content(database.tables(), exact=True)
    if where == "temporary files":
        monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    target = (disk.folder if where == "letters" else folder) / "letters"
    disk.fill(but=8192)
    result = run(database.url, LATER, "notices", "-o", str(target))
    if where == "letters":
        assert result.exit_code == 3
        refused(database.url, LATER, "notices", "-o", str(target), zh=str(target), en=str(target))
        assert content(database.tables(), exact=True) == before
        assert not target.exists()
    elif result.exit_code:
        assert content(database.tables(), exact=True) == before
    disk.clear()
    done(database.url, LATER, "notices", "-o", str(target))
    assert len(list(target.iterdir())) > 10
    done(database.url, LATER, "verify", "--all")
