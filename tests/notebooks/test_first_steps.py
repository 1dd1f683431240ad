"""The course notebooks are tidy, and run top to bottom in the environment their README names."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

import lifedesk_catalogue
from tests.support.node import Node, logged_in

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
FIRST_STEPS = NOTEBOOKS / "first-steps" / "01_first_steps.ipynb"
EVERY_NOTEBOOK = sorted(NOTEBOOKS.glob("*/*.ipynb"))
LONGEST_CELL = 15


def code_cells(path: Path) -> list[Any]:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(cell: Any) -> str:
    """What a cell printed and showed as text."""
    parts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell["outputs"]]
    return "".join("".join(part) for part in parts)  # the file format writes text as a list of lines


@pytest.mark.parametrize("path", EVERY_NOTEBOOK, ids=lambda path: path.stem)
def test_notebook_is_committed_without_outputs_in_short_cells_after_prose(path: Path) -> None:
    assert nbformat.read(path, as_version=4).cells[0].cell_type == "markdown"
    for cell in code_cells(path):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert len(cell.source.splitlines()) <= LONGEST_CELL, cell.source


@pytest.mark.parametrize("path", EVERY_NOTEBOOK, ids=lambda path: path.stem)
def test_notebook_uses_public_names_only(path: Path) -> None:
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lifedesk"):
                assert node.module == "lifedesk_catalogue"
                assert {name.name for name in node.names} <= set(lifedesk_catalogue.__all__)


@pytest.mark.timeout(600)
def test_first_steps_runs_top_to_bottom_in_a_researchers_session(node: Node) -> None:
    with logged_in(node, "researcher") as person:
        person.start_and_wait(profile="imaging", size="medium")
        person.run("rm", "-rf", "/home/jovyan/data")
        person.run("jupyter", "execute", "--timeout=300", "--output=/tmp/run.ipynb", f"first-steps/{FIRST_STEPS.name}")
        printed = person.run("cat", "/tmp/run.ipynb")
        person.run("rm", "-rf", "/home/jovyan/data")
    cells = [cell for cell in json.loads(printed)["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    shown = "\n".join(texts(cell) for cell in cells)
    assert "demo-cells-3d: Epithelial cells" in shown
    assert "Licence: CC0-1.0" in shown
    assert "files fetched into /home/jovyan/data/site/demo-cells-3d" in shown
    assert "OME-Zarr 0.5 {'c': 3, 'z': 20, 'y': 320, 'x': 320}" in shown
    assert "nuclei, median volume" in shown
    assert "Chain A: 21 residues" in shown
    pictures = [output for cell in cells for output in cell["outputs"] if "image/png" in output.get("data", {})]
    assert len(pictures) == 3, "one picture each of the cells, the volumes and the structure"
