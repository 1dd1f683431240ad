from lifedesk_hub.mounts import Volume, home_volume, volumes_for
from tests.support.site import a_deployment, small_site


def test_groups_decide_what_a_session_sees() -> None:
    member = volumes_for(small_site(), a_deployment(), "u" + "a" * 24, {"imaging"})
    other = volumes_for(small_site(), a_deployment(), "u" + "b" * 24, {"structural"})
    assert Volume("/srv/microscopes", "/data/microscopes", read_only=True) in member
    assert "/data/microscopes" not in {volume.target for volume in other}
    assert Volume("/srv/scratch", "/data/scratch", read_only=False) in other


def test_everybody_has_a_home_of_their_own_and_the_data_sets_read_only() -> None:
    volumes = volumes_for(small_site(), a_deployment(), "uabc", set())
    assert volumes[0] == Volume("lifedesk-test-home-uabc", "/home/jovyan", read_only=False)
    assert Volume("/srv/archive", "/data/site", read_only=True) in volumes


def test_without_a_site_archive_nothing_is_mounted_for_it() -> None:
    site = small_site(archives={"site": None})
    assert "/data/site" not in {volume.target for volume in volumes_for(site, a_deployment(), "uabc", set())}


def test_homes_of_two_nodes_on_one_machine_do_not_meet() -> None:
    assert home_volume(a_deployment(), "uabc") != home_volume(a_deployment(name="lifedesk-other"), "uabc")
