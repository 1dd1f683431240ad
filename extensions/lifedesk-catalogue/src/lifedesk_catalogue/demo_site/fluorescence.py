"""What a fluorescence microscope adds to a scene: blur, photon noise, camera offset. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Volume = NDArray[np.float64]

CAMERA_OFFSET = 100.0
READ_NOISE = 2.0


def blurred(scene: Volume, sigmas: Sequence[float]) -> Volume:
    """`scene` after a Gaussian of these widths (in pixels, one per axis), opposite edges joined."""
    spectrum = np.fft.rfftn(scene)
    for axis, (size, sigma) in enumerate(zip(scene.shape, sigmas, strict=True)):
        last = axis == scene.ndim - 1
        frequencies = np.fft.rfftfreq(size) if last else np.fft.fftfreq(size)
        damping = np.exp(-2 * (np.pi * sigma * frequencies) ** 2)
        spectrum *= damping.reshape([-1 if other == axis else 1 for other in range(scene.ndim)])
    return np.fft.irfftn(spectrum, s=scene.shape, axes=range(scene.ndim))


def texture(shape: Sequence[int], sigmas: Sequence[float], random: np.random.Generator) -> Volume:
    """Smooth random structure with mean 0 and standard deviation 1, grains as wide as `sigmas`."""
    grains = blurred(random.standard_normal(tuple(shape)), sigmas)
    return np.asarray((grains - grains.mean()) / grains.std())


def recorded(photons: Volume, sigmas: Sequence[float], random: np.random.Generator) -> NDArray[np.uint16]:
    """The counts a camera records of `photons`: seen through a point spread of `sigmas`, with noise."""
    expected = np.clip(blurred(photons, sigmas), 0, None)
    counts = random.poisson(expected) + random.normal(CAMERA_OFFSET, READ_NOISE, photons.shape)
    return np.clip(np.rint(counts), 0, np.iinfo(np.uint16).max).astype(np.uint16)
