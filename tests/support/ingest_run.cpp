#include "support/ingest_run.hpp"

#include "base/bytes.hpp"

namespace spillway::test {
namespace {

using base::append_number;

// What a local header and a central one have in common: version, flags, method "stored", time, CRC-32, sizes, name.
void append_member_fields(std::string& to, const std::string& name, const std::string& text) {
  append_number<std::uint16_t>(to, 20);
  append_number<std::uint16_t>(to, 0);
  append_number<std::uint16_t>(to, 0);
  append_number<std::uint32_t>(to, 0);
  append_number<std::uint32_t>(to, codec::crc32_of(text));
  append_number(to, static_cast<std::uint32_t>(text.size()));
  append_number(to, static_cast<std::uint32_t>(text.size()));
  append_number(to, static_cast<std::uint16_t>(name.size()));
  append_number<std::uint16_t>(to, 0);
}

}  // namespace

std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string zip;
  std::string directory;
  for (const auto& [name, text] : members) {
    directory += "PK\x01\x02";
    append_number<std::uint16_t>(directory, 20);
    append_member_fields(directory, name, text);
    directory.append(10, '\0');  // comment, disk, attributes
    append_number(directory, static_cast<std::uint32_t>(zip.size()));
    directory += name;
    zip += "PK\x03\x04";
    append_member_fields(zip, name, text);
    zip += name + text;
  }
  std::string end = "PK\x05\x06";
  append_number<std::uint32_t>(end, 0);
  append_number(end, static_cast<std::uint16_t>(members.size()));
  append_number(end, static_cast<std::uint16_t>(members.size()));
  append_number(end, static_cast<std::uint32_t>(directory.size()));
  append_number(end, static_cast<std::uint32_t>(zip.size()));
  append_number<std::uint16_t>(end, 0);
  return zip + directory + end;
}

ingest::summary ingest_run::take(std::vector<std::string> inputs) {
  const store::input_counts before{number("SELECT coalesce(sum(received), 0) FROM input"),
                                   number("SELECT coalesce(sum(stored), 0) FROM input"), 0, 0, 0};
  const auto taken = try_take(std::move(inputs));
  REQUIRE_OK(taken);
  check();
  store::input_counts sum;
  for (const ingest::input_summary& each : taken->inputs) {
    sum += each.counts;
  }
  const store::input_counts& total = taken->total;
  BOOST_TEST(total.received == total.stored + total.duplicates + total.applied + total.rejected);
  BOOST_TEST(sum.received == total.received);
  BOOST_TEST(sum.stored == total.stored);
  BOOST_TEST(sum.duplicates == total.duplicates);
  BOOST_TEST(sum.applied == total.applied);
  BOOST_TEST(sum.rejected == total.rejected);
  BOOST_TEST(number("SELECT coalesce(sum(received), 0) FROM input") - before.received == total.received);
  BOOST_TEST(number("SELECT coalesce(sum(stored), 0) FROM input") - before.stored == total.stored);
  ingest::hour_counts hours;
  for (const auto& [key, counts] : taken->hours) {
    hours.stored += counts.stored;
    hours.duplicates += counts.duplicates;
  }
  BOOST_TEST(hours.stored == total.stored);
  const bool has_merges = number("SELECT count(*) FROM merge_record") != 0;  // a duplicate of one is in no project's hour
  BOOST_TEST((has_merges ? hours.duplicates <= total.duplicates : hours.duplicates == total.duplicates));
  return *taken;
}

}  // namespace spillway::test
