"""What polars' two jobs share: lines to one gzip file an hour."""

import polars as pl


def sink_hours(lines, directory, level):
    """Writes the column `line` to DIR/HOUR.json.gz, by the column `hour`. `level` is a list of one gzip level, or empty
    for polars' own."""
    files = pl.PartitionBy(directory, key="hour", include_key=False, approximate_bytes_per_file=2**40,
                           file_path_provider=lambda file: f"{file.partition_keys.item()}.json.gz")
    # CSV of one column without quotes and with a separator that no JSON text holds is lines of text.
    lines.sink_csv(files, include_header=False, quote_style="never", separator="\x01", compression="gzip",
                   compression_level=int(level[0]) if level else None, mkdir=True)
