#include "store/connections.hpp"

#include "store/row_values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::store {
namespace {

constexpr std::string_view connection_columns =
    "SELECT id, project_id, destination, endpoint, kind, state, data, filter, marker, object_bytes_max, sse, "
    "kms_key_id, checksum, expected_owner, profile, region, ca_bundle, principal, claim, creator_name, creator_mail, "
    "start_hour, created_at, disabled_at, principal_arn FROM connection ";

model::connection connection_of(const db::statement& row) {
  const auto text = [&row](int column) { return std::string(row.text(column)); };
  model::connection read;
  read.id = row.number(0);
  read.project = row.number(1);
  read.place = {text(2), text(3)};
  read.kind = row.word(4, base::parse_name<model::connection_kind>);
  read.state = row.word(5, base::parse_name<model::connection_state>);
  read.data = row.word(6, base::parse_name<model::data_choice>);
  read.filter = row.text(7);
  read.marker = row.word(8, base::parse_name<model::marker_kind>);
  read.object_bytes_max = row.number(9);
  read.access = {text(14), text(15), text(16), text(13), text(10), text(11), text(12)};
  read.principal = row.word(17, base::parse_name<model::principal_kind>);
  read.claim = row.word(18, base::parse_name<model::claim_choice>);
  read.creator = {text(19), text(20)};
  read.start = hour_in(row, 21);
  read.created_at = instant_in(row, 22);
  read.disabled_at = instant_at(row, 23);
  read.principal_arn = text(24);
  return read;
}

// Connections whose bucket is that of a place: the bucket itself or, in S3, a prefix in it. What lies below a directory
// is not in its bucket, and no directory's name starts like this.
constexpr std::string_view same_bucket_sql =
    "FROM connection JOIN project ON project.id=project_id JOIN organization ON organization.id=organization_id "
    "WHERE endpoint=?1 AND (destination=?2 OR (?2 LIKE 's3://%' AND substr(destination, 1, length(?2)+1)=?2||'/')) ";

constexpr std::string_view is_enabled_sql = "connection.kind='scheduled' AND connection.state='enabled'";

// What export has put there stays there, and belongs to somebody.
constexpr std::string_view is_delivered_by_export_sql =
    "connection.kind='implicit' AND EXISTS(SELECT 1 FROM job WHERE connection_id=connection.id AND "
    "job.delivered_at IS NOT NULL)";

result<std::int64_t> count_of_organization(db::database& state, const model::place& in, model::organization_id of,
                                           std::string_view which_sql) {
  const model::place bucket = model::bucket_of(in);
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query(fmt::format("SELECT count(*) {}AND {} AND organization.id=?3",
                                                                 same_bucket_sql, which_sql),
                                                     bucket.endpoint, bucket.destination, of));
  SPILLWAY_TRY(row.step());
  return row.number(0);
}

// Whose connections these are, of who is not `own`.
result<std::optional<model::organization>> find_other_organization(db::database& state, const model::place& in,
                                                                   model::organization_id own,
                                                                   std::string_view which_sql) {
  const model::place bucket = model::bucket_of(in);
  SPILLWAY_TRY_ASSIGN(db::statement row,
                      state.query(fmt::format("SELECT organization.id, organization.name {}AND {} AND "
                                              "organization.id<>?3 LIMIT 1",
                                              same_bucket_sql, which_sql),
                                  bucket.endpoint, bucket.destination, own));
  return db::collect_one(std::move(row), [](const db::statement& found) {
    return model::organization{found.number(0), std::string(found.text(1))};
  });
}

}  // namespace

result<std::vector<model::connection>> list_connections(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(connection_columns) + "ORDER BY id"));
  return db::collect(std::move(rows), connection_of);
}

result<std::optional<model::connection>> find_connection(db::database& state, model::connection_id id) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query(std::string(connection_columns) + "WHERE id=?", id));
  return db::collect_one(std::move(row), connection_of);
}

result<std::optional<model::connection>> find_connection(db::database& state, model::project_id project,
                                                         const model::place& to) {
  SPILLWAY_TRY_ASSIGN(
      db::statement row,
      state.query(std::string(connection_columns) + "WHERE project_id=? AND destination=? AND endpoint=? "
                                                    "ORDER BY state='enabled' DESC, disabled_at DESC, id DESC LIMIT 1",
                  project, to.destination, to.endpoint));
  return db::collect_one(std::move(row), connection_of);
}

