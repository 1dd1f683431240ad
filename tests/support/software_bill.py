"""A bill of materials as an image has it: CycloneDX, three packages of which two were asked for by name."""

from __future__ import annotations

BILL = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"name": "lifedesk/imaging", "version": "0.1.0", "bom-ref": "image"}},
    "components": [
        {
            "name": "zarr",
            "version": "3.4.2",
            "purl": "pkg:pypi/zarr@3.4.2",
            "bom-ref": "zarr",
            "description": "Chunked arrays <fast>",
            "licenses": [
                {"license": {"id": "MIT"}},
                {"license": {"name": "License :: OSI Approved :: MIT License"}},
            ],
            "externalReferences": [{"type": "website", "url": "https://zarr.example/"}],
        },
        {
            "name": "donfig",
            "version": "0.8",
            "purl": "pkg:pypi/donfig@0.8",
            "bom-ref": "donfig",
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
            "externalReferences": [{"type": "website", "url": "javascript:alert(1)"}],
        },
        {
            "name": "git",
            "version": "1:2.47",
            "purl": "pkg:deb/debian/git@2.47?arch=amd64",
            "bom-ref": "git",
            "description": "fast, scalable, distributed revision control system",
            "licenses": [{"license": {"name": "GPL-2"}}, {"license": {"name": "GPL-2"}}],
        },
    ],
    "dependencies": [{"ref": "image", "dependsOn": ["zarr", "git"]}, {"ref": "zarr", "dependsOn": ["donfig"]}],
}
