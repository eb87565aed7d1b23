"""Reads a bucket as its formats are documented, and says everything that is wrong with it.

Written from the format pages and RFC 1952, not from the program: what the program gets wrong must not be wrong here in
the same way. Sources: the "Exported data JSON object schema" of the specification for the 48 columns of `documented`
and all types; exported records for the 55 columns of `observed`.
"""

import collections
import dataclasses
import datetime
import hashlib
import json
import re
import zlib

DOCUMENTED = """
    server_received_time app device_carrier $schema city user_id uuid event_time platform os_version amplitude_id
    processed_time version_name ip_address paying dma group_properties user_properties client_upload_time $insert_id
    event_type library amplitude_attribution_ids device_type device_manufacturer start_version location_lng
    server_upload_time event_id location_lat os_name amplitude_event_type device_brand groups event_properties data
    device_id language device_model country region is_attribution_event adid session_id device_family sample_rate idfa
    client_event_time""".split()
OBSERVED_ONLY = "$insert_key data_type global_user_properties partner_id plan source_id user_creation_time".split()
COLUMNS = {"documented": DOCUMENTED, "observed": sorted(DOCUMENTED + OBSERVED_ONLY)}
FIRST_PARTITION = {"documented": 1, "observed": 0}
SEPARATOR = {"documented": "T", "observed": " "}

TIMES = {"client_event_time", "client_upload_time", "event_time", "processed_time", "server_received_time",
         "server_upload_time", "user_creation_time"}
INTEGERS = {"$schema", "amplitude_id", "app", "event_id", "session_id"}
NUMBERS = {"location_lat", "location_lng", "sample_rate"}
BOOLEANS = {"is_attribution_event", "paying"}
DICTS = {"data", "event_properties", "global_user_properties", "group_properties", "groups", "plan", "user_properties"}

EVENTS_KEY = re.compile(r"(\d+)/\1_(\d{4}-\d\d-\d\d)_(\d|1\d|2[0-3])#(0|[1-9]\d*)\.json\.gz")
MARKER_KEY = re.compile(r"(\d+)/\1_(\d{4}-\d\d-\d\d)_(\d|1\d|2[0-3])_complete")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')

ONE_HOUR = datetime.timedelta(hours=1)
DUPLICATE_WINDOW = datetime.timedelta(days=7)
GAP_MAX = datetime.timedelta(days=31)


class Object(list):
    """A JSON object as pairs, so that order and repeated keys count when two are compared."""


class Integer(str):
    """A JSON number as it is written, without a fraction or exponent."""


class Number(str):
    """Any other JSON number as it is written."""


def parse(text):
    return json.loads(text, object_pairs_hook=Object, parse_int=Integer, parse_float=Number)


@dataclasses.dataclass
class Hour:
    """An hour of a project. Lines and events stand in the order of partitions, then of lines."""

    lines: list = dataclasses.field(default_factory=list)
    events: list = dataclasses.field(default_factory=list)
    objects: dict = dataclasses.field(default_factory=dict)  # by partition: what a manifest must say of it
    manifest: object = None  # of its marker; None without one


class Bucket:
    """What was read. `hours` by (project, begin of the hour); `problems` are sentences."""

    def __init__(self):
        self.hours = collections.defaultdict(Hour)
        self.problems = []

    def counts(self):
        """{"187520/2020-01-25_17": 3}, without empty hours."""
        return {name_of(*key): len(hour.lines) for key, hour in sorted(self.hours.items()) if hour.lines}


def name_of(project, begin):
    return f"{project}/{begin:%Y-%m-%d}_{begin.hour}"


def read_bucket(tree, form, markers=True):
    """Reads {key: bytes}. `markers`: whether each hour must have one."""
    bucket = Bucket()
    for key, content in sorted(tree.items()):
        events, marker = EVENTS_KEY.fullmatch(key), MARKER_KEY.fullmatch(key)
        if events:
            read_object(bucket, key, content, hour_of(events), int(events[4]), form)
        elif marker:
            read_marker(bucket, key, content, hour_of(marker))
        else:
            bucket.problems.append(f"{key}: not a name of an object or marker")
    for key, hour in sorted(bucket.hours.items()):
        check_partitions(bucket, key, hour, form)
        if markers:
            check_manifest(bucket, key, hour)
    if markers:
        check_gaps(bucket)
    check_duplicates(bucket)
    return bucket


def hour_of(match):
    day = datetime.datetime.strptime(match[2], "%Y-%m-%d")
    return int(match[1]), day + int(match[3]) * ONE_HOUR


def read_object(bucket, key, content, place, partition, form):
    def problem(text):
        bucket.problems.append(f"{key}: {text}")

    if content[:4] != b"\x1f\x8b\x08\x00" or content[4:8] != bytes(4):
        problem("a gzip header with flags, a file name or a time")
    member = zlib.decompressobj(31)
    try:
        text = member.decompress(content) + member.flush()
    except zlib.error as error:
        problem(f"can't be decompressed: {error}")
        return
    if not member.eof or member.unused_data:
        problem("not one whole gzip member")
    if not text.endswith(b"\n"):
        problem("no line end at its end")
    lines = text.split(b"\n")[:-1]
    hour = bucket.hours[place]
    hour.objects[partition] = [("key", key), ("events", len(lines)), ("text_bytes", len(text)),
                               ("text_crc32", f"{zlib.crc32(text):08x}"), ("bytes", len(content)),
                               ("sha256", hashlib.sha256(content).hexdigest())]
    for number, line in enumerate(lines, 1):
        wrong, event = read_event(line, place, form)
        bucket.problems += [f"{key} line {number}: {each}" for each in wrong]
        hour.lines.append(line)
        hour.events.append(event)


