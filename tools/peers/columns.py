"""The columns of an event as Spillway writes them, read from src/record, so that there is one list of them."""

import pathlib
import re

RECORD = pathlib.Path(__file__).resolve().parents[2] / "src" / "record"


def read_columns():
    """Name to type, as column_type has it, in the order of the documented form: {"server_received_time": "timestamp", ...}."""
    infos = re.findall(r'\{"([^"]+)", column_type::(\w+),', (RECORD / "column.hpp").read_text("utf-8"))
    order = re.findall(r"documented_order = \{([^}]*)\}", (RECORD / "column.cpp").read_text("utf-8"))
    # An enumerator is the column's name without what C++ does not allow in one: insert_id is $insert_id.
    infos_of = {name.lstrip("$"): (name, kind) for name, kind in infos}
    columns = dict(infos_of[enumerator] for enumerator in re.findall(r"\w+", " ".join(order)))
    if len(columns) != 48:
        raise SystemExit(f"{RECORD}/column.*: {len(columns)} columns were found instead of 48")
    return columns


COLUMNS = read_columns()


def is_dict(name):
    return COLUMNS[name] == "dict"


def runs():
    """The columns in their order, cut into runs: [["server_received_time", ...], ["group_properties"], ...]. A dict is a
    run of its own, because its text is kept as it came, and the columns between two dicts are encoded together."""
    found = []
    for name in COLUMNS:
        if found and not is_dict(name) and not is_dict(found[-1][-1]):
            found[-1].append(name)
        else:
            found.append([name])
    return found
