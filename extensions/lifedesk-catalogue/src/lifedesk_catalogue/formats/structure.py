"""Open mmCIF and PDB files as gemmi structures, gzipped or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lifedesk_catalogue.errors import OpenFailed

if TYPE_CHECKING:
    import gemmi


def open_structure(path: Path) -> gemmi.Structure:
    """The structure in the file. Raises `OpenFailed` when there are no atoms in it."""
    import gemmi

    try:
        structure = gemmi.read_structure(str(path))
        structure.setup_entities()
    except (ValueError, RuntimeError, OSError, IndexError) as error:
        raise OpenFailed(f"{path.name!r} is not a readable structure: {error}") from error
    if not len(structure) or not any(len(chain) for chain in structure[0]):
        raise OpenFailed(f"{path.name!r} holds no atoms: it is a CIF, but not one of a macromolecular structure.")
    return structure
