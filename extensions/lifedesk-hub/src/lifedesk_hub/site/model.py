"""The site model: what a node offers, to whom, and through which login."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from lifedesk_hub.site.offers import Desktop, Profile, Size
from lifedesk_hub.site.types import (
    AbsolutePath,
    Closed,
    Days,
    Destination,
    GroupUrn,
    Sentence,
    Slug,
    Source,
    Text,
    VariableName,
    WebAddress,
    Whole,
)

Provider = Literal["ls-login", "egi-check-in", "cilogon", "orcid", "github", "oidc", "demo"]


class SecretReference(Closed):
    """Where a secret is kept: a file only its owner can read, or a variable of the environment."""

    file: Text | None = None
    """File that holds the secret and nothing else; mode 0600. Relative paths start at the site file."""
    env: VariableName | None = None
    """Environment variable that holds the secret at the moment the node is brought up."""

    @model_validator(mode="before")
    @classmethod
    def _is_a_reference(cls, value: object) -> object:
        # An unknown key is refused here as well, for it may be the secret: `{hunter2}` is a key without a value.
        if not isinstance(value, SecretReference) and not (isinstance(value, dict) and value.keys() <= {"file", "env"}):
            raise ValueError("a secret is never written in the site file: give {file: PATH} or {env: NAME}")
        return value

    @model_validator(mode="after")
    def _names_one_place(self) -> SecretReference:
        if (self.file is None) == (self.env is None):
            raise ValueError("give either file or env: a secret is kept in one place")
        return self


class Login(Closed):
    """Through which identity provider people log in."""

    provider: Provider
    """`demo` is the built-in provider with its public passwords, for trying things out on one machine."""
    client_id: Text | None = None
    """The name under which this node is registered at the provider."""
    client_secret: SecretReference | None = None
    """The secret of that registration."""
    issuer: WebAddress | None = None
    """Issuer of the provider, exactly as its discovery document spells it. Needed by `oidc`; a test instance
    of `ls-login`, `egi-check-in`, `cilogon` or `orcid` is chosen with it."""
    groups_claim: Text = "eduperson_entitlement"
    """The userinfo claim that lists a person's groups."""
    extra_scopes: tuple[Annotated[str, Field(pattern=r"^[!#-\[\]-~]+$", max_length=200)], ...] = ()
    """Scopes asked for beside those the provider needs to tell who somebody is and their groups."""
    allowed_idps: tuple[Text, ...] = ()
    """With `cilogon`: entity ids of the home organisations whose members may log in."""
    refresh_seconds: Annotated[Whole, Field(ge=5)] = 300
    """Seconds that what is known of a person counts before the provider is asked again."""
    grace_seconds: Annotated[Whole, Field(ge=0)] = 1800
    """Seconds that people stay logged in while the provider cannot be reached."""

    @model_validator(mode="after")
    def _is_complete(self) -> Login:
        if self.provider == "demo":
            if self.client_id or self.client_secret or self.issuer:
                raise ValueError(
                    "the demo provider is set up by Lifedesk: leave out client_id, client_secret and issuer"
                )
            return self
        missing = [name for name in ("client_id", "client_secret") if getattr(self, name) is None]
        if self.provider == "oidc" and self.issuer is None:
            missing.append("issuer")
        if self.provider == "cilogon" and not self.allowed_idps:
            missing.append("allowed_idps")
        if missing:
            raise ValueError(f"provider {self.provider} also needs {' and '.join(missing)}")
        if self.provider == "github" and self.issuer:
            raise ValueError("provider github has no issuer: leave it out")
        if self.provider != "cilogon" and self.allowed_idps:
            raise ValueError(f"allowed_idps keeps nobody out with provider {self.provider}: leave it out")
        return self


class Group(Closed):
    """A group of people on this node, and how the identity provider's claims lead to it."""

    name: Slug
    """Short name that the rest of the site file uses, in lower-case letters, digits and single hyphens."""
    display_name: Sentence | None = None
    """What people call it; left out, its short name is shown."""
    urns: tuple[GroupUrn, ...] = ()
    """AARC-G069 group URNs whose holders are members. One that names an authority (`#…`) demands that authority."""
    claim_values: tuple[Text, ...] = ()
    """Plain values of the groups claim whose holders are members, for providers without URNs."""
    subjects: tuple[Text, ...] = ()
    """Single members, by the provider's own identifier (an ORCID iD, the `sub` claim, a GitHub user id)."""

    @model_validator(mode="after")
    def _can_have_members(self) -> Group:
        if not (self.urns or self.claim_values or self.subjects):
            raise ValueError("nobody could ever be a member: give urns, claim_values or subjects")
        return self


