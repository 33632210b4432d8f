"""``bluelight halo``: rules for liaison officers, tried on history and explained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Rules for hospital ambulance liaison officers: explain, and try on history.",
    no_args_is_help=True,
)

RuleArgument = Annotated[str, typer.Argument(help="The rule, in the language of triggers.")]


@app.command(name="try")
def try_on_journal(
    rule: RuleArgument,
    *,
    journal: Annotated[Path, typer.Option(help="Journal of a replay or of a live service.")],
    region: Annotated[
        str | None, typer.Option(help="Name of the journal's region, or its file.")
    ] = None,
    hospital: Annotated[
        list[str] | None, typer.Option(help="Only this hospital; repeatable.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say how often a rule would have fired over a journal's history, and how often in time."""
    import msgspec

    from benchmarks.halo_trial import try_rule
    from benchmarks.journal_file import opened_journal
    from benchmarks.places import places_of

    try:
        with opened_journal(journal) as (header, _):
            name = region or header.region
        ground, travel = places_of(name)
        found = try_rule(rule, journal, ground, travel, tuple(hospital or ()))
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    for each in found:
        typer.echo(f"{each.hospital}: {each.trial.text()}")


@app.command()
def explain(
    rule: RuleArgument,
    about: Annotated[str, typer.Option(help="hospital or trust.")] = "hospital",
) -> None:
    """Read a rule and say what it means, or why it cannot be used."""
    from dispatch.domain.trigger_rule import VOCABULARIES, read_rule
    from dispatch.domain.trigger_rule import explain as in_words

    if about not in VOCABULARIES:
        raise typer.BadParameter(f"Expected hospital or trust, was {about!r}.", param_hint="about")
    try:
        typer.echo(in_words(read_rule(rule, about), about))
    except ValueError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
