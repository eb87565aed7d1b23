"""Packages from PyPI for a test, each at one version in a virtual environment of its own in the build folder.

Where a package can't be had, the test counts as skipped.
"""

import os
import pathlib
import subprocess
import sys

import support


def has(python, name, version):
    check = f"import {name}, sys; sys.exit({name}.__version__ != '{version}')"
    return python.exists() and subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0


def go_on_with(name, version):
    """Starts the test's file again with the interpreter that has the package."""
    if "SPILLWAY_E2E_VENV" not in os.environ:
        sys.exit("SPILLWAY_E2E_VENV must name a directory for virtual environments")
    environment = pathlib.Path(os.environ["SPILLWAY_E2E_VENV"]) / name
    python = environment / "bin" / "python"
    if not has(python, name, version):
        install = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20",
                   "install", "--only-binary", ":all:", f"{name}=={version}"]
        for command in ([sys.executable, "-m", "venv", "--clear", environment], install):
            done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
            if done.returncode != 0:
                support.skip(f"no {name} {version}: {(done.stderr or done.stdout).strip()[-500:]}")
    os.execv(python, [str(python), *sys.argv])
