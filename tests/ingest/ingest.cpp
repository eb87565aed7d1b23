#include "ingest/ingest.hpp"

#include "support/ingest_run.hpp"

#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace spillway::ingest::ingest_tests {
namespace {

using test::raw_event;
using test::test_start;
using test::to_line;
using test::to_lines;

// Standard input is a file for as long as this lives.
class standard_input_from {
public:
  explicit standard_input_from(const std::string& path) : before_(::dup(STDIN_FILENO)) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    ::dup2(file, STDIN_FILENO);
    ::close(file);
  }
  ~standard_input_from() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  standard_input_from(const standard_input_from&) = delete;
  standard_input_from& operator=(const standard_input_from&) = delete;

private:
  int before_;
};

// How many different uuids the events of test_start's hour have.
std::size_t uuids_in(db::database& state) {
  constexpr std::string_view name = "\"uuid\":\"";
  const std::string text = test::read_text(state, {1, model::hour_of(test_start)});
  std::set<std::string> uuids;
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    uuids.insert(text.substr(at + name.size(), 36));
  }
  return uuids.size();
}

std::string identify() { return to_line({1, "identify-1", "", test_start, "device-1", "$identify", 0}); }

BOOST_FIXTURE_TEST_SUITE(ingest_ingest, test::ingest_run)

BOOST_AUTO_TEST_CASE(every_line_is_accounted_for) {
  const std::string lines = to_lines(5);
  const summary taken = take_text(lines + "\n  \n" + to_lines(2) + identify() + "no json\n" + "{\"app\":1}\n");
  BOOST_TEST(taken.total.received == 10);
  BOOST_TEST(taken.total.stored == 5);
  BOOST_TEST(taken.total.duplicates == 2);
  BOOST_TEST(taken.total.applied == 1);
  BOOST_TEST(taken.total.rejected == 2);
  BOOST_TEST(taken.inputs.size() == 1U);
  BOOST_TEST(taken.inputs[0].raw_bytes == std::filesystem::file_size(dir / "input-1"));
  BOOST_TEST(number("SELECT count(*) FROM reject") == 2);
  BOOST_TEST(number("SELECT finished FROM input") == 1);
}

BOOST_AUTO_TEST_CASE(an_applied_event_is_kept_verbatim_and_never_in_an_hour) {
  const std::string spaced = "{ \"app\" : 1, \"device_id\":\"d\", \"event_type\":\"$groupidentify\", "
                             "\"server_upload_time\":\"2020-01-25 14:00:00\" }";
  take_text(spaced + "\n");
  BOOST_TEST(number("SELECT line=CAST('" + spaced + "' AS BLOB) FROM applied") == 1);
  BOOST_TEST(number("SELECT count(*) FROM piece") == 0);
}

BOOST_AUTO_TEST_CASE(projects_are_made_on_first_sight) {
  raw_event other;
  other.app = 187520;
  other.insert_id = "a";
  const summary taken = take_text(to_lines(2) + to_line(other));
  BOOST_TEST(taken.hours.size() == 2U);
  BOOST_TEST(number("SELECT count(*) FROM project WHERE organization_id=1") == 2);
  BOOST_TEST(number("SELECT events FROM project WHERE id=187520") == 1);
}

BOOST_AUTO_TEST_CASE(an_hour_is_cut_at_its_last_microsecond) {
  raw_event last;
  last.uploaded_at = test_start + std::chrono::hours{1} - std::chrono::microseconds{1};
  last.insert_id = "last";
  raw_event next = last;
  next.uploaded_at += std::chrono::microseconds{1};
  next.insert_id = "next";
  const summary taken = take_text(to_line(last) + to_line(next));
  BOOST_REQUIRE(taken.hours.size() == 2U);
  BOOST_CHECK(taken.hours.begin()->first.hour == model::hour_of(test_start));
}

