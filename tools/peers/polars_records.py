"""The second job with polars: polars_records.py INPUT DIR [LEVEL]

Events are parsed and checked by a schema; of a device and `$insert_id` the first event stays; lines are put together in the
documented order of keys. A dict is taken in as text, because its keys differ from event to event: polars' own objects
would have the keys of all of them, and this is also twice as fast. Left out: rejects (polars stops at the first), the 7 days
of duplicates, times, synced files, and what was delivered before.
"""

import sys

import polars as pl

from columns import COLUMNS, is_dict, runs
from polars_hours import sink_hours

TYPES = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}


def text_of(names):
    """The text of a run of columns without its braces: '"adid":null,"session_id":1'."""
    if is_dict(names[0]):
        return pl.lit(f'"{names[0]}":') + pl.col(names[0]).fill_null("{}")
    return pl.struct(names).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")


source, directory, *level = sys.argv[1:]
events = pl.scan_ndjson(source, schema={name: TYPES.get(kind, pl.String) for name, kind in COLUMNS.items()})
kept = events.unique(["device_id", "$insert_id"], keep="first", maintain_order=True)
line = pl.concat_str(pl.lit("{"), pl.concat_str([text_of(names) for names in runs()], separator=","), pl.lit("}"))
sink_hours(kept.select(line=line, hour=pl.col("server_upload_time").str.slice(0, 13)), directory, level)
