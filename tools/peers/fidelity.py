#!/usr/bin/env python3
"""What a program keeps of events, found out from what it writes.

    fidelity.py write FILE        seven crafted events
    fidelity.py read JOB DIR      what became of them in DIR/**/*.json.gz, as cells of a table: "yes | no | ..."
    fidelity.py write-broken FILE
    fidelity.py read-broken DIR   what became of an event that is no JSON: "rejected", "ends the run", "written"

JOB says which order of keys is right: that of the lines as they came (split), or the documented one (records).
"""

import gzip
import json
import pathlib
import sys
import zlib

from columns import COLUMNS

PROPERTIES = '{"price":1.10,"order":9007199254740993,"b":1,"a":{}}'  # a float would turn the order into ...992


def crafted_events():
    """Lines. Their event_id is the number by which they are found again."""
    def line(number, key, device="phone", hour=14, properties="{}"):
        return (f'{{"app":187520,"event_id":{number},{key}"uuid":"00000000-0000-4000-8000-00000000000{number}",'
                f'"device_id":"{device}","event_type":"buy","event_properties":{properties},"user_properties":{{}},'
                f'"server_upload_time":"2020-01-25 {hour}:00:0{number}.000000"}}\n')

    return [line(1, '"$insert_id":"one",', properties=PROPERTIES),
            line(2, '"$insert_id":"twice",'), line(3, '"$insert_id":"twice",'),
            line(4, '"$insert_id":"twice",', device="tablet"),
            line(5, ""), line(6, ""),
            line(7, '"$insert_id":"later",', hour=15)]


def broken_events():
    """An event that is right, one that is JSON but for a value in a dict, and one that is right."""
    one, twice, *_, later = crafted_events()
    return [one, twice.replace('"event_properties":{}', '"event_properties":{"a":tru}'), later]


class Number(str):
    """A number as it is spelled."""


def read_lines(lines):
    return [json.loads(line, parse_int=Number, parse_float=Number) for line in lines]


def read_directory(directory):
    """The lines of all files."""
    lines = []
    for path in sorted(pathlib.Path(directory).rglob("*.json.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines += file.readlines()
    return lines


def is_number(value, spelling):
    return isinstance(value, Number) and value == spelling


def answers(job, events):
    """What a table says in its columns, in their order."""
    numbers = [int(event["event_id"]) for event in events]
    event = events[numbers.index(1)]
    properties = event["event_properties"]
    if not isinstance(properties, dict):
        properties = {}
    came = read_lines(crafted_events()[:1])[0]
    keys = list(came if job == "split" else COLUMNS)
    return [is_number(properties.get("price"), "1.10"),
            is_number(properties.get("order"), "9007199254740993"),
            list(event) == keys and list(properties) == list(came["event_properties"]),
            event["user_properties"] == {} and properties.get("a") == {},
            sorted(number for number in numbers if number in (2, 3, 4)) == [2, 4],
            5 in numbers and 6 in numbers]


def fate_of_broken(directory):
    try:
        text = "".join(read_directory(directory))
    except (EOFError, OSError, zlib.error):
        return "ends the run"  # in the middle of a file
    if '"twice"' in text:
        return "written"
    return "rejected" if '"one"' in text and '"later"' in text else "ends the run"


def main(verb, *arguments):
    if verb == "write":
        pathlib.Path(arguments[0]).write_text("".join(crafted_events()), "utf-8")
    elif verb == "write-broken":
        pathlib.Path(arguments[0]).write_text("".join(broken_events()), "utf-8")
    elif verb == "read-broken":
        print(fate_of_broken(*arguments))
    else:
        job, directory = arguments
        print(" | ".join("yes" if answer else "no" for answer in answers(job, read_lines(read_directory(directory)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
