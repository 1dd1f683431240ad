"""A two-stranded coiled coil built from ideal geometry, written as mmCIF. A model, not an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import gemmi
import numpy as np
from numpy.typing import NDArray

Point = NDArray[np.float64]

SEQUENCE = "LEALKAE" * 3  # heptads abcdefg: leucine inside (a, d), lysine (e) facing glutamate (g)
RESIDUES = {"A": "ALA", "E": "GLU", "K": "LYS", "L": "LEU"}
PHI, PSI, OMEGA = -63.0, -42.0, 180.0  # degrees, a right-handed alpha helix
HALF_DISTANCE = 5.1  # Å from the axis of a helix to the axis of the pair
HALF_CROSSING = 10.0  # degrees that each helix leans from the axis of the pair
ROLL = 10.0  # degrees that each helix is turned about itself from where its leucines face the partner


class _Placed(NamedTuple):
    """An atom by its distance (Å), angle and torsion (degrees) to three atoms placed before it."""

    atom: str
    seen_from: tuple[str, str, str]
    distance: float
    angle: float
    torsion: float


# Distances and angles: Engh & Huber (1991), doi:10.1107/S0108767391001071; torsions: side-chain
# conformations frequent in helices, for leucine the ones with which the two chains interlock.
_CB = _Placed("CB", ("C", "N", "CA"), 1.530, 110.5, -122.6)


def _leucine(chi1: float, chi2: float) -> tuple[_Placed, ...]:
    return (
        _CB,
        _Placed("CG", ("N", "CA", "CB"), 1.530, 116.3, chi1),
        _Placed("CD1", ("CA", "CB", "CG"), 1.521, 110.7, chi2),
        _Placed("CD2", ("CA", "CB", "CG"), 1.521, 110.7, chi2 + 122.0),
    )


_LEUCINE_A, _LEUCINE_D = _leucine(-172.0, 145.0), _leucine(-65.0, 175.0)
_SIDE_CHAINS = {
    "ALA": (_CB,),
    "GLU": (
        _CB,
        _Placed("CG", ("N", "CA", "CB"), 1.520, 114.1, -67.0),
        _Placed("CD", ("CA", "CB", "CG"), 1.516, 112.6, 180.0),
        _Placed("OE1", ("CB", "CG", "CD"), 1.249, 118.4, -10.0),
        _Placed("OE2", ("CB", "CG", "CD"), 1.249, 118.4, 170.0),
    ),
    "LYS": (
        _CB,
        _Placed("CG", ("N", "CA", "CB"), 1.520, 114.1, -177.0),
        _Placed("CD", ("CA", "CB", "CG"), 1.520, 111.3, 180.0),
        _Placed("CE", ("CB", "CG", "CD"), 1.520, 111.3, 180.0),
        _Placed("NZ", ("CG", "CD", "CE"), 1.489, 111.9, 180.0),
    ),
}


def coiled_coil() -> gemmi.Structure:
    """Two chains, A and B, of `SEQUENCE`, related by a twofold axis along z."""
    helix = _facing_partner(_helix(SEQUENCE))
    structure = gemmi.Structure()
    structure.name = "DEMO"
    model = gemmi.Model(1)
    for name, half_turn in (("A", 1.0), ("B", -1.0)):
        placed = [{atom: at * [half_turn, half_turn, 1.0] for atom, at in residue.items()} for residue in helix]
        model.add_chain(_chain(name, placed))
    structure.add_model(model)
    structure.setup_entities()
    for entity in structure.entities:
        entity.full_sequence = [RESIDUES[letter] for letter in SEQUENCE]
    structure.deduplicate_entities()
    structure.assign_label_seq_id()
    return structure


def write_coiled_coil(target: Path, *, title: str, authors: tuple[str, ...]) -> None:
    """Write the model to the new file `target` as mmCIF."""
    structure = coiled_coil()
    structure.info["_struct.title"] = title
    structure.info["_exptl.method"] = "THEORETICAL MODEL"
    document = structure.make_mmcif_document()
    block = document.sole_block()
    loop = block.init_loop("_audit_author.", ["name", "pdbx_ordinal"])
    for ordinal, author in enumerate(authors, start=1):
        loop.add_row([gemmi.cif.quote(author), str(ordinal)])
    document.write_file(str(target))


def _chain(name: str, residues: list[dict[str, Point]]) -> gemmi.Chain:
    chain = gemmi.Chain(name)
    for number, (letter, atoms) in enumerate(zip(SEQUENCE, residues, strict=True), start=1):
        residue = gemmi.Residue()
        residue.name = RESIDUES[letter]
        residue.seqid = gemmi.SeqId(number, " ")
        residue.entity_type = gemmi.EntityType.Polymer
        for atom_name, (x, y, z) in atoms.items():
            atom = gemmi.Atom()
            atom.name = atom_name
            atom.element = gemmi.Element(atom_name[0])
            atom.pos = gemmi.Position(x, y, z)
            atom.b_iso = 20.0
            residue.add_atom(atom)
        chain.add_residue(residue)
    return chain


def _helix(sequence: str) -> list[dict[str, Point]]:
    """Heavy atoms of each residue of one ideal helix, somewhere in space."""
    residues: list[dict[str, Point]] = []
    trace = [np.array(point) for point in ((0.0, 0.0, 0.0), (1.458, 0.0, 0.0), (2.005, 1.424, 0.0))]
    for position, letter in enumerate(sequence):
        if residues:
            trace.append(_next_atom(trace, 1.329, 117.2, PSI))
            trace.append(_next_atom(trace, 1.458, 121.7, OMEGA))
            trace.append(_next_atom(trace, 1.525, 111.0, PHI))
        atoms = dict(zip(("N", "CA", "C"), trace[-3:], strict=True))
        atoms["O"] = _next_atom(trace, 1.231, 120.1, PSI + 180)
        for atom, seen_from, *geometry in _side_chain(letter, position):
            atoms[atom] = _next_atom([atoms[name] for name in seen_from], *geometry)
        residues.append(atoms)
    residues[-1]["OXT"] = _next_atom(trace, 1.231, 120.1, PSI)
    return residues


def _side_chain(letter: str, position: int) -> tuple[_Placed, ...]:
    if letter == "L":
        return _LEUCINE_A if position % 7 == 0 else _LEUCINE_D
    return _SIDE_CHAINS[RESIDUES[letter]]


def _next_atom(before: list[Point], distance: float, angle: float, torsion: float) -> Point:
    """The point at `distance` from the last of `before`, with that angle and torsion to the last three."""
    first, second, third = before[-3:]
    bend, turn = np.radians(180 - angle), np.radians(torsion)
    along = (third - second) / np.linalg.norm(third - second)
    normal = np.cross(second - first, along)
    normal /= np.linalg.norm(normal)
    local = distance * np.array([np.cos(bend), np.sin(bend) * np.cos(turn), np.sin(bend) * np.sin(turn)])
    return np.asarray(third + local @ np.array([along, np.cross(normal, along), normal]))


def _facing_partner(helix: list[dict[str, Point]]) -> list[dict[str, Point]]:
    """The helix along z with its leucines towards the z axis, moved off it and leaning across its partner."""
    trace = np.array([residue["CA"] for residue in helix])
    centre = trace.mean(axis=0)
    axis = np.linalg.svd(trace - centre)[2][0]
    axis *= np.sign(axis @ (trace[-1] - trace[0]))
    leucines = [residue["CB"] for residue, letter in zip(helix, SEQUENCE, strict=True) if letter == "L"]
    inward = np.mean(leucines, axis=0) - centre
    inward -= (inward @ axis) * axis
    inward /= np.linalg.norm(inward)
    upright = np.array([-inward, np.cross(axis, -inward), axis])
    roll, lean = np.radians(ROLL), np.radians(HALF_CROSSING)
    turn = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]])
    offset = np.array([HALF_DISTANCE, 0.0, 0.0])
    return [{name: tilt @ turn @ upright @ (at - centre) + offset for name, at in residue.items()} for residue in helix]
