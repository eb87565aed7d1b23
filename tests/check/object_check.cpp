#include "check/object_check.hpp"

#include "check/small_bucket.hpp"

namespace spillway::check::object_check_tests {
namespace {

const std::string the_key = "1/1_2020-01-25_9#1.json.gz";

struct fixture : test::small_bucket {
  std::vector<std::string> lines;

  // The first finding's text; empty if there is none.
  std::string what_is_wrong(std::string_view bytes, object_facts* facts = nullptr) {
    put(the_key, bytes);
    tally findings(the_key);
    lines.clear();
    const auto read =
        read_object(*mirror, findings, [this](std::int64_t, std::string_view text) { lines.emplace_back(text); });
    REQUIRE_OK(read);
    if (facts != nullptr) {
      *facts = *read;
    }
    found.clear();
    REQUIRE_OK(findings.report(sink()));
    return found.empty() ? std::string() : std::string(to_string(found[0].kind)) + ": " + found[0].what;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_object_check, fixture)

BOOST_AUTO_TEST_CASE(a_sound_object_gives_its_lines_and_facts) {
  const std::string text = "one\ntwo\n";
  object_facts facts;
  BOOST_TEST(what_is_wrong(test::gzip_of(text), &facts) == "");
  BOOST_TEST(lines == (test::names{"one", "two"}), boost::test_tools::per_element());
  const model::manifest_object wanted = test::listed(the_key, text);
  BOOST_TEST(facts.lines == 2);
  BOOST_TEST(facts.bytes == static_cast<std::uint64_t>(wanted.bytes));
  BOOST_TEST(facts.text_bytes == text.size());
  BOOST_TEST(facts.text_crc32 == wanted.text_crc32);
  BOOST_TEST(base::sha256_hex(facts.sha256) == wanted.sha256);
}

BOOST_AUTO_TEST_CASE(lines_survive_every_cut_between_pieces) {
  std::string text;
  std::vector<std::string> wanted;
  for (int i = 0; i < 3000; ++i) {
    wanted.push_back(fmt::format("{} {}", i, std::string(static_cast<std::size_t>(i % 700), 'x')));
    text += wanted.back() + '\n';
  }
  BOOST_TEST(what_is_wrong(test::gzip_of(text)) == "");
  BOOST_TEST((lines == wanted));
}

BOOST_AUTO_TEST_CASE(two_members_are_one_too_many) {
  const std::string one = test::gzip_of("one\n");
  BOOST_TEST(what_is_wrong(one + one) == "gzip: 2 gzip members instead of one: many readers stop after the first");
  BOOST_TEST(lines.size() == 2);
}

BOOST_AUTO_TEST_CASE(zero_bytes_behind_the_member_are_found) {
  BOOST_TEST(what_is_wrong(test::gzip_of("one\n") + std::string(1, '\0')) == "gzip: zero bytes behind its gzip member");
  BOOST_TEST(what_is_wrong(test::gzip_of("one\n") + std::string(512, '\0')) ==
             "gzip: zero bytes behind its gzip member");
}

BOOST_AUTO_TEST_CASE(damage_is_found_wherever_it_is) {
  const std::string sound = test::gzip_of("one\ntwo\nthree\n");
  for (std::size_t cut = 0; cut < sound.size(); ++cut) {
    BOOST_TEST_CONTEXT("cut at " << cut) { BOOST_TEST(what_is_wrong(sound.substr(0, cut)).starts_with("gzip: ")); }
  }
  for (std::size_t at = sound.size() - 8; at < sound.size(); ++at) {
    std::string broken = sound;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    object_facts facts;
    BOOST_TEST_CONTEXT("byte " << at) { BOOST_TEST(what_is_wrong(broken, &facts).starts_with("gzip: ")); }
    BOOST_TEST(!facts.is_readable);
  }
  BOOST_TEST(what_is_wrong(sound + "more").starts_with("gzip: "));
  BOOST_TEST(what_is_wrong("{\"not\":\"packed\"}\n").starts_with("gzip: "));
}

BOOST_AUTO_TEST_CASE(an_object_without_lines_is_found) {
  BOOST_TEST(what_is_wrong(test::gzip_of("")) == "text: it holds no lines");
}

BOOST_AUTO_TEST_CASE(a_missing_line_feed_at_the_end_is_found_and_the_line_is_read) {
  BOOST_TEST(what_is_wrong(test::gzip_of("one\ntwo")) == "text: the last line does not end in a line feed");
  BOOST_TEST(lines.size() == 2);
}

BOOST_AUTO_TEST_CASE(empty_lines_are_found_and_numbers_go_on) {
  BOOST_TEST(what_is_wrong(test::gzip_of("one\n\n\ntwo\n")) == "text: an empty line");
  BOOST_TEST(found[0].line == 2);
  BOOST_TEST(found[0].count == 2);
  BOOST_TEST(lines.size() == 2);
}

BOOST_AUTO_TEST_CASE(an_overlong_line_is_reported_and_the_next_one_read) {
  std::string packed;
  // Segments are limited, so that the line is made of several members' worth of text in one member.
  const std::string part(codec::segment_text_bytes_max, 'x');
  const auto segment = codec::segment_compressor({1}).compress(part);
  const auto last = codec::segment_compressor({1}).compress("\ntwo\n");
  codec::text_totals totals;
  packed = codec::gzip_header();
  for (int i = 0; i < 5; ++i) {
    packed += segment->deflate;
    totals.append(segment->text_bytes, segment->text_crc32);
  }
  packed += last->deflate;
  totals.append(last->text_bytes, last->text_crc32);
  packed += codec::gzip_trailer(totals);
  BOOST_TEST(what_is_wrong(packed).starts_with("text: a line longer than "));
  BOOST_TEST(lines == test::names{"two"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bytes_that_a_disk_does_not_give_are_a_finding_and_a_denial_is_none) {
  tally findings(the_key);
  const auto unread = presence_behind({errc::io, "reading", "Input/output error", {}}, findings);
  REQUIRE_OK(unread);
  BOOST_TEST((*unread == presence::unread));
  BOOST_TEST(findings.has(finding_kind::unread, {}));
  CHECK_FAILS(presence_behind({errc::denied, "reading", "s3:GetObject is denied", {}}, findings), errc::denied);
}

BOOST_AUTO_TEST_CASE(an_object_that_went_since_the_listing_is_no_failure) {
  tally findings(the_key);
  const auto read = read_object(*mirror, findings, [](std::int64_t, std::string_view) {});
  REQUIRE_OK(read);
  BOOST_TEST((read->presence == presence::gone));
  BOOST_TEST(findings.has(finding_kind::gone, {}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::object_check_tests