result<bool> is_unchanged(db::database& state, const model::connection& as_read) {
  SPILLWAY_TRY_ASSIGN(const auto now, find_connection(state, as_read.project, as_read.place));
  return now && now->id == as_read.id && now->state == as_read.state && now->start == as_read.start;
}

result<model::connection> open_connection(db::database& state, model::project_id project, const model::place& to,
                                          std::string_view filter, base::instant now) {
  SPILLWAY_TRY_ASSIGN(auto found, find_connection(state, project, to));
  if (found) {
    return std::move(*found);
  }
  model::connection made;
  made.project = project;
  made.place = to;
  made.filter = filter;
  made.created_at = now;
  return add_connection(state, std::move(made));
}

result<model::connection> add_connection(db::database& state, model::connection added) {
  SPILLWAY_TRY(state.run("INSERT INTO connection(project_id, destination, endpoint, created_at) VALUES(?, ?, ?, ?)",
                         added.project, added.place.destination, added.place.endpoint, base::to_us(added.created_at)));
  added.id = state.last_insert_id();
  SPILLWAY_TRY(change_connection(state, added));
  return added;
}

result<void> change_connection(db::database& state, const model::connection& changed) {
  const model::access_settings& access = changed.access;
  return state.run(
      "UPDATE connection SET kind=?, state=?, data=?, filter=?, marker=?, object_bytes_max=?, principal=?, "
      "principal_arn=?, claim=?, creator_name=?, creator_mail=?, start_hour=?, disabled_at=?, sse=?, kms_key_id=?, "
      "checksum=?, expected_owner=?, profile=?, region=?, ca_bundle=? WHERE id=?",
      to_string(changed.kind), to_string(changed.state), to_string(changed.data), changed.filter,
      to_string(changed.marker), changed.object_bytes_max, to_string(changed.principal), changed.principal_arn,
      to_string(changed.claim), changed.creator.name, changed.creator.mail, changed.start.number,
      us_of(changed.disabled_at), access.sse, access.kms_key_id, access.checksum, access.expected_owner, access.profile,
      access.region, access.ca_bundle, changed.id);
}

result<void> remove_connection(db::database& state, model::connection_id id) {
  return state.run("DELETE FROM connection WHERE id=?", id);
}

result<void> move_history(db::database& state, model::connection_id from, model::connection_id to) {
  SPILLWAY_TRY_ASSIGN(
      db::statement shared,
      state.query("SELECT mine.hour FROM job mine JOIN job theirs ON theirs.connection_id=?2 AND theirs.kind=mine.kind "
                  "AND theirs.hour=mine.hour WHERE mine.connection_id=?1 ORDER BY mine.hour LIMIT 1",
                  from, to));
  SPILLWAY_TRY_ASSIGN(const bool is_any, shared.step());
  if (is_any) {
    return failure{
        errc::conflict, fmt::format("handing the history of connection {} to connection {}", from, to),
        fmt::format("both have hour {}, and an hour is delivered once", model::to_string(hour_in(shared, 0))),
        fmt::format("deliver there with connection {}, and leave connection {} disabled", from, to)};
  }
  SPILLWAY_TRY(state.run("UPDATE job SET connection_id=?1 WHERE connection_id=?2", to, from));
  // What was refused may have been put right with the new connection: it is tried at once.
  SPILLWAY_TRY(state.run(
      "UPDATE OR IGNORE access_trouble SET connection_id=?1, next_try_at=since WHERE connection_id=?2", to, from));
  SPILLWAY_TRY(end_trouble(state, from));
  SPILLWAY_TRY(
      state.run("UPDATE backfill SET connection_id=?1 WHERE connection_id=?2 AND state IN ('waiting', 'running') "
                "AND (SELECT data FROM connection WHERE id=?1)<>'merged-ids'",
                to, from));
  return state.run("UPDATE OR IGNORE gap SET connection_id=?1 WHERE connection_id=?2", to, from);
}

result<std::optional<model::organization>> find_other_owner(db::database& state, const model::place& in,
                                                            model::organization_id own) {
  return find_other_organization(state, in, own, is_enabled_sql);
}

result<std::optional<model::organization>> find_other_exporter(db::database& state, const model::place& in,
                                                               model::organization_id own) {
  return find_other_organization(state, in, own, is_delivered_by_export_sql);
}

