#!/usr/bin/env python3
"""DuckDB reads a whole bucket as anybody would, and finds the same events.

DuckDB comes from PyPI, at one version (python_package.py).
"""

import collections
import json

import python_package
import support

VERSION = "1.1.3"
EVENTS = 20_000
# DuckDB guesses times with a space; those with a T and without a zone are text to it unless it is told.
GUESSING = {"documented": ", timestampformat = '%Y-%m-%dT%H:%M:%S.%f'", "observed": ""}


class DuckDb(support.EndToEnd):
    def setUp(self):
        super().setUp()
        lines = self.generate(self.dir / "events.jsonl", "--seed", 21, "--events", EVENTS, "--hours", 5)
        uploads = collections.defaultdict(list)
        for line in lines:
            at = json.loads(line)["server_upload_time"]
            uploads[at[:13]].append(at)
        self.expected = sorted((hour, len(times), min(times), max(times)) for hour, times in uploads.items())

    def export(self, form):
        self.run_spillway("export", "events.jsonl", self.bucket, "--record", form, "--max-object-bytes", 500_000,
                          "--now", "2020-02-01T00:00:00Z")
        return f"{self.bucket}/*/*.json.gz"

    def by_hour(self, source):
        time = "'%Y-%m-%d %H:%M:%S.%f'"
        query = f"""SELECT strftime(date_trunc('hour', server_upload_time), '%Y-%m-%d %H') AS hour, count(*),
            strftime(min(server_upload_time), {time}), strftime(max(server_upload_time), {time})
            FROM {source} GROUP BY hour ORDER BY hour"""
        return duckdb.sql(query).fetchall()

    def test_types_that_it_guesses_are_the_documented_ones(self):
        for form, options in GUESSING.items():
            with self.subTest(form):
                self.doCleanups()
                self.setUp()
                source = f"read_json_auto('{self.export(form)}'{options})"
                self.assertEqual(self.by_hour(source), self.expected)
                distinct = duckdb.sql(f"SELECT count(DISTINCT uuid), count(*) FROM {source}").fetchall()
                self.assertEqual(distinct, [(EVENTS, EVENTS)])
                types = {name: kind for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()}
                guessed = {name: types[name] for name in ("app", "server_upload_time", "uuid", "event_type", "paying")}
                self.assertEqual(guessed, {"app": "BIGINT", "server_upload_time": "TIMESTAMP", "uuid": "UUID",
                                           "event_type": "VARCHAR", "paying": "BOOLEAN"})

    def test_columns_that_are_given_are_read_from_every_file(self):
        columns = "{app: 'BIGINT', server_upload_time: 'TIMESTAMP', event_properties: 'JSON'}"
        source = f"read_json('{self.export('documented')}', columns = {columns}, format = 'newline_delimited')"
        self.assertEqual(self.by_hour(source), self.expected)
        self.assertEqual(duckdb.sql(f"SELECT DISTINCT app FROM {source}").fetchall(), [(187520,)])


if __name__ == "__main__":
    python_package.go_on_with(duckdb=VERSION)
    import duckdb
    support.main()