class Mount(Closed):
    """A folder of the node inside the sessions of some groups."""

    source: Source
    """Folder on the node, made for users. Relative paths start at the site file."""
    target: AbsolutePath
    """Where it appears in the session, such as /data/microscopes."""
    read_only: bool = True
    """Whether sessions can only read it; `false` lets its groups change and delete what is there."""
    allowed_groups: tuple[Slug, ...] = ()
    """Groups whose members see it; left out, everybody does."""


class SiteArchive(Closed):
    """The node's own data sets."""

    path: Source | None = None
    """Folder that holds one sub-folder for each data set. Relative paths start at the site file. Left out, the demo
    data sets are made and shown."""


class BioImageArchive(Closed):
    """The BioImage Archive, read through the BioStudies API."""

    base_url: WebAddress = "https://www.ebi.ac.uk/biostudies/api/v1"
    """Where the API answers; a mirror or a test instance is chosen with it."""
    collection: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] = "BioImages"
    """The BioStudies collection searched."""


class Archives(Closed):
    """Which data catalogues a session can search; an archive set to null is switched off."""

    site: SiteArchive | None = SiteArchive()
    """The node's own data sets."""
    bioimage_archive: BioImageArchive | None = Field(default=BioImageArchive(), alias="bioimage-archive")
    """The BioImage Archive at EMBL-EBI."""


class Network(Closed):
    """What sessions may reach beside the hub."""

    egress: Literal["internet", "none"] = "internet"
    """`none` cuts sessions off from everything but the hub and what `allow` lists."""
    allow: tuple[Destination, ...] = ()
    """Private addresses sessions may reach, such as `10.1.2.3:443`. All other private, link-local (metadata) and
    node addresses are blocked."""


class Limits(Closed):
    """Limits of the node as a whole."""

    active_servers: Annotated[Whole, Field(gt=0)] | None = None
    """Sessions that may run at once; left out, as many as people start."""
    concurrent_spawns: Annotated[Whole, Field(gt=0)] = 100
    """Sessions that may be starting at once; further ones are asked to try again."""
    start_timeout_seconds: Annotated[Whole, Field(ge=10)] = 120
    """Seconds that a session may take to start."""
    sessions_per_gpu: Annotated[Whole, Field(ge=1, le=64)] = 1
    """Sessions that may use the same GPU at once; above 1 they share its memory, and one can fill it for all."""
    pids: Annotated[Whole, Field(ge=64, le=2**22)] = 1024
    """Processes and threads that one session may have."""
    home_deletion_grace_days: Days = 7
    """Days that the home of a deleted person is kept before it is removed."""


class Site(Closed):
    """One node, as its operator describes it in `lifedesk.yaml`."""

    name: Sentence
    """What people call this node; shown on every page."""
    contact: Sentence
    """Whom to ask for access and help: a name and an address, shown to those who are refused."""
    url: WebAddress | None = None
    """The address people open. Left out, it is http://127.0.0.1 and the port given to `up`."""
    login: Login
    """How people log in."""
    groups: Annotated[tuple[Group, ...], Field(min_length=1)]
    """Groups of people on this node, by what the identity provider says of them. Who is in none of them is refused."""
    admin_groups: tuple[Slug, ...] = ()
    """Groups whose members see who is here, start and end sessions and delete people; they cannot act as others."""
    sizes: Annotated[tuple[Size, ...], Field(min_length=1)]
    """How much of the node a session may use, for people to choose from."""
    profiles: Annotated[tuple[Profile, ...], Field(min_length=1)]
    """What people can start, in the order of the start form."""
    desktop: Desktop = Desktop()
    """What holds for every desktop."""
    mounts: tuple[Mount, ...] = ()
    """Folders of the node inside the sessions, by group."""
    archives: Archives = Archives()
    """Which data catalogues sessions can search."""
    network: Network = Network()
    """Where sessions may connect to."""
    limits: Limits = Limits()
    """How much the node does at once, and how long it waits."""
    hub_override: dict[str, dict[str, Any]] = Field(default={}, repr=False)
    """Escape hatch, applied last: class name, trait name, value, as in jupyterhub_config.py. Not for secrets."""

    def profile(self, slug: str) -> Profile:
        """The profile of that slug. Raises `KeyError`."""
        return {profile.slug: profile for profile in self.profiles}[slug]

    def size(self, slug: str) -> Size:
        """The size of that slug. Raises `KeyError`."""
        return {size.slug: size for size in self.sizes}[slug]