BOOST_AUTO_TEST_CASE(the_same_file_again_adds_nothing_whatever_its_name) {
  take_text(to_lines(5) + "no json\n");
  const std::string before = content();
  const std::string copy = write("copy", to_lines(5) + "no json\n");
  for (const std::string& input : {(dir / "input-1").string(), copy}) {
    const summary taken = take({input});
    BOOST_CHECK(taken.inputs[0].what == freshness::taken);
    BOOST_TEST(taken.total.received == 0);
    BOOST_TEST(taken.inputs[0].raw_bytes == 0U);
    BOOST_TEST((content() == before));
  }
  BOOST_TEST(number("SELECT count(*) FROM input") == 1);
}

BOOST_AUTO_TEST_CASE(a_copy_in_the_same_run_adds_nothing) {
  const std::string lines = to_lines(5, {1, "", "", test_start, "device-1", "view", 0}) + "no json\n";
  const summary taken = take({write("a", lines), write("b", lines), write("c", lines)});
  BOOST_TEST(taken.total.received == 6);
  BOOST_REQUIRE(taken.inputs.size() == 3U);
  BOOST_CHECK(taken.inputs[1].what == freshness::taken);
  BOOST_CHECK(taken.inputs[2].what == freshness::taken);
}

BOOST_AUTO_TEST_CASE(a_file_that_has_grown_goes_on_where_it_ended) {
  const std::string first = to_lines(5) + "no json\n";
  const std::string more = to_lines(4, {}, std::chrono::seconds{1}, "more") + "no json either\n";
  take({write("grows", first)});
  const summary taken = take({write("grows", first + more)});
  BOOST_CHECK(taken.inputs[0].what == freshness::grown);
  BOOST_TEST(taken.total.received == 5);
  BOOST_TEST(taken.total.stored == 4);
  BOOST_TEST(taken.inputs[0].raw_bytes == more.size());
  BOOST_TEST(number("SELECT count(*) FROM input") == 1);
  BOOST_TEST(number("SELECT received FROM input") == 11);
  BOOST_TEST(number("SELECT lines FROM input") == 11);
  // Places of rejects are those in the whole file.
  BOOST_TEST(number("SELECT max(line) FROM reject") == 11);
  BOOST_TEST(number("SELECT max(byte) FROM reject") >= static_cast<std::int64_t>(first.size() + more.size()) - 16);
}

BOOST_AUTO_TEST_CASE(a_grown_copy_in_the_same_run_adds_what_it_has_more) {
  const std::string first = to_lines(5) + "no json\n";
  const std::string more = to_lines(4, {}, std::chrono::seconds{1}, "more");
  const summary taken = take({write("a", first), write("b", first + more), write("c", first + more)});
  BOOST_TEST(taken.total.received == 10);
  BOOST_TEST(taken.total.stored == 9);
  BOOST_TEST(number("SELECT count(*) FROM input") == 1);
  BOOST_REQUIRE(taken.inputs.size() == 3U);
  BOOST_TEST(taken.inputs[1].counts.received == 4);
  BOOST_CHECK(taken.inputs[2].what == freshness::taken);
}

BOOST_AUTO_TEST_CASE(a_copy_in_front_of_a_grown_copy_adds_nothing) {
  const std::string first = to_lines(5);
  const std::string more = to_lines(4, {}, std::chrono::seconds{1}, "more");
  const summary taken = take({write("a", first), write("b", first), write("c", first + more)});
  BOOST_REQUIRE(taken.inputs.size() == 3U);
  BOOST_CHECK(taken.inputs[1].what == freshness::taken);
  BOOST_CHECK(taken.inputs[2].what == freshness::grown);
  BOOST_TEST(taken.inputs[2].counts.stored == 4);
  BOOST_TEST(number("SELECT count(*) FROM input") == 1);
}

