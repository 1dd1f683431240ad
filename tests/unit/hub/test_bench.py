import pytest

from benchmarks.spawn import Figures, percentile, report


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 95, None), ([3.0], 95, 3.0), ([1.0, 2.0, 3.0, 4.0], 50, 2.0), ([float(n) for n in range(1, 21)], 95, 19.0)],
)
def test_percentiles_are_values_that_were_measured(values: list[float], percent: float, expected: float | None) -> None:
    assert percentile(values, percent) == expected


def test_the_report_has_the_shape_that_programs_read() -> None:
    ours = Figures(singles=[1.0, 1.2, 0.8], storm=[5.0, 6.0])
    stock = Figures(singles=[4.0, 3.0, 5.0], storm=[10.0, 12.0], failed=1)
    assert report(2, ours, stock) == {
        "users": 2,
        "ours": {"median_s": 1.0, "p95_s": 1.2, "storm_p95_s": 6.0, "failed": 0},
        "stock": {"median_s": 4.0, "p95_s": 5.0, "storm_p95_s": 12.0, "failed": 1},
        "ratio_median": 0.25,
        "ratio_storm_p95": 0.5,
    }


def test_without_a_storm_there_is_no_ratio_of_storms() -> None:
    assert report(1, Figures(singles=[1.0]), Figures(singles=[2.0]))["ratio_storm_p95"] is None
