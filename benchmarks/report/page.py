"""The page around the charts: its style on screen and paper, headings, tables, footer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from benchmarks.report.palette import GROUND, INK, LINE, SOFT

MANY_COLUMNS: Final = 5
"""A table of so many is moved sideways on a narrow screen, not squeezed."""

_STYLE: Final = f"""
:root {{ color-scheme: light; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: #fff; color: {INK};
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }}
main {{ max-width: 1120px; margin: 0 auto; padding: 28px 24px 40px; }}
h1 {{ font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }}
h1:not(:first-child) {{ margin-top: 56px; }}
h2 {{ font-size: 20px; margin: 40px 0 4px; padding-top: 14px; border-top: 2px solid {INK}; }}
h3 {{ font-size: 15px; margin: 18px 0 4px; }}
p {{ margin: 6px 0 12px; max-width: 78ch; }}
.lead {{ font-size: 17px; }}
.soft, figcaption, footer {{ color: {SOFT}; }}
svg {{ display: block; width: 100%; height: auto; }}
svg text {{ font-family: inherit; }}
figure {{ margin: 12px 0 18px; break-inside: avoid; }}
figcaption {{ font-size: 13px; margin-top: 4px; max-width: 90ch; }}
.tiles {{ display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 20px 0 6px; }}
.tile {{ border: 1px solid {LINE}; border-radius: 8px; padding: 12px 14px 10px;
  break-inside: avoid; }}
.tile .name {{ font-size: 13px; color: {SOFT}; }}
.tile .value {{ font-size: 28px; font-weight: 650; line-height: 1.15;
  font-variant-numeric: tabular-nums; }}
.tile .note {{ font-size: 12.5px; color: {SOFT}; min-height: 1.4em; }}
.pair {{ display: grid; grid-template-columns: 1fr 1fr; gap: 24px; align-items: start; }}
.legend {{ display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; margin: 2px 0 8px; }}
.legend i {{ display: inline-block; width: 12px; height: 12px; border-radius: 3px;
  margin-right: 6px; vertical-align: -1px; border: 1px solid rgba(0,0,0,.25); }}
table {{ border-collapse: collapse; width: 100%; font-size: 13.5px;
  font-variant-numeric: tabular-nums; }}
th, td {{ text-align: right; padding: 4px 10px; border-bottom: 1px solid {LINE}; }}
th {{ font-weight: 600; vertical-align: bottom; }}
th:first-child, td:first-child, .words td, .words th {{ text-align: left; }}
tbody tr:hover {{ background: {GROUND}; }}
.yes {{ font-weight: 600; }} .no {{ font-weight: 600; color: #a1260d; }}
.words td:first-child {{ white-space: nowrap; }}
.scroll {{ overflow-x: auto; }}
details {{ margin: 10px 0; }} summary {{ cursor: pointer; font-weight: 600; }}
footer {{ margin-top: 44px; padding-top: 12px; border-top: 1px solid {LINE}; font-size: 12.5px; }}
footer p {{ max-width: none; margin: 3px 0; overflow-wrap: anywhere; }}
@media (max-width: 820px) {{ .tiles {{ grid-template-columns: repeat(2, 1fr); }}
  .pair {{ grid-template-columns: minmax(0, 1fr); }} th, td {{ padding: 4px 6px; }}
  figure {{ overflow-x: auto; }} svg.wide {{ min-width: 760px; }} table.many {{ min-width: 620px; }}
  figure:has(svg.wide)::after {{ content: "Wider than the screen: move it sideways.";
    font-size: 12px; color: {SOFT}; position: sticky; left: 0; }}
  .words td:first-child {{ white-space: normal; }} }}
@media print {{
  @page {{ size: A4; margin: 14mm; }}
  body {{ font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
  main {{ padding: 0; max-width: none; }}
  .tiles {{ grid-template-columns: repeat(4, 1fr); gap: 6px; }} .tile {{ padding: 7px 8px; }}
  .tile .value {{ font-size: 19px; }} .tile .note {{ font-size: 8.5pt; }}
  .pair {{ grid-template-columns: 1fr 1fr; gap: 12px; }} .pair > div {{ min-width: 0; }}
  h1 {{ font-size: 22pt; }} table {{ font-size: 9pt; }} th, td {{ padding: 2px 6px; }}
  h2, h3, h2 + p, .legend {{ break-after: avoid; }} tr, figure {{ break-inside: avoid; }}
  details::details-content {{ content-visibility: visible; height: auto; }}
  tbody tr:hover {{ background: none; }}
  figure, .scroll {{ overflow: visible; }} svg.wide, table.many {{ min-width: 0; }}
  figure:has(svg.wide)::after {{ content: none; }}
}}
"""


def page(title: str, body: Iterable[str], footer: Iterable[str]) -> str:
    """Return a whole page that needs nothing from anywhere else."""
    foot = "".join(f"<p>{row}</p>" for row in footer)
    return (
        '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n{chr(10).join(body)}\n<footer>{foot}</footer></main></body></html>\n"
    )


def escaped(words: str) -> str:
    """Return words that cannot be taken for markup."""
    return escape(words)


def section(heading: str, *parts: str) -> str:
    """Return a section with its heading."""
    return f"<section><h2>{escape(heading)}</h2>\n{''.join(parts)}</section>"


def paragraph(words: str, kind: str = "") -> str:
    """Return a paragraph of plain words."""
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{escape(words)}</p>"


def figure(drawing: str, caption: str = "") -> str:
    """Return a drawing with words under it."""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{drawing}{below}</figure>"


def pair(*parts: str) -> str:
    """Return parts side by side where there is room."""
    return f'<div class="pair">{"".join(f"<div>{part}</div>" for part in parts)}</div>'


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """Return a legend of (colour, words)."""
    marks = "".join(
        f'<span><i style="background:{colour}"></i>{escape(words)}</span>'
        for colour, words in entries
    )
    return f'<div class="legend">{marks}</div>'


def tile(name: str, value: str, note: str, drawing: str = "") -> str:
    """Return one large figure with its name, a note, and a small drawing."""
    return (
        f'<div class="tile"><div class="name">{escape(name)}</div>'
        f'<div class="value">{escape(value)}</div>{drawing}'
        f'<div class="note">{escape(note)}</div></div>'
    )


def tiles(found: Iterable[str]) -> str:
    """Return a grid of tiles."""
    return f'<div class="tiles">{"".join(found)}</div>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """Return a table; the first column is words, the others are figures."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    kinds = [kind] * bool(kind) + ["many"] * (len(head) >= MANY_COLUMNS)
    mark = f' class="{" ".join(kinds)}"' if kinds else ""
    whole = f"<table{mark}><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{whole}</div>'


def folded(summary: str, *parts: str) -> str:
    """Return parts that a reader opens."""
    return f"<details><summary>{escape(summary)}</summary>{''.join(parts)}</details>"


def footer_of(versions: Sequence[str], attribution: Sequence[str]) -> list[str]:
    """Return the rows of a footer: versions, then whose data it is."""
    sources = [*attribution, "Indicators and job cycles: NHS England, Open Government Licence v3.0"]
    told = ". ".join(source.rstrip(".") for source in sources) + "."
    return [escaped(row) for row in (*versions, told)]