BOOST_AUTO_TEST_CASE(of_two_that_have_grown_from_one_front_the_first_goes_on_with_it) {
  const std::string front = to_lines(5);
  const std::string one = front + to_lines(4, {}, std::chrono::seconds{1}, "one");
  const std::string other = front + to_lines(4, {}, std::chrono::seconds{1}, "other");
  const summary taken = take({write("a", front), write("b", one), write("c", other)});
  BOOST_REQUIRE(taken.inputs.size() == 3U);
  BOOST_CHECK(taken.inputs[1].what == freshness::grown);
  BOOST_CHECK(taken.inputs[2].what == freshness::fresh);
  BOOST_TEST(taken.inputs[2].counts.duplicates == 5);
  BOOST_TEST(taken.total.stored == 13);
}

BOOST_AUTO_TEST_CASE(files_with_a_common_front_are_two_inputs) {
  const std::string front = to_lines(20);
  take({write("a", front + to_lines(1, {}, std::chrono::seconds{1}, "a"))});
  const summary taken = take({write("b", front + to_lines(1, {}, std::chrono::seconds{1}, "b"))});
  BOOST_CHECK(taken.inputs[0].what == freshness::fresh);
  BOOST_TEST(taken.total.duplicates == 20);
  BOOST_TEST(taken.total.stored == 1);
}

BOOST_AUTO_TEST_CASE(duplicates_are_found_across_inputs_and_runs) {
  raw_event late;
  late.insert_id = "event-3";
  late.uploaded_at = test_start + std::chrono::seconds{3} + std::chrono::days{7};
  take_text(to_lines(5));
  BOOST_TEST(take_text(to_line(late)).total.duplicates == 1);
  late.uploaded_at += std::chrono::microseconds{1};
  BOOST_TEST(take_text(to_line(late)).total.stored == 1);
  late.app = 2;
  BOOST_TEST(take_text(to_line(late)).total.stored == 1);
}

BOOST_AUTO_TEST_CASE(a_uuid_is_the_key_of_events_without_an_insert_id) {
  raw_event event;
  event.uuid = "6d6b7e1c-3f5e-11ea-8f0b-0a58a9feac02";
  const summary taken = take_text(to_line(event) + to_line(event));
  BOOST_TEST(taken.total.stored == 1);
  BOOST_TEST(taken.total.duplicates == 1);
  event.uuid.clear();
  BOOST_TEST(take_text(to_line(event) + to_line(event)).total.stored == 2);
}

BOOST_AUTO_TEST_CASE(every_event_that_is_stored_has_a_uuid_of_its_own) {
  const std::string same = to_line({}) + to_line({});
  const std::string long_same = same + to_line({});  // more than a head
  take({write("a", same + "1\n"), write("b", same + "2\n"), write("c", long_same + "3\n"),
        write("d", long_same + "4\n")});
  take({write("e", long_same + "5\n"), write("f", same + "6\n")});
  const std::string body = R"({"events":[{"event_type":"v","device_id":"device-1","time":1579960800000}]})";
  take({write("body", body + "\n" + body + "\n"), write("other", body + "\n\n")});
  for (int i = 0; i < 2; ++i) {
    const standard_input_from redirected((dir / "a").string());
    take({"-"});
  }
  BOOST_TEST(number("SELECT events FROM hour") == 22);
  BOOST_TEST(uuids_in(state.database()) == 22U);
}

BOOST_AUTO_TEST_CASE(events_with_the_same_ids_more_than_a_week_apart_have_uuids_of_their_own) {
  raw_event event;
  event.insert_id = "i";
  event.uploaded_at = test_start;
  raw_event earlier = event;
  earlier.uploaded_at -= std::chrono::days{8};
  take_text(to_line(earlier) + to_line(event));
  const auto text_of = [&](base::instant when) { return test::read_text(state.database(), {1, model::hour_of(when)}); };
  const auto uuid_of = [](const std::string& line) { return line.substr(line.find("\"uuid\""), 45); };
  BOOST_TEST(uuid_of(text_of(event.uploaded_at)) != uuid_of(text_of(earlier.uploaded_at)));
}

