"""What the medical image promises: DICOM read, measured, changed and written, by Python and at the command line."""

from __future__ import annotations

import docker
import pytest

from lifedesk_hub import singleuser
from tests.images.session import images_on, run
from tests.support.samples import samples_folder

IMPORTED = (
    "dicomweb_client",
    "highdicom",
    "ipyniivue",
    "nibabel",
    "openjpeg",
    "pydicom",
    "skimage.filters",
    "SimpleITK",
)
SERIES = """
import numpy, pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from pathlib import Path
folder = Path("/tmp/ct"); folder.mkdir()
study, series, frame = generate_uid(), generate_uid(), generate_uid()
for number in range(12):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    slice_ = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
    slice_.SOPClassUID, slice_.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    slice_.StudyInstanceUID, slice_.SeriesInstanceUID, slice_.FrameOfReferenceUID = study, series, frame
    slice_.Modality, slice_.SeriesDescription, slice_.PatientID, slice_.PatientName = "CT", "Steps", "1", "Nobody"
    slice_.StudyDate, slice_.StudyTime, slice_.PatientBirthDate, slice_.PatientSex = "20260101", "120000", "", "O"
    slice_.StudyID, slice_.AccessionNumber, slice_.ReferringPhysicianName, slice_.Manufacturer = "1", "", "", ""
    slice_.SeriesNumber, slice_.InstanceNumber, slice_.PatientPosition = 1, number + 1, "HFS"
    slice_.ImagePositionPatient, slice_.ImageOrientationPatient = [-8, -8, 5.0 * number], [1, 0, 0, 0, 1, 0]
    slice_.PixelSpacing, slice_.SliceThickness, slice_.PositionReferenceIndicator = [0.5, 0.5], 5, ""
    slice_.Rows = slice_.Columns = 32
    slice_.SamplesPerPixel, slice_.PhotometricInterpretation = 1, "MONOCHROME2"
    slice_.BitsAllocated = slice_.BitsStored = 16
    slice_.HighBit, slice_.PixelRepresentation, slice_.RescaleSlope, slice_.RescaleIntercept = 15, 1, 1, 0
    slice_.PixelData = numpy.full((32, 32), 100 * number, "<i2").tobytes()
    slice_.save_as(folder / f"{(7 * number) % 12:02}.dcm", enforce_file_format=True)  # names in another order
"""
VIEWED = f"""{SERIES}
import sys; sys.path.insert(0, "/opt/lifedesk/images/medical")
import nibabel, open_dicom
(folder / "notes.txt").write_text("no picture")
written = open_dicom.write_volume(open_dicom.series_of(folder / "00.dcm"))
volume = nibabel.load(written)
steps = volume.get_fdata()[16, 16]
print(written.name, volume.shape, volume.header.get_zooms(), bool((steps[1:] > steps[:-1]).all()))
assert open_dicom.series_of(Path("/tmp")) and len(open_dicom.series_of(folder)) == 12
try:
    open_dicom.series_of(folder / "notes.txt")
except open_dicom.NothingToShow as error:
    print(error)
"""
SEGMENTED = f"""{SERIES}
import highdicom
from highdicom.content import AlgorithmIdentificationSequence
from pydicom.sr.codedict import codes
slices = [pydicom.dcmread(file) for file in sorted(folder.iterdir())]
slices.sort(key=lambda one: one.ImagePositionPatient[2])
mask = numpy.stack([one.pixel_array > 500 for one in slices]).astype("uint8")
described = highdicom.seg.SegmentDescription(
    1, "Bright", codes.SCT.Tissue, codes.SCT.Tissue, highdicom.seg.SegmentAlgorithmTypeValues.MANUAL)
made = highdicom.seg.Segmentation(
    slices, mask, highdicom.seg.SegmentationTypeValues.BINARY, [described], generate_uid(), 2, generate_uid(), 1,
    "Lifedesk", "test", "1", "1")
made.save_as("/tmp/seg.dcm")
print(highdicom.seg.segread("/tmp/seg.dcm").get_volume().array.sum(), mask.sum())
"""
COMPRESSED = """
import numpy, pydicom
plain = pydicom.dcmread("/samples/dicomweb/MR_small.dcm").pixel_array
packed = pydicom.dcmread("/samples/dicomweb/MR_small_jpeg_ls_lossless.dcm")
again = pydicom.dcmread("/samples/dicomweb/CT_small.dcm")
before = again.pixel_array.copy()
again.compress("1.2.840.10008.1.2.5")
print(bool((plain == packed.pixel_array).all()), bool((again.pixel_array == before).all()), before.shape)
"""


@pytest.fixture(params=images_on("medical"))
def tag(request: pytest.FixtureRequest, image_tags: dict[str, str]) -> str:
    return image_tags[request.param]


def python(engine: docker.DockerClient, tag: str, home: str, code: str, **changed: object) -> str:
    return run(engine, tag, ["python", "-W", "ignore", "-c", code], home, **changed)


def with_samples(home: str) -> dict[str, dict[str, str]]:
    return {str(samples_folder().resolve()): {"bind": "/samples", "mode": "ro"}, home: {"bind": singleuser.HOME}}


def test_the_promised_packages_can_be_imported(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert python(docker_engine, tag, home, f"import {', '.join(IMPORTED)}; print('all')").endswith("all\n")


def test_a_slice_is_shown_with_its_whole_series_in_the_order_of_its_places(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    told = python(docker_engine, tag, home, VIEWED).splitlines()
    assert told[0] == "CT_Steps.nii (32, 32, 12) (np.float32(0.5), np.float32(0.5), np.float32(5.0)) True", told
    assert told[1] == "notes.txt is no DICOM picture."


def test_a_segmentation_is_written_as_dicom_and_read_again(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    assert python(docker_engine, tag, home, SEGMENTED) == "6144 6144\n"


def test_compressed_pictures_are_read_as_their_uncompressed_twins(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    told = python(docker_engine, tag, home, COMPRESSED, volumes=with_samples(home))
    assert told == "True True (128, 128)\n"


def test_dcmtk_and_dcm2niix_read_a_real_ct(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    script = """set -e
        dcmdump +P Modality /samples/dicomweb/CT_small.dcm
        dcm2niix -o /tmp -f ct -z y /samples/dicomweb/CT_small.dcm > /dev/null && ls /tmp/ct.nii.gz
        cat /samples/dicomweb/CT_small.dcm > /tmp/CT_small.dcm && dcmodify -nb -ma PatientName=Nobody /tmp/CT_small.dcm
        dcmdump +P PatientName /tmp/CT_small.dcm"""
    told = run(docker_engine, tag, ["bash", "-c", script], volumes=with_samples(home))
    assert "CS [CT]" in told
    assert "ct.nii.gz" in told
    assert "PN [Nobody]" in told


def test_a_dicom_server_is_asked_over_dicomweb_without_one_near(
    docker_engine: docker.DockerClient, tag: str, home: str
) -> None:
    code = """
from dicomweb_client import DICOMfileClient
client = DICOMfileClient("file:///samples/dicomweb", in_memory=True, update_db=True)
found = client.search_for_instances()
print(len(found) > 1, sorted({one["00080060"]["Value"][0] for one in found}))
"""
    assert python(docker_engine, tag, home, code, volumes=with_samples(home)).endswith("True ['CT', 'MR', 'SM']\n")
