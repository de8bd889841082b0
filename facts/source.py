"""Finding out what a path holds (识别台账文件): a workbook, a folder, a zip, a single .csv file."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

from facts.archive import open_archive
from facts.csv_files import open_regular, read_csv, read_folder, read_zip
from facts.language import Text
from facts.ledger import Problem
from facts.sheets import Source, Unreadable
from facts.workbook import read_workbook

#: Bytes of a file, packed or not.
MAX_UPLOAD = 256 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_EXPECTED = Text("应为 .xlsx 工作簿、.csv 文件夹或 .zip 压缩包",
                 "expected an .xlsx workbook, a folder or zip of .csv files")


def open_source(path: Path) -> Source:
    """The sheets at ``path``. What cannot be read at all is among the problems of the result, never raised."""
    try:
        if path.is_dir():
            return read_folder(path)
        with open_regular(path) as stream:
            start = stream.read(8)
            if os.fstat(stream.fileno()).st_size > MAX_UPLOAD:
                return _nothing(path, f"文件超过 {MAX_UPLOAD >> 20} MB；请分成几个文件",
                                f"more than {MAX_UPLOAD >> 20} MB; split the file")
        return _open_file(path, start)
    except Unreadable as error:
        return Source(problems=[error.problem])
    except FileNotFoundError:
        return _nothing(path, "没有这个文件；{0}", "no such file; {0}")
    except ValueError:
        return _nothing(path, "路径里有不能用的字符；{0}", "the path has characters that no path can have; {0}")
    except OSError as error:
        return _nothing(path, f"打不开（{error.strerror}）；{{0}}", f"cannot be opened ({error.strerror}); {{0}}")


def _open_file(path: Path, start: bytes) -> Source:
    if start.startswith(_OLE):
        return _nothing(path, "是旧版 .xls 或加密的工作簿；请用 Excel 另存为不加密的 .xlsx",
                        "an old .xls or a workbook locked with a password; save it as .xlsx without password")
    if start.startswith((b"PK\3\4", b"PK\5\6", b"PK\7\x08")):
        with open_archive(path, path.name) as archive:
            return _open_zip(path, archive)
    if path.suffix.lower() == ".csv":
        return Source([read_csv(path)])
    if not start:
        return _nothing(path, "文件是空的（0 字节）；{0}", "the file is empty (0 bytes); {0}")
    return _nothing(path, "认不出的文件；{0}", "not a file that can be read; {0}")


def _open_zip(path: Path, archive: zipfile.ZipFile) -> Source:
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return read_workbook(path)
    if "[Content_Types].xml" in names or "content.xml" in names:
        return _nothing(path, "不是 .xlsx 工作簿（可能是 .xlsb、.ods 或 .docx）；请另存为 .xlsx",
                        "not an .xlsx workbook (perhaps .xlsb, .ods or .docx); save it as .xlsx")
    return read_zip(path)


def _nothing(path: Path, zh: str, en: str) -> Source:
    shown = path.name or str(path)
    return Source(problems=[Problem(shown, Text(zh.format(_EXPECTED.zh), en.format(_EXPECTED.en)))])


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, or of the names and contents of the files in a folder; raises ``OSError``."""
    digest = hashlib.sha256()
    for file in sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(file.name.encode("utf-8", "surrogatepass") + b"\0")
        with open_regular(file) as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
