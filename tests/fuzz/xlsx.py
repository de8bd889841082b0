"""Workbooks put together part by part, so that each part can be wrong by itself."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
#: Styles: 0 a number, 1 a date, 2 date and time, 3 elapsed time.
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/>'
    '<xf numFmtId="46"/></cellXfs></styleSheet>'
)


def text_cell(text: str, place: str = "") -> str:
    """A cell with its text inside."""
    where = f' r="{place}"' if place else ""
    return f'<c{where} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def worksheet(rows: str, after: str = "") -> str:
    """The XML of a sheet."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def ledger_sheet(*rows: str) -> str:
    """The XML of an enterprise sheet, with its header."""
    header = "".join(map(text_cell, ("统一社会信用代码", "企业名称", "成立日期")))
    return worksheet("".join(f"<row>{cells}</row>" for cells in (header, *rows)))


def package(
    path: Path,
    sheets: Mapping[str, str | bytes],
    *,
    strings: str | bytes | None = None,
    properties: str = "",
    parts: Mapping[str, str | bytes | None] | None = None,
    method: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """A workbook at ``path``; ``parts`` replaces parts, adds some, or leaves some out (``None``)."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{n}" r:id="r{n}"/>'
        for n, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    content: dict[str, str | bytes | None] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{_LINKS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{_LINKS}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{links}'
        f'<Relationship Id="s" Type="{_LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="t" Type="{_LINKS}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": strings,
        **{f"xl/worksheets/sheet{n}.xml": sheets[name] for n, name in enumerate(names, 1)},
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, part in content.items():
            if part is not None:
                packed.writestr(name, part)
    return path
