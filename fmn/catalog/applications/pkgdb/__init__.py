"""The package database, which knew who may do what with which package before dist-git did."""

from __future__ import annotations

from fmn.catalog.applications.pkgdb import acls, branches, packages
from fmn.catalog.applications.pkgdb.base import PkgDB
from fmn.catalog.events import Application

APPLICATION = Application(
    category="pkgdb",
    title="Package database",
    help="Packages, their owners and permissions, and branches.",
    catchall="pkgdb_catchall",
    icon="https://apps.fedoraproject.org/packages/images/icons/package_128x128.png",
    other=PkgDB,
    retired=True,
    events=(*packages.EVENTS, *acls.EVENTS, *branches.EVENTS),
)
