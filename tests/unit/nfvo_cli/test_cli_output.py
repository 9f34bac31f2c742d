"""What commands print."""

from __future__ import annotations

import io

from nfvo.cli.output import Output, console, table


def test_a_name_gives_no_orders_to_a_terminal():
    """Escape sequences and marks that turn the order of characters are shown; lines stay lines."""
    paper = io.StringIO()
    output = Output(out=console(paper, color=False))
    name = "a\x1b[31mb\x9b2J\u202ec"
    output.data([name], lambda: table(("Name",), [(name,)], empty="none"))
    output.warn(f"{name}\nnext")
    assert paper.getvalue().splitlines() == [
        "Name",
        "a\u241b[31mb\ufffd2J\ufffdc",
        "warning: a\u241b[31mb\ufffd2J\ufffdc",
        "next",
    ]