BOOST_AUTO_TEST_CASE(a_file_that_grows_gives_the_uuids_of_the_whole) {
  std::string lines;
  for (int i = 0; i < 20; ++i) {
    lines += to_line({});
  }
  const std::string other = lines + "other\n";  // the same head, and the first
  test::ingest_run whole;
  whole.take({whole.write("other", other)});
  whole.take({whole.write("grows", lines)});
  take({write("other", other)});
  for (const std::size_t count : {5U, 10U, 20U}) {
    take({write("grows", std::string_view(lines).substr(0, lines.size() / 20 * count))});
  }
  BOOST_TEST((content() == whole.content()));
  BOOST_TEST(uuids_in(state.database()) == 40U);
}

BOOST_AUTO_TEST_CASE(gzip_holds_the_same_events) {
  const std::string lines = to_lines(3'000) + "no json\n";
  test::ingest_run plain;
  plain.take_text(lines);
  const summary taken = take({write("events.gz", test::gzip_of(lines))});
  BOOST_TEST(taken.total.stored == 3'000);
  BOOST_TEST((content() == plain.content()));
}

BOOST_AUTO_TEST_CASE(a_gzip_that_has_grown_by_a_member_goes_on) {
  const std::string first = test::gzip_of(to_lines(50));
  const std::string more = test::gzip_of(to_lines(7, {}, std::chrono::seconds{1}, "more"));
  take({write("grows.gz", first)});
  const summary taken = take({write("grows.gz", first + more)});
  BOOST_CHECK(taken.inputs[0].what == freshness::grown);
  BOOST_TEST(taken.total.received == 7);
  BOOST_TEST(taken.total.stored == 7);
}

BOOST_AUTO_TEST_CASE(the_members_of_a_zip_are_one_input) {
  const std::string zip = test::zip_of({{"1/1_2020-01-25_14#1.json.gz", test::gzip_of(to_lines(30))},
                                        {"1/1_2020-01-25_14#2.json", to_lines(5) + to_lines(2, {}, std::chrono::seconds{1}, "b") + "x\n"}});
  const summary taken = take({write("export.zip", zip)});
  BOOST_TEST(taken.total.received == 38);
  BOOST_TEST(taken.total.stored == 32);
  BOOST_TEST(taken.total.duplicates == 5);
  BOOST_TEST(number("SELECT count(*) FROM input") == 1);
  BOOST_TEST(number("SELECT place LIKE '%/export.zip/1/1_2020-01-25_14#2.json' AND line=8 FROM reject") == 1);
  BOOST_TEST(take({write("again.zip", zip)}).total.received == 0);
}

BOOST_AUTO_TEST_CASE(a_request_body_is_taken_in) {
  const summary taken = take_text(
      R"({"api_key":"k","client_upload_time":"2020-01-25T14:00:05.000Z","events":[
        {"event_type":"view","device_id":"device-1","time":1579960800000,"insert_id":"a"},
        {"event_type":"view","device_id":"device-1","time":1579960800000,"insert_id":"a"},
        {"device_id":"device-1"}]})");
  BOOST_TEST(taken.total.received == 3);
  BOOST_TEST(taken.total.stored == 1);
  BOOST_TEST(taken.total.duplicates == 1);
  BOOST_TEST(taken.total.rejected == 1);
  BOOST_TEST(taken.hours.begin()->first.project == 1);
}

