"""What the benchmark of starts makes of what it measured."""

import pytest

from benchmarks.browsing import Load
from benchmarks.machine import Memory
from benchmarks.start import Figures, percentile, report


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 95, None), ([3.0], 95, 3.0), ([1.0, 2.0, 3.0, 4.0], 50, 2.0), ([float(n) for n in range(1, 21)], 95, 19.0)],
)
def test_percentiles_are_values_that_were_measured(values: list[float], percent: float, expected: float | None) -> None:
    assert percentile(values, percent) == expected


def test_the_report_has_the_shape_that_programs_read() -> None:
    ours = Figures(
        warm=[1.0, 1.2, 0.8],
        storm=[5.0, 6.0],
        idle=[Memory(60, 20)],
        lab=[Load(2.5, 90, 1000)],
        kernel=[4.0],
        desktop=[3.0],
    )
    stock = Figures(warm=[4.0, 3.0, 5.0], storm=[10.0, 12.0], idle=[Memory(90, 10)], failed=1)
    found = report("base", ours, stock, {"cores": 2})
    assert list(found) == [
        "image",
        "ratio_server_ready",
        "ratio_storm_p95",
        "ratio_idle_memory",
        "lab_usable_s",
        "desktop_first_frame_s",
        "first_kernel_answer_s",
        "ours",
        "stock",
        "machine",
    ]
    assert list(found.values())[:7] == ["base", 0.25, 0.5, 0.8, 2.5, 3.0, 4.0]
    assert found["ours"] == {
        "server_ready_s": 1.0,
        "server_ready_p95_s": 1.2,
        "server_ready_cold_s": None,
        "storm_p50_s": 5.0,
        "storm_p95_s": 6.0,
        "storm_ready": 2,
        "idle_memory_bytes": 80,
        "idle_anonymous_bytes": 60,
        "idle_cache_bytes": 20,
        "lab_usable_s": 2.5,
        "first_kernel_answer_s": 4.0,
        "first_load_bytes": 1000,
        "first_load_requests": 90,
        "desktop_first_frame_s": 3.0,
        "failed": 0,
    }


def test_what_was_not_measured_has_no_figure_and_no_ratio() -> None:
    found = report("base", Figures(warm=[1.0]), Figures(warm=[2.0]), {})
    assert found["ratio_storm_p95"] is found["ratio_idle_memory"] is found["lab_usable_s"] is None
