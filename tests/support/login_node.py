"""A hub with the demo's provider, and the people who come there."""

from __future__ import annotations

from pathlib import Path

from tests.support.hub_process import LoginHub, Visitor, login_site
from tests.support.identity_providers import DemoProvider, Person

RESEARCHER = Person("researcher", ("imaging", "structural"))
RESEARCHER2 = Person("researcher2", ("imaging",))
OPERATOR = Person("operator", ("operators", "imaging"))
STRANGER = Person("stranger", claims={"eduperson_entitlement": ["urn:geant:elsewhere.example:group:anglers"]})
PEOPLE = (RESEARCHER, RESEARCHER2, OPERATOR, STRANGER)


class LoginNode:
    """A hub with its provider."""

    def __init__(self, folder: Path, people: tuple[Person, ...] = PEOPLE, **settings: object) -> None:
        self.hub = LoginHub(folder / "hub")
        self.provider = DemoProvider(folder / "provider", people, self.hub.url, **settings)

    def start(self, **login: object) -> None:
        self.provider.start()
        self.hub.start(login_site(**login), self.provider.issuer)

    def stop(self) -> None:
        self.hub.stop()
        self.provider.stop()

    def visitor(self) -> Visitor:
        return Visitor(self.hub)