result<std::int64_t> count_enabled(db::database& state, const model::place& in, model::organization_id of) {
  return count_of_organization(state, in, of, is_enabled_sql);
}

result<void> add_gap(db::database& state, model::connection_id connection, const gap& passed_over) {
  return state.run("INSERT OR REPLACE INTO gap(connection_id, first_hour, last_hour) VALUES(?, ?, ?)", connection,
                   passed_over.first.number, passed_over.last.number);
}

result<std::vector<gap>> list_gaps(db::database& state, model::connection_id connection) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query(
          "SELECT first_hour, last_hour FROM gap JOIN connection ON connection.id=connection_id WHERE "
          "connection_id=?1 AND CASE marker WHEN 'off' THEN EXISTS(SELECT 1 FROM hour WHERE "
          "hour.project_id=connection.project_id AND events>0 AND pruned_bytes=0 AND hour BETWEEN first_hour AND "
          "last_hour AND NOT EXISTS(SELECT 1 FROM job WHERE job.connection_id=?1 AND job.kind='events' AND "
          "job.state='delivered' AND job.hour=hour.hour)) "
          "ELSE (SELECT count(*) FROM (SELECT hour FROM job WHERE job.connection_id=?1 AND job.kind='events' AND "
          "job.state='delivered' AND hour BETWEEN first_hour AND last_hour UNION SELECT hour FROM hour WHERE "
          "hour.project_id=connection.project_id AND pruned_bytes>0 AND hour BETWEEN first_hour AND last_hour))"
          "<last_hour-first_hour+1 END "
          "ORDER BY first_hour",
          connection));
  return db::collect(std::move(rows), [](const db::statement& row) { return gap{hour_in(row, 0), hour_in(row, 1)}; });
}

bool served_hours::holds(model::hour before_start) const {
  const auto has_begun = [before_start](const gap& each) { return each.first <= before_start; };
  return std::ranges::any_of(gaps, has_begun) &&
         std::ranges::none_of(gaps, [&](const gap& each) { return has_begun(each) && before_start <= each.last; });
}

result<served_hours> read_served_hours(db::database& state, model::connection_id of) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query("SELECT first_hour, last_hour FROM gap WHERE connection_id=?", of));
  SPILLWAY_TRY_ASSIGN(std::vector<gap> gaps, db::collect(std::move(rows), [](const db::statement& row) {
                        return gap{hour_in(row, 0), hour_in(row, 1)};
                      }));
  return served_hours{std::move(gaps)};
}

result<void> add_break(db::database& state, model::connection_id connection, model::hour since,
                       const gap& passed_over) {
  SPILLWAY_TRY(state.run("INSERT OR IGNORE INTO gap(connection_id, first_hour, last_hour) VALUES(?, ?, ?)", connection,
                         since.number, since.number - 1));
  return add_gap(state, connection, passed_over);
}

result<std::optional<access_trouble>> find_trouble(db::database& state, model::connection_id connection) {
  SPILLWAY_TRY_ASSIGN(db::statement row,
                      state.query("SELECT since, attempts, next_try_at, blocked_at, permission, detail "
                                  "FROM access_trouble WHERE connection_id=?",
                                  connection));
  return db::collect_one(std::move(row), [](const db::statement& found) {
    return access_trouble{instant_in(found, 0),       found.number(1),
                          instant_in(found, 2),       instant_at(found, 3),
                          std::string(found.text(4)), std::string(found.text(5))};
  });
}

result<void> put_trouble(db::database& state, model::connection_id connection, const access_trouble& seen) {
  return state.run(
      "INSERT INTO access_trouble(connection_id, since, attempts, next_try_at, blocked_at, permission, detail) "
      "VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET since=excluded.since, attempts=excluded.attempts, "
      "next_try_at=excluded.next_try_at, blocked_at=excluded.blocked_at, permission=excluded.permission, "
      "detail=excluded.detail",
      connection, base::to_us(seen.since), seen.attempts, base::to_us(seen.next_try_at), us_of(seen.blocked_at),
      seen.permission, seen.detail);
}

result<void> end_trouble(db::database& state, model::connection_id connection) {
  return state.run("DELETE FROM access_trouble WHERE connection_id=?", connection);
}

}  // namespace spillway::store