BOOST_AUTO_TEST_CASE(an_event_that_is_too_long_is_a_reject_in_a_request_body_too) {
  const auto event = [](std::size_t bytes) {
    return R"({"event_type":"view","device_id":"device-1","time":1579960800000,"event_properties":{"p":")" +
           std::string(bytes, 'x') + "\"}}";
  };
  const summary taken =
      take_text("{\"api_key\":\"k\",\"events\":[" + event(3 << 20) + "," + event(9 << 20) + "," + event(1) + "]}");
  BOOST_TEST(taken.total.stored == 2);
  BOOST_TEST(taken.total.rejected == 1);
  BOOST_TEST(number("SELECT reason='longer than 4 MiB' AND length(text)=65536 FROM reject") == 1);
  const std::string around = R"({"client_upload_time":"2020-01-25T14:00:00.000000Z","events":[]})";
  BOOST_TEST(number("SELECT text_bytes FROM reject") ==
             static_cast<std::int64_t>(around.size() + event(9 << 20).size()));
}

BOOST_AUTO_TEST_CASE(bodies_larger_than_all_that_is_read_ahead_are_taken_one_after_another) {
  std::vector<std::string> inputs;
  for (const std::string name : {"a", "b", "c"}) {
    std::string body = "{\"events\":[\n";
    for (int i = 0; i < 3; ++i) {
      body += R"({"event_type":"view","device_id":"device-1","time":1579960800000,"event_properties":{"p":")" + name +
              std::string(3 << 20, 'x') + "\"}},\n";
    }
    inputs.push_back(write(name, body + "0]}"));
    inputs.push_back(write(name + ".jsonl", to_lines(3'000, {}, std::chrono::milliseconds{1}, name)));
  }
  const summary taken = take(inputs);
  BOOST_TEST(taken.total.stored == 9'009);
  BOOST_TEST(taken.total.rejected == 3);
}

BOOST_AUTO_TEST_CASE(standard_input_has_no_identity_and_relies_on_keys) {
  raw_event unknown;  // has no key
  const std::string input = write("piped", to_lines(5) + to_line(unknown));
  for (const std::int64_t stored : {6, 1}) {
    const standard_input_from redirected(input);
    const summary taken = take({"-"});
    BOOST_TEST(taken.total.stored == stored);
    BOOST_TEST(taken.total.duplicates == 6 - stored);
  }
  BOOST_TEST(number("SELECT count(*) FROM input") == 2);
}

BOOST_AUTO_TEST_CASE(an_empty_input_is_no_trouble) {
  BOOST_TEST(take({write("empty", "")}).total.received == 0);
  BOOST_TEST(take({write("blank", "\n\n")}).total.received == 0);
  BOOST_TEST(take({}).inputs.empty());
}

BOOST_AUTO_TEST_CASE(dropped_keys_are_summed_over_threads_and_batches) {
  wanted.threads = 4;
  wanted.batch_bytes = 1;
  std::string lines;
  for (int i = 0; i < 3'000; ++i) {
    raw_event event;
    event.insert_id = "event-" + std::to_string(i);
    event.padding = 1'000;
    std::string line = to_line(event);
    line.insert(1, i % 3 == 0 ? "\"strange\":1,\"other\":2," : "\"strange\":1,");
    lines += line;
  }
  const summary taken = take_text(lines);
  BOOST_TEST(taken.dropped.counts().at("strange") == 3'000U);
  BOOST_TEST(taken.dropped.counts().at("other") == 1'000U);
}

BOOST_AUTO_TEST_CASE(progress_rises_to_the_end) {
  wanted.batch_bytes = 1;
  const std::string input = write("events", to_lines(3'000, {1, "", "", test_start, "device-1", "view", 1'000}));
  std::vector<progress> seen;
  REQUIRE_OK(try_take({input}, [&](const progress& now) { seen.push_back(now); }));
  BOOST_REQUIRE(seen.size() >= 3U);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    BOOST_TEST(seen[i].events >= seen[i - 1].events);
    BOOST_TEST(seen[i].raw_bytes >= seen[i - 1].raw_bytes);
  }
  BOOST_TEST(seen.back().events == 3'000);
  BOOST_TEST(seen.back().raw_bytes == std::filesystem::file_size(input));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::ingest::ingest_tests