def read_event(line, place, form):
    """What is wrong with a line, and its columns."""
    try:
        pairs = parse(line.decode("utf-8"))
    except ValueError as error:
        return [f"not JSON in UTF-8: {error}"], {}
    wrong = []
    if [name for name, _ in pairs] != COLUMNS[form]:
        wrong.append(f"not the columns of {form} in their order")
    if re.search(rb"\s", STRING.sub(b"", line)):
        wrong.append("white space between tokens")
    event = dict(pairs)
    wrong += [f"{name} is {value!r}" for name, value in pairs if value is not None and not has_type(name, value, form)]
    if event.get("app") != Integer(place[0]):
        wrong.append(f"app is {event.get('app')}")
    uploaded_at = time_of(event.get("server_upload_time"))
    if uploaded_at is None or not place[1] <= uploaded_at < place[1] + ONE_HOUR:
        wrong.append(f"server_upload_time is {event.get('server_upload_time')}")
    return wrong, event


def has_type(name, value, form):
    if name in TIMES:
        return type(value) is str and value[10:11] == SEPARATOR[form] and time_of(value) is not None
    if name in INTEGERS:
        return type(value) is Integer and -2**63 <= int(value) < 2**63
    if name in NUMBERS:
        return type(value) in (Integer, Number)
    if name in BOOLEANS:
        return type(value) is bool
    if name in DICTS:
        return type(value) is Object
    if name == "amplitude_attribution_ids":
        return type(value) in (str, list)
    return type(value) is str and (name != "uuid" or UUID.fullmatch(value) is not None)


def time_of(text):
    """A time with six decimals and either separator; None for anything else."""
    if type(text) is not str or not re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{6}", text):
        return None
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None


def read_marker(bucket, key, content, place):
    hour = bucket.hours[place]
    try:
        hour.manifest = parse(content.decode("utf-8"))
    except ValueError as error:
        bucket.problems.append(f"{key}: not a manifest: {error}")
        return
    if content != json_line(hour.manifest):
        bucket.problems.append(f"{key}: not one compact line")


def json_line(value):
    """A manifest as it must be written; its strings hold nothing that needs an escape."""
    def text(each):
        if isinstance(each, Object):
            return "{" + ",".join(f'"{name}":{text(member)}' for name, member in each) + "}"
        if isinstance(each, list):
            return "[" + ",".join(map(text, each)) + "]"
        return str(each) if isinstance(each, (Integer, Number)) else json.dumps(each)
    return text(value).encode() + b"\n"


def check_partitions(bucket, key, hour, form):
    first = FIRST_PARTITION[form]
    if hour.objects and sorted(hour.objects) != list(range(first, first + len(hour.objects))):
        bucket.problems.append(f"{name_of(*key)}: partitions {sorted(hour.objects)}, not from {first} on without a gap")


def check_manifest(bucket, key, hour):
    project, begin = key
    if hour.manifest is None:
        bucket.problems.append(f"{name_of(*key)}: no marker")
        return
    objects = [Object((name, Integer(value) if isinstance(value, int) else value) for name, value in hour.objects[each])
               for each in sorted(hour.objects)]
    expected = Object([("version", Integer(1)), ("project", Integer(project)),
                       ("hour", f"{begin:%Y-%m-%d}_{begin.hour}"), ("objects", objects)])
    if hour.manifest != expected:
        bucket.problems.append(f"{name_of(*key)}: the manifest is {hour.manifest}, not {expected}")


def check_gaps(bucket):
    """Empty hours have a marker between hours with data that are at most 31 days apart, and nowhere else."""
    for project in sorted({project for project, _ in bucket.hours}):
        full = sorted(begin for each, begin in bucket.hours if each == project and bucket.hours[each, begin].objects)
        empty = {begin for each, begin in bucket.hours if each == project} - set(full)
        wanted = set()
        for before, after in zip(full, full[1:]):
            if after - before <= GAP_MAX:
                wanted |= {before + i * ONE_HOUR for i in range(1, (after - before) // ONE_HOUR)}
        bucket.problems += [f"{name_of(project, each)}: no marker of an empty hour" for each in sorted(wanted - empty)]
        bucket.problems += [f"{name_of(project, each)}: a marker of no gap" for each in sorted(empty - wanted)]


def check_duplicates(bucket):
    seen = collections.defaultdict(list)
    for (project, _), hour in bucket.hours.items():
        for event in hour.events:
            at = time_of(event.get("server_upload_time"))
            insert_id = event.get("$insert_id")
            seen[(project, event.get("device_id"), insert_id) if insert_id else (project, event.get("uuid"))].append(at)
    for key, times in seen.items():
        times = sorted(each for each in times if each is not None)
        if any(after - before <= DUPLICATE_WINDOW for before, after in zip(times, times[1:])):
            bucket.problems.append(f"{key}: a duplicate")


def expected_event(line, form):
    """The columns that a raw event with a proper value in every column must be delivered with."""
    raw = dict(parse(line))
    event = {}
    for name in COLUMNS[form]:
        value = raw[name]
        event[name] = value[:10] + SEPARATOR[form] + value[11:] if name in TIMES and value is not None else value
    return event
