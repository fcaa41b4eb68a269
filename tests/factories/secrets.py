"""A secret for installations that others reach: those have to have a long one."""

from __future__ import annotations

from typing import Final

SECRET: Final = "of-the-tests-and-nobody-elses-0123456789"
