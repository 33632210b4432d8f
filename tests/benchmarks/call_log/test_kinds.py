"""A file is what it holds, and one that is no log is told by its name and what to do."""

import gzip
import random
import zipfile

import pytest

from benchmarks.call_log.kinds import kind_of
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.source import form_of
from benchmarks.call_log.trial import tried

TABLE = "id,received,lon,lat,priority\n" + "".join(
    f"{n},2025-03-01T{n % 24:02d}:00:00Z,-1.{n:03d},52.{n:03d},{n % 4 + 1}\n" for n in range(300)
)
NOISE = random.Random(1).randbytes(50_000)
PAGE = b"\n<!DOCTYPE html><html><head><title>Sign in to\n your account</title></head></html>"


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "expected", "found"),
    [
        ("a.parquet", NOISE, "Parquet, as its name says,", "binary data of no kind"),
        ("a.gz", NOISE, "gzip, as its name says,", "binary data of no kind"),
        ("a.json", NOISE, "JSON, as its name says,", "binary data of no kind"),
        ("export", NOISE, "CSV, JSON or Parquet", "ask for it as CSV"),
        ("a.csv", PAGE, "CSV, JSON", "a web page with the title 'Sign in to your account': sign"),
        ("a.csv", b'<?xml version="1.0"?><Error/>', "CSV", "XML"),
        ("a.csv", b"%PDF-1.7", "CSV", "a PDF document"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1" + NOISE, "CSV", "an old workbook of Excel"),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\n", "CSV", "git lfs pull"),
        ("a.tar", b"a" * 257 + b"ustar" + NOISE, "CSV", "a tar archive"),
        ("a.csv", b"", "CSV", "an empty file"),
        ("a.csv", b" \n\n", "CSV", "an empty file"),
        ("a.json", b'{"message": "rate limit", "code": 403}', "a list of objects", "rate limit"),
        ("a.json", b'{"data": [[1, 2], [3, 4]]}', "objects with names", "list of lists"),
        ("a.csv", b"id,received,lon,lat\n", "rows", "none below the header (id, received"),
        ("a.csv", b"id,received,lon\n1,2\n3\n", "rows", "2 lines that are none (a.csv, row 2:"),
    ],
)
def test_a_file_that_is_no_log_is_told_in_a_sentence(tmp_path, name, content, expected, found):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match="Expected ") as told:
        propose(path)
    assert f"Expected {expected}" in str(told.value)
    assert found in str(told.value)
    assert "\n" not in str(told.value)


def test_an_archive_with_one_table_is_read(tmp_path):
    members = {"part/incidents.csv": TABLE, "README.txt": "about", "licence.pdf": "%PDF"}
    path = archive(tmp_path / "a.zip", members | {"__MACOSX/x.csv": "", "part/.x.csv": ""})
    assert kind_of(path) == "csv"
    assert "300 can be used" in tried(path, propose(path), "proposed", 1000)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"[Content_Types].xml": "", "xl/workbook.xml": ""}, "was a workbook of Excel: open it"),
        ({"[Content_Types].xml": "", "word/document.xml": ""}, "was a document of Office"),
        ({"mimetype": "", "content.xml": ""}, "was an OpenDocument file"),
        ({"x.parquet": b"PAR1" + NOISE}, "was a Parquet file in an archive: unpack it"),
        ({"one.csv": TABLE, "two.csv": TABLE}, r"was 2 \(one.csv, two.csv\): unpack the one"),
        ({}, "was an empty zip archive"),
    ],
)
def test_an_archive_of_something_else_is_told(tmp_path, members, message):
    with pytest.raises(ValueError, match=message):
        propose(archive(tmp_path / "a.xlsx", members))


def test_an_archive_that_was_cut_off_or_damaged_is_told(tmp_path):
    path = archive(tmp_path / "a.zip", {"incidents.csv": TABLE})
    whole = path.read_bytes()
    packed = gzip.compress(TABLE.encode())
    for content in (
        whole[:500],
        packed[:500],
        packed[:400] + b"\xff" * 50 + packed[450:],
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"whole, was cut off or damaged .*: download"):
            propose(path)


def test_an_archive_packed_otherwise_is_not_called_damaged(tmp_path):
    path = archive(tmp_path / "a.zip", {"incidents.csv": TABLE})
    deflate64 = (9).to_bytes(2, "little")
    whole = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = whole.index(header) + offset
        whole[at : at + 2] = deflate64
    path.write_bytes(whole)
    with pytest.raises(ValueError, match=r"packed as usual .*, was packed otherwise .*: unpack it"):
        propose(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_two_bytes_a_letter_is_known_with_and_without_its_mark(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.encode(encoding))
    assert form_of(path).encoding == encoding
    assert "300 can be used" in tried(path, propose(path), "proposed", 1000)


def test_a_name_that_promises_too_much_harms_nothing(tmp_path):
    for name in ("a.parquet", "a.gz", "a.zip", "a"):
        path = tmp_path / name
        path.write_text(TABLE)
        assert kind_of(path) == "csv"
        path.write_bytes(gzip.compress(TABLE.encode()))
        assert "300 can be used" in tried(path, propose(path), "proposed", 1000)


def test_one_bad_record_does_not_make_a_file_binary(tmp_path):
    path = tmp_path / "a.csv"
    head, _, rest = TABLE.partition("\n")
    path.write_bytes(head.encode() + b"\n" + NOISE[:2000] + b"\n" + rest.encode())
    assert "300 can be used" in tried(path, propose(path), "proposed", 1000)


def test_a_header_in_brackets_is_no_json(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(TABLE.replace("id,received", "[id],[received]"))
    assert kind_of(path) == "csv"


def test_a_folder_is_told(tmp_path):
    with pytest.raises(ValueError, match="was a folder: name one file in it"):
        kind_of(tmp_path)
