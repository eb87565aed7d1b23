#include "fuzz/damaged_state.hpp"

#include "codec/segment.hpp"
#include "db/sqlite.hpp"
#include "fuzz/fuzz.hpp"
#include "store/catalog.hpp"
#include "store/connections.hpp"
#include "store/duplicate_index.hpp"
#include "store/event_store.hpp"
#include "store/state_file.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <variant>
#include <vector>

namespace spillway::fuzz {
namespace {

constexpr model::hour hour{model::hour_of(state_time).number - 2};  // 438880
static_assert(hour.number == 438880);

constexpr std::string_view event_line =
    R"({"app":7,"event_type":"view","device_id":"d","server_upload_time":"2020-01-25T16:00:00.000000"})"
    "\n";

// A row or two of each table that no function of the store fills here.
constexpr const char* rows_sql = R"sql(
INSERT INTO administrator VALUES(1, 'ops@example.com');
INSERT INTO input VALUES(1, 'events.jsonl', 3, x'00112233445566778899aabbccddeeff', 99,
  x'00112233445566778899aabbccddeeff', 99, 1, 4, 1, 1, 1, 1, 1, 1579975200000000);
INSERT INTO input_front VALUES(98, x'00112233445566778899aabbccddeeff');
INSERT INTO applied VALUES(1, 7, 1579975200000000, x'7b7d');
INSERT INTO merge_record VALUES(1, 1, 438881, 1579975200000, 1579975200000, 9, 8),
  (2, 1, 438882, 1579975300000, 1579975300000, 7, 6);
INSERT INTO reject VALUES(1, 1, 'events.jsonl', 2, 14, 'no JSON in it', 2, x'2d2d');
INSERT INTO gap VALUES(1, 438870, 438871);
INSERT INTO access_trouble VALUES(1, 1579975200000000, 3, 1579975300000000, 1579975250000000, 's3:PutObject', 'no');
INSERT INTO outgoing_mail VALUES
  (1, 'a@b', '', 'ops@example.com', 'blocked', 'text', 1579975200000000, 1, 1579975300000000, '', 0),
  (2, 'c@d', 'a@b', 'ops@example.com', 'works', 'text', 1579975200000000, 1, 1579975300000000, 'gone', 1);
INSERT INTO backfill VALUES(1, 1, 438880, 438890, 438881, 'refuse', 'running', '', 'conflict', '', 0, 0, '', 1, 1, 1, 1,
  1579975200000000, NULL);
INSERT INTO job VALUES
  (1, 1, 'events', 438880, 'delivered', '', 1, 'manifest', 98, 1, 1579975200000000, 1579975300000000),
  (2, 1, 'merges', 438881, 'waiting', '', 0, 'off', 1, 1, 1579975200000000, NULL);
INSERT INTO object VALUES(1, 1, 1, '7/7_2020-01-25_16#1.json.gz', 0, 98, 1, x'0a000000', 98, 1234, 1, 50,
  x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
  x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'isal-2.30.0/1',
  '{"column":"event_type","operator":"is","values":["view"]}', 'etag', 1579975200000000,
  1579975300000000);
INSERT INTO migration VALUES(1, 1, 7, '/srv/bucket', '', NULL, '', '', '', 4, 0, 0, 'us', '{}', 'us', 'AES256', '', 0,
  '', 1, 1, 1579975200000000, NULL);
INSERT INTO upload VALUES(1, '/srv/bucket', '', '7/a', 'id', 1579975200000000);
INSERT INTO worker VALUES(1, 4711, 'export', 1579975200000000);
)sql";

result<void> add_hours(db::database& database) {
  SPILLWAY_TRY_ASSIGN(const codec::segment made, codec::segment_compressor({6}).compress(event_line));
  const auto bytes = static_cast<std::int64_t>(event_line.size());
  for (const model::hour each : {hour, hour.next()}) {
    SPILLWAY_TRY(store::put_hour(database, {{7, each}, 2, 0, 2 * bytes, bytes}));
    SPILLWAY_TRY(store::add_segment(database, {7, each}, 0, 1, made, "zlib-1.2.13/6"));
    SPILLWAY_TRY(store::add_piece(database, {7, each}, bytes, 1, event_line));
  }
  return {};
}

// Keys of three days in rows, and one that is in none yet.
result<void> add_keys(db::database& database) {
  SPILLWAY_TRY_ASSIGN(store::duplicate_index index, store::duplicate_index::open(database));
  std::vector<store::seen_key> keys;
  for (std::uint64_t i = 0; i < 30; ++i) {
    keys.push_back(
        {{i * 0x0123456789abcdef, static_cast<std::uint32_t>(i)}, base::to_us(state_time) - static_cast<std::int64_t>(i) * 7'200'000'000});
  }
  SPILLWAY_TRY(index.admit(keys));
  SPILLWAY_TRY(store::write_keys(database, index.take_unsaved()));
  SPILLWAY_TRY(index.merge(database));
  const store::seen_key newest{{1, 2}, base::to_us(state_time)};
  SPILLWAY_TRY(index.admit({&newest, 1}));
  return store::write_keys(database, index.take_unsaved());
}

result<void> fill(db::database& database) {
  SPILLWAY_TRY_ASSIGN(db::transaction all, db::transaction::begin(database));
  SPILLWAY_TRY(store::add_organization(database, {1, "local"}, state_time));
  SPILLWAY_TRY(store::add_project(database, {7, 1, model::record_form::documented, {6}, 0}, state_time));
  SPILLWAY_TRY(store::count_events(database, 7, 4));
  model::connection to;
  to.project = 7;
  to.place = {"/srv/bucket", ""};
  to.kind = model::connection_kind::scheduled;
  to.data = model::data_choice::both;
  to.filter = R"({"column":"event_type","operator":"is","values":["view"]})";
  to.start = hour;
  to.created_at = state_time;
  SPILLWAY_TRY(store::add_connection(database, to));
  SPILLWAY_TRY(add_hours(database));
  SPILLWAY_TRY(add_keys(database));
  SPILLWAY_TRY(database.execute(rows_sql));
  return all.commit();
}

result<void> make(const std::filesystem::path& path) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, store::state_file::open(path, store::access::create));
  return fill(state.database());
}

// ---- damages ----

struct blob {
  std::string bytes;
};
using cell_value = std::variant<std::nullopt_t, std::int64_t, std::string, blob>;

std::optional<std::string> parse_hex(std::string_view text) {
  std::string bytes;
  for (; text.size() >= 2; text.remove_prefix(2)) {
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 2, byte, 16);
    if (error != std::errc{} || end != text.data() + 2) {
      return std::nullopt;
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<cell_value> parse_value(std::string_view text) {
  if (text == "NULL") {
    return cell_value(std::nullopt);
  }
  if (text.starts_with('\'')) {
    return cell_value(std::string(text.substr(1, text.size() > 2 ? text.size() - 2 : 0)));
  }
  if (text.starts_with("x'")) {
    auto bytes = parse_hex(text.substr(2));
    return bytes ? std::optional<cell_value>(blob{std::move(*bytes)}) : std::nullopt;
  }
  const auto number = parse_number<std::int64_t>(text);
  return number ? std::optional<cell_value>(*number) : std::nullopt;
}

bool is_name(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

// One line: what stands in front of the first '=', and the value behind it.
struct damage {
  std::string_view what;
  cell_value set;
};

std::vector<damage> parse_damages(std::string_view text) {
  std::vector<damage> damages;
  while (!text.empty()) {
    const std::string_view each = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(each.size() + 1, text.size()));
    const std::size_t equals = each.find('=');
    if (auto set = equals == std::string_view::npos ? std::nullopt : parse_value(each.substr(equals + 1))) {
      damages.push_back({each.substr(0, equals), std::move(*set)});
    }
  }
  return damages;
}

result<void> set_column(db::database& database, const damage& wanted) {
  const std::size_t dot = wanted.what.find('.');
  const std::string_view table = wanted.what.substr(0, dot);
  const std::string_view column = dot == std::string_view::npos ? std::string_view() : wanted.what.substr(dot + 1);
  if (!is_name(table) || !is_name(column)) {
    return {};
  }
  const std::string sql = "UPDATE OR IGNORE " + std::string(table) + " SET " + std::string(column) + "=?";
  return std::visit(
      [&](const auto& set) {
        if constexpr (std::is_same_v<std::decay_t<decltype(set)>, blob>) {
          return database.run(sql, db::as_blob{set.bytes});
        } else {
          return database.run(sql, set);
        }
      },
      wanted.set);
}

result<void> set_columns(const std::filesystem::path& path, const std::vector<damage>& damages) {
  SPILLWAY_TRY_ASSIGN(db::database database, db::database::open(path, db::open_mode::read_write));
  SPILLWAY_TRY(database.execute("PRAGMA synchronous=OFF"));
  SPILLWAY_TRY_ASSIGN(db::transaction all, db::transaction::begin(database));
  for (const damage& each : damages) {
    (void)set_column(database, each);  // no such column, or one that can't be set to this
  }
  return all.commit();
}

void overwrite(const std::filesystem::path& path, const std::vector<damage>& damages) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  for (const damage& each : damages) {
    const blob* bytes = std::get_if<blob>(&each.set);
    const auto at = each.what.starts_with('@') ? parse_number<std::uint32_t>(each.what.substr(1)) : std::nullopt;
    if (bytes != nullptr && at && *at < (std::uint32_t{16} << 20)) {
      file.seekp(*at);
      file << bytes->bytes;
    }
  }
}

}  // namespace

damaged_state::damaged_state() {
  const auto made = make(path_);
  require(made.has_value(), made ? "" : made.error().text().c_str());
  std::ifstream file(path_, std::ios::binary);
  whole_.assign(std::istreambuf_iterator<char>(file), {});
}

void damaged_state::write_whole() const {
  for (const char* const beside : {"state.db-wal", "state.db-shm"}) {
    std::filesystem::remove(dir_ / beside);
  }
  std::ofstream(path_, std::ios::binary) << whole_;
}

void damaged_state::restore(std::string_view damages) {
  const std::vector<damage> wanted = parse_damages(damages);
  write_whole();
  require(set_columns(path_, wanted).has_value(), "a whole file can be changed");
  overwrite(path_, wanted);
}

}  // namespace spillway::fuzz
