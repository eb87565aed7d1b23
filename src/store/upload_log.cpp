#include "store/upload_log.hpp"

#include "store/row_values.hpp"

namespace spillway::store {
namespace {

constexpr std::string_view uploads_of_place =
    "SELECT id, key, upload_id, begun_at FROM upload WHERE destination=?1 AND endpoint=?2 ";

result<std::vector<upload_row>> collect_uploads(result<db::statement> rows) {
  if (!rows) {
    return rows.error();
  }
  return db::collect(std::move(*rows), [](const db::statement& row) {
    return upload_row{row.number(0), std::string(row.text(1)), std::string(row.text(2)), instant_in(row, 3)};
  });
}

}  // namespace

result<void> add_upload(db::database& state, const place& in, std::string_view key, std::string_view upload_id,
                        base::instant now) {
  return state.run("INSERT INTO upload(destination, endpoint, key, upload_id, begun_at) VALUES(?, ?, ?, ?, ?)",
                   in.destination, in.endpoint, key, upload_id, base::to_us(now));
}

result<void> remove_upload(db::database& state, const place& in, std::string_view key, std::string_view upload_id) {
  return state.run("DELETE FROM upload WHERE destination=? AND endpoint=? AND key=? AND upload_id=?", in.destination,
                   in.endpoint, key, upload_id);
}

result<std::vector<upload_row>> list_uploads(db::database& state, const place& in) {
  return collect_uploads(state.query(std::string(uploads_of_place) + "ORDER BY id", in.destination, in.endpoint));
}

result<std::vector<upload_row>> list_leftover_uploads(db::database& state, const place& in) {
  return collect_uploads(state.query(
      std::string(uploads_of_place) +
          "AND key NOT IN (SELECT object.key FROM connection JOIN job ON connection_id=connection.id JOIN object ON "
          "job_id=job.id WHERE destination=?1 AND endpoint=?2 AND job.state='running') ORDER BY id",
      in.destination, in.endpoint));
}

result<std::vector<place>> list_places_in_bucket(db::database& state, const place& in) {
  const place bucket = model::bucket_of(in);
  // What lies below a directory is not in its bucket, and no directory's name starts like this.
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query(
          "SELECT destination FROM (SELECT destination, endpoint FROM upload UNION SELECT destination, endpoint "
          "FROM connection) WHERE endpoint=?1 AND (destination=?2 OR (?2 LIKE 's3://%' AND "
          "substr(destination, 1, length(?2)+1)=?2||'/')) ORDER BY destination",
          bucket.endpoint, bucket.destination));
  return db::collect(std::move(rows),
                     [&bucket](const db::statement& row) { return place{std::string(row.text(0)), bucket.endpoint}; });
}

}  // namespace spillway::store
