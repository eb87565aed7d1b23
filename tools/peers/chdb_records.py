"""The second job with ClickHouse (chdb: clickhouse-local as a library): chdb_records.py INPUT DIR [LEVEL]

Events are parsed and checked by their columns' types; of a device and `$insert_id` one event stays; lines are put together
in the documented order of keys. A dict is taken in as text, which is kept as it came; ClickHouse's type JSON would sort its
keys, and takes twice the time. Left out: whether the text of a dict is JSON, which of several events stays, rejects (ClickHouse
stops at the first), the 7 days of duplicates, times, synced files, and what was delivered before.
"""

import os
import sys

from chdb_hours import insert_hours
from columns import COLUMNS, is_dict, runs

TYPES = {"integer": "Nullable(Int64)", "number": "Nullable(Float64)", "boolean": "Nullable(Bool)", "dict": "String"}

SETTINGS = ["input_format_json_read_objects_as_strings = 1", "output_format_json_quote_64bit_integers = 0",
            "output_format_json_escape_forward_slashes = 0"]


def structure(names):
    return ", ".join(f"`{name}` {TYPES.get(COLUMNS[name], 'Nullable(String)')}" for name in names)


def text_of(names):
    """The text of a run of columns without its braces: '"adid":null,"session_id":1'."""
    if is_dict(names[0]):
        return f"""'"{names[0]}":', if(empty(`{names[0]}`), '{{}}', `{names[0]}`)"""
    values = ", ".join(f"`{name}`" for name in names)
    return f"trim(BOTH '{{}}' FROM toJSONString(CAST(tuple({values}), 'Tuple({structure(names)})')))"


source, directory, *level = sys.argv[1:]
line = "concat('{', " + ", ',', ".join(text_of(names) for names in runs()) + ", '}')"
insert_hours(f"""
    SELECT {line} AS line
    FROM (SELECT * FROM file('{os.path.abspath(source)}', JSONEachRow, $${structure(COLUMNS)}$$)
          LIMIT 1 BY device_id, `$insert_id`)""", directory, level, SETTINGS)
