"""The pages for those who connect: their code runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from api.commands import app as commands
from api.settings import ServerSettings
from tests.api.builders import a_ground, a_server
from tests.api.test_island import NEWPORT
from tests.conftest import ROOT

HOW_TO = ROOT / "docs" / "how-to"


def blocks(page: str, language: str) -> list[str]:
    text = (HOW_TO / page).read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_blocks_of_connect_a_cad_run_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from api.ground import open_ground
    from maps.region_file import bundled_regions

    if "isle-of-wight" not in bundled_regions():
        pytest.skip("the region is not bundled in this checkout")
    code = "\n".join(blocks("connect-a-cad.md", "python"))
    assert str(NEWPORT["lat"]) in code
    with a_server(tmp_path / "j.sqlite", ground=open_ground("isle-of-wight")) as client:
        monkeypatch.setenv("BLUELIGHT_URL", str(client.http.base_url).rstrip("/"))
        exec(compile(code, "connect-a-cad.md", "exec"), {"__name__": "page"})
    printed = capsys.readouterr().out
    assert "Sends IW-301 (DCA, paramedic) to CAD-778812" in printed


def test_the_page_on_running_names_every_setting() -> None:
    text = (HOW_TO / "run-the-server.md").read_text("utf-8")
    missing = [
        name for name in ServerSettings.model_fields if f"`BLUELIGHT_{name.upper()}`" not in text
    ]
    assert missing == []


def test_the_pages_use_commands_and_options_that_exist() -> None:
    command = typer.main.get_command(commands)
    assert isinstance(command, typer.core.TyperGroup)
    journal = command.commands["journal"]
    assert isinstance(journal, typer.core.TyperGroup)
    known = {
        "serve": command.commands["serve"],
        "journal verify": journal.commands["verify"],
        "journal export": journal.commands["export"],
    }
    lines = "\n".join(blocks("run-the-server.md", "bash")).replace("\\\n", " ").splitlines()
    used = [line.removeprefix("bluelight ") for line in lines if line.startswith("bluelight ")]
    assert len(used) >= 3
    for line in used:
        names = [name for name in known if line.startswith(name)]
        if not names:
            continue  # a command of another room
        options = {option for param in known[names[0]].params for option in param.opts}
        assert set(re.findall(r"--[a-z-]+", line)) <= options, line


def test_every_metric_that_the_page_names_exists(tmp_path: Path) -> None:
    named = set(re.findall(r"`(bluelight_[a-z_]+)`", (HOW_TO / "run-the-server.md").read_text()))
    with a_server(tmp_path / "j.sqlite", ground=a_ground()) as client:
        text = client.http.get("/metrics").text
    assert named
    assert [name for name in sorted(named) if name not in text] == []
