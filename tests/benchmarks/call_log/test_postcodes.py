"""Lists of postcodes and areas as they are handed out."""

import math

from benchmarks.call_log.postcodes import Postcodes


def found(folder, text, codes, encoding="utf-8"):
    path = folder / "list.txt"
    path.write_bytes(text.encode(encoding))
    lon, lat = Postcodes(path).find(codes)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def test_the_gazetteer_of_the_us_census_serves(tmp_path):
    text = "GEOID\tALAND\tINTPTLAT\tINTPTLONG                 \n02138\t1\t42.38\t-71.13\n"
    spots = found(tmp_path, text, ["02138", "2138", "02138-1234", "2138.0"])
    assert spots == [(-71.13, 42.38)] * 4


def test_a_file_of_geonames_without_a_header_serves(tmp_path):
    row = "CA\t{}\tToronto\tOntario\tON\t\t\t\t\t43.65\t-79.36\t6\n"
    text = "".join(row.format(code) for code in ("M5A", "M4B"))
    (known,) = found(tmp_path, text, ["m4b 1A1"])
    assert known == (-79.36, 43.65)


def test_names_of_areas_are_found_without_accents_and_by_decimal_comma(tmp_path):
    text = "name;lat;lon\nÁgua Fria;-8,02;-34,89\n"
    assert found(tmp_path, text, ["AGUA FRIA", "agua-fria"], "cp1252") == [(-34.89, -8.02)] * 2


def test_what_no_list_knows_is_nowhere(tmp_path):
    ((lon, lat),) = found(tmp_path, "zip,lon,lat\n10001,-73.99,40.75\n", ["99999"])
    assert math.isnan(lon)
    assert math.isnan(lat)
