"""The pages as configuration of the hub."""

from __future__ import annotations

import re

from jinja2 import Environment, FileSystemLoader

from lifedesk_hub.pages import PROXY_ERRORS_FOLDER, TEMPLATE_FOLDER, pages_config
from lifedesk_hub.pages.assets import STATIC_FOLDER
from tests.unit.pages.test_words import SITE

FOLDERS = (TEMPLATE_FOLDER, STATIC_FOLDER, PROXY_ERRORS_FOLDER)


def test_the_sites_name_and_contact_reach_every_page() -> None:
    variables = pages_config(SITE).JupyterHub.template_vars
    assert variables["site_name"] == "Cells"
    assert variables["contact"] == "the helpdesk"


def test_two_configurations_share_nothing_that_can_change() -> None:
    first = pages_config(SITE)
    first.JupyterHub.tornado_settings["headers"]["X-Other"] = "1"
    assert "X-Other" not in pages_config(SITE).JupyterHub.tornado_settings["headers"]


def test_every_template_can_be_read() -> None:
    environment = Environment(loader=FileSystemLoader(TEMPLATE_FOLDER), autoescape=True)
    names = environment.list_templates()
    assert "page.html" in names
    for name in names:
        environment.get_template(name)


def test_no_page_style_or_script_names_another_host() -> None:
    for file in (file for folder in FOLDERS for file in folder.iterdir()):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"//\w", text), f"{file.name} names an address"
