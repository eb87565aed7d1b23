"""The first job with polars: polars_split.py INPUT DIR [LEVEL]

Lines are strings, and go as they are to one gzip file an hour; polars streams, and compresses in its own threads. Nothing
is parsed: the hour is cut out of a line by a pattern. Left out of the second job: parsing, checking, duplicates, the order
of keys.
"""

import sys

import polars as pl

from polars_hours import sink_hours

source, directory, *level = sys.argv[1:]
hour = pl.col("line").str.extract(r'"server_upload_time":"(.{13})')
sink_hours(pl.scan_lines(source).select("line", hour=hour), directory, level)
