"""The documents say what the code does."""

import re
from pathlib import Path

import pytest

from benchmarks.call_log.mapping_file import bundled_mappings, read_mapping
from benchmarks.call_log.mapping_rules import NAMED_FORMATS
from benchmarks.call_log.schema import COLUMNS

DOCS = Path(__file__).resolve().parents[3] / "docs"
REFERENCE = (DOCS / "reference" / "call-log.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "map-a-call-log.md").read_text(encoding="utf-8")

BASE = {
    "time": '[time]\nformat = "iso"\n\n[time.columns]\nreceived_at = "r"\n',
    "place": '[place]\nx = "x"\ny = "y"\n',
    "category": '[category]\notherwise = "C2"\n',
}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_is_documented_with_its_words(column):
    (line,) = re.findall(rf"^\| `{column.name}`.*$", REFERENCE, re.MULTILINE)
    assert column.meaning in line
    assert all(f"`{word}`" in line for word in column.words)
    assert ("**required**" in line) == column.required


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", HOW_TO, re.DOTALL))
def test_every_mapping_in_the_how_to_can_be_followed(block):
    parts = [text for name, text in BASE.items() if f"[{name}]" not in block]
    # Tables of TOML end where the next begins, so the block goes last.
    read_mapping('title = "x"\n' + "".join(parts) + block, "how-to")


def test_every_bundled_mapping_and_format_is_in_the_how_to():
    for name in (*bundled_mappings(), *NAMED_FORMATS):
        assert f"`{name}`" in HOW_TO, name


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", REFERENCE, re.DOTALL))
def test_the_code_in_the_reference_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "call-log.md", "exec"), {})
