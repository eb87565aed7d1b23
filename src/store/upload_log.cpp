#include "store/upload_log.hpp"

#include "store/row_values.hpp"

namespace spillway::store {

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
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query("SELECT id, key, upload_id, begun_at FROM upload WHERE destination=? "
                                  "AND endpoint=? ORDER BY id",
                                  in.destination, in.endpoint));
  return db::collect(std::move(rows), [](const db::statement& row) {
    return upload_row{row.number(0), std::string(row.text(1)), std::string(row.text(2)), instant_in(row, 3)};
  });
}

}  // namespace spillway::store
