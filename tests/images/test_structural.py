"""What the structural image promises: read structures and maps, compute with them, simulate, refine."""

from __future__ import annotations

import docker
import pytest

from lifedesk_hub import singleuser
from tests.images.session import images_on, run
from tests.support.samples import samples_folder

IMPORTED = (
    "biotite.structure.io",
    "gemmi",
    "ipymolstar",
    "MDAnalysis",
    "molviewspec",
    "mrcfile",
    "pandas",
    "scipy.spatial",
)
PEPTIDE = """
import gemmi
st = gemmi.Structure()
model, chain = gemmi.Model(1), gemmi.Chain("A")
residue = gemmi.Residue(); residue.name, residue.seqid = "ALA", gemmi.SeqId("1")
for name, element, place in (("N", "N", (0, 0, 0)), ("CA", "C", (1.45, 0, 0)), ("C", "C", (2.0, 1.4, 0)),
                             ("O", "O", (1.3, 2.4, 0)), ("CB", "C", (2.0, -0.8, 1.2))):
    atom = gemmi.Atom(); atom.name, atom.element, atom.pos = name, gemmi.Element(element), gemmi.Position(*place)
    residue.add_atom(atom)
chain.add_residue(residue); model.add_chain(chain); st.add_model(model)
st.write_pdb("/tmp/peptide.pdb")
st.make_mmcif_document().write_file("/tmp/peptide.cif")
"""
THREE_READERS = f"""{PEPTIDE}
import warnings; warnings.simplefilter("ignore")
import MDAnalysis
from biotite.structure.io import load_structure
atoms = MDAnalysis.Universe("/tmp/peptide.pdb").atoms
ours = gemmi.read_structure("/tmp/peptide.cif")[0].count_atom_sites()
print(ours, len(load_structure("/tmp/peptide.cif")), len(atoms), round(float(atoms.center_of_mass()[0]), 2))
"""
REAL_STRUCTURE = """
import warnings; warnings.simplefilter("ignore")
import gemmi
from biotite.structure.io.pdbx import BinaryCIFFile, get_structure
model = gemmi.read_structure("/samples/pdb/1aki.cif")[0]
binary = get_structure(BinaryCIFFile.read("/samples/pdb/1aki.bcif"), model=1)
print(model.count_atom_sites(), len(binary), gemmi.one_letter_code([r.name for r in model["A"].get_polymer()])[:8])
"""
REAL_MAP = """
import mrcfile
with mrcfile.open("/samples/emdb/EMD-3197.map") as opened:
    print(opened.data.shape, round(float(opened.voxel_size.x), 2), opened.is_volume())
"""
PYMOL = """
from pymol import cmd
cmd.load("/tmp/peptide.cif")
cmd.show_as("spheres")
cmd.bg_color("black")
cmd.ray(200, 150)
cmd.png("/tmp/peptide.png")
print("threads", cmd.get_setting_int("max_threads"), "atoms", cmd.count_atoms())
"""
WATER = r"""
set -e
cd /tmp
gmx pdb2gmx -f /usr/share/gromacs/top/spc216.gro -ff amber99sb-ildn -water spce -o water.gro -p water.top
printf 'integrator=md\nnsteps=50\ndt=0.002\nrcoulomb=0.8\nrvdw=0.8\ncoulombtype=PME\n' > run.mdp
gmx grompp -f run.mdp -c water.gro -p water.top -o run.tpr -maxwarn 1
gmx mdrun -s run.tpr -deffnm run
"""
SMALL_MAP = """
import mrcfile, numpy
with mrcfile.new("/tmp/ball.mrc") as made:
    z, y, x = numpy.mgrid[-1:1:32j, -1:1:32j, -1:1:32j]
    made.set_data((x**2 + y**2 + z**2 < 0.5).astype("float32"))
    made.voxel_size = 2.0
"""


@pytest.fixture(params=images_on("structural"))
def tag(request: pytest.FixtureRequest, image_tags: dict[str, str]) -> str:
    return image_tags[request.param]


def python(engine: docker.DockerClient, tag: str, home: str, code: str) -> str:
    return run(engine, tag, ["python", "-c", code], home)


def shell(engine: docker.DockerClient, tag: str, home: str, script: str, **changed: object) -> str:
    return run(engine, tag, ["bash", "-c", f"({script}) 2>&1"], home, **changed)


def test_the_promised_packages_can_be_imported(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert python(docker_engine, tag, home, f"import {', '.join(IMPORTED)}; print('all')").endswith("all\n")


def test_three_libraries_read_the_same_peptide(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert python(docker_engine, tag, home, THREE_READERS) == "5 5 5 1.31\n"


def test_an_entry_of_the_pdb_is_read_as_text_and_as_binary(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    volumes = {str(samples_folder().resolve()): {"bind": "/samples", "mode": "ro"}, home: {"bind": singleuser.HOME}}
    told = run(docker_engine, tag, ["python", "-c", REAL_STRUCTURE], volumes=volumes)
    assert told == "1079 1079 KVFGRCEL\n"


def test_a_map_of_the_emdb_is_read(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    volumes = {str(samples_folder().resolve()): {"bind": "/samples", "mode": "ro"}, home: {"bind": singleuser.HOME}}
    assert run(docker_engine, tag, ["python", "-c", REAL_MAP], volumes=volumes) == "(20, 20, 20) 11.4 True\n"


def test_pymol_draws_and_takes_the_session_s_processors(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    script = f"python -c '{PEPTIDE}' && cat > /tmp/draw.py <<'END'\n{PYMOL}\nEND\npymol -cq /tmp/draw.py"
    told = shell(docker_engine, tag, home, f"{script} && file=/tmp/peptide.png && wc -c < $file",
                 environment={"OMP_NUM_THREADS": "1"})  # fmt: skip
    assert "threads 1 atoms 5" in told, told
    assert int(told.split()[-1]) > 2000, told


def test_gromacs_simulates_water_with_the_session_s_processors(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    told = shell(docker_engine, tag, home, f"{WATER}\ngrep -c Finished run.log", nano_cpus=1_000_000_000)
    assert "Using 1 OpenMP thread" in told, told[-3000:]
    assert told.endswith("1\n"), told[-3000:]


def test_relion_handles_a_map_and_starts_its_parallel_programs(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    script = f"""set -e; cd /tmp; python -c '{SMALL_MAP}'
        relion_image_handler --i ball.mrc --o half.mrc --rescale_angpix 4 --new_box 16
        python -c "import mrcfile; print(mrcfile.read('half.mrc').shape)"
        mpirun -n 3 relion_refine_mpi 2>&1 | grep 'Number of MPI processes'"""
    told = shell(docker_engine, tag, home, script)
    assert "(16, 16, 16)" in told, told
    assert told.split()[-1] == "3", told


def test_open_babel_converts_and_builds_three_dimensions(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    assert "1 molecule converted" in shell(docker_engine, tag, home, "obabel -:CCO -O /tmp/e.sdf --gen3d")
    told = shell(docker_engine, tag, home, "obabel -:CCO -ocan --append formula")
    assert "C2H6O" in told, told


def test_ctffind_and_the_dictionary_of_monomers_are_where_programs_look(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    script = 'test -x "$RELION_CTFFIND_EXECUTABLE" && ls "$CLIBD_MON/a/ALA.cif"'
    assert "ALA.cif" in shell(docker_engine, tag, home, script)
    monomer = (
        'import gemmi, os; print(len(gemmi.read_monomer_lib(os.environ["CLIBD_MON"], ["ALA"]).monomers["ALA"].atoms))'
    )
    assert python(docker_engine, tag, home, monomer) == "10\n"
