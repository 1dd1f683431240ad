import json

from pydantic import SecretStr

from lifedesk_hub.config import HubSecrets, hub_config, masked, session_archives
from tests.support.site import a_deployment, small_site

SECRETS = HubSecrets(
    client_secret=SecretStr("client-hunter2"),
    proxy_token=SecretStr("proxy-hunter2"),
    crypt_key=SecretStr("ab" * 32),
    command_token=SecretStr("command-hunter2"),
)


def test_the_same_site_gives_the_same_configuration() -> None:
    once = masked(hub_config(small_site(), a_deployment(), SECRETS))
    again = masked(hub_config(small_site(), a_deployment(), SECRETS))
    assert once == again


def test_no_secret_is_in_what_is_shown() -> None:
    shown = json.dumps(masked(hub_config(small_site(), a_deployment(), SECRETS)))
    for secret in ("hunter2", "ab" * 32, "\\xab"):
        assert secret not in shown


def test_a_secret_that_came_in_by_the_override_is_masked_too() -> None:
    override = {
        "JupyterHub": {"db_url": "postgresql://hub:hunter2@db.example/hub", "cookie_secret_file": "/srv/cookie_secret"},
        "SessionSpawner": {"client_kwargs": {"password": "/hunter2", "passwords": ["hunter2"]}},
    }
    shown = masked(hub_config(small_site(hub_override=override), a_deployment(), SECRETS))
    assert "hunter2" not in json.dumps(shown)
    assert shown["JupyterHub"]["db_url"] == "postgresql://********@db.example/hub"
    assert shown["JupyterHub"]["cookie_secret_file"] == "/srv/cookie_secret"


def test_sessions_outlive_the_hub_and_the_proxy_is_a_process_of_its_own() -> None:
    config = hub_config(small_site(), a_deployment(), SECRETS)
    assert config.JupyterHub.cleanup_servers is False
    assert config.ConfigurableHTTPProxy.should_start is False


def test_the_hub_listens_where_sessions_reach_it_and_nowhere_else() -> None:
    config = hub_config(small_site(), a_deployment(), SECRETS)
    assert config.JupyterHub.hub_bind_url == "http://172.18.0.1:8081"
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000"


def test_no_image_of_a_persons_choice_is_ever_started() -> None:
    assert hub_config(small_site(), a_deployment(), SECRETS).SessionSpawner.allowed_images == []


def test_every_scope_beyond_a_persons_own_is_listed_here() -> None:
    config = hub_config(small_site(), a_deployment(), SECRETS)
    held = {role["name"]: (role["scopes"], role.get("services")) for role in config.JupyterHub.load_roles}
    assert held["node-status"] == (["list:users", "read:users", "read:servers"], ["lifedesk-command"])
    assert config.JupyterHub.load_roles[0] == {
        "name": "operator",
        "description": "See who is here, start and end sessions, delete people",
        "scopes": ["admin-ui", "list:users", "read:users", "servers", "delete:users"],
        "groups": ["operators"],
    }
    assert set(held) == {"operator", "node-status"}


def test_the_override_is_applied_last() -> None:
    site = small_site(hub_override={"JupyterHub": {"concurrent_spawn_limit": 3}})
    assert hub_config(site, a_deployment(), SECRETS).JupyterHub.concurrent_spawn_limit == 3


def test_a_session_is_told_which_archives_it_can_search() -> None:
    assert session_archives(small_site(), a_deployment()) == {
        "site": {"path": "/data/site"},
        "bioimage-archive": {"base_url": "https://www.ebi.ac.uk/biostudies/api/v1", "collection": "BioImages"},
    }
    none = small_site(archives={"site": None, "bioimage-archive": None})
    assert session_archives(none, a_deployment()) == {}
