// An event is drawn in three steps, each from its own seed: the visitor (which device, where, who) from the visitor's
// number, so that it is the same person whenever it comes back; the moments from the place in the file; and what was
// done from the event's number. The line is then written from front to back, without a document in memory.
#include "record/generator.hpp"

#include "record/generator_parts.hpp"
#include "record/generator_words.hpp"

#include <algorithm>
#include <iterator>

namespace spillway::record {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
// Amplitude leaves `event_time` at the client's time while the two clocks differ by less.
constexpr std::int64_t skew_ms_min = minute_ms;
constexpr std::uint32_t visitors = 60'000;

struct visitor {
  std::uint32_t number = 0;
  const words::place* where = nullptr;
  const words::device* with = nullptr;
  std::string_view os_version, app_version, plan, company;  // the last two are empty for most
  std::uint64_t id_high = 0, id_low = 0;        // of the device
  std::int64_t amplitude_id = 0;
  std::int64_t clock_ahead_ms = 0;  // how far the device's clock is in front of the true time
  bool signed_in = false, paying = false;
  std::uint32_t address = 0;
};

visitor visitor_of(std::uint64_t seed, std::uint32_t number) {
  random_source random = source_of(seed, std::uint64_t{number + 1} << 32);
  visitor who;
  who.number = number;
  who.where = &random.pick(words::places);
  who.with = &random.pick(words::devices);
  const bool is_app = who.with->platform == "iOS" || who.with->platform == "Android";
  who.os_version = random.pick(who.with->versions);
  who.app_version = is_app ? random.pick(words::app_versions) : std::string_view{};
  who.id_high = random.next();
  who.id_low = random.next();
  // 11 to 13 digits, as they are in real buckets.
  who.amplitude_id = 45'975'551'903 + std::int64_t{number} * 21'474'836 + std::int64_t{random.below(21'000'000)};
  who.signed_in = !random.one_in(3);
  who.paying = who.signed_in && random.one_in(4);
  who.plan = who.signed_in ? random.pick(words::plans) : std::string_view{};
  who.company = who.signed_in && random.one_in(5) ? random.pick(words::companies) : std::string_view{};
  who.address = random.below(1u << 16);
  who.clock_ahead_ms = random.between(0, 2000) - 1000;
  if (random.one_in(120)) {
    const std::int64_t wrong_by = random.between(90'000, 12 * 3'600'000);
    who.clock_ahead_ms = random.one_in(2) ? wrong_by : -wrong_by;
  }
  return who;
}

// The six times of an event: true ones on the server, the client's by its own clock.
struct moments {
  base::instant client_event, client_upload, received, upload, processed, event;
};

moments moments_of(base::instant upload, const visitor& who, random_source& random) {
  using std::chrono::milliseconds;
  const bool is_batch = who.with->platform.empty();
  moments at;
  at.upload = upload;
  at.received = upload - milliseconds{is_batch ? random.between(12'000, 16'000) : random.between(3, 44)};
  at.processed = upload + std::chrono::microseconds{random.between(500'000, 4'000'000)};
  at.client_upload = at.received - milliseconds{random.between(20, 400)} + milliseconds{who.clock_ahead_ms};
  const bool is_late = random.one_in(40);
  const std::int64_t waited_ms =
      is_late ? hour_ms + std::int64_t{random.below(71 * 3'600'000)} : random.between(90, 30'000);
  at.client_event = at.client_upload - milliseconds{waited_ms};
  const auto difference = at.received - at.client_upload;
  const bool is_adjusted = std::chrono::abs(difference) >= milliseconds{skew_ms_min};
  at.event = is_adjusted ? at.client_event + difference : at.client_event;
  return at;
}

std::int64_t ms_of(base::instant when) {
  return std::chrono::floor<std::chrono::milliseconds>(when).time_since_epoch().count();
}

// A session starts somewhere in the first twenty minutes of a half hour, at the same millisecond for all of its events.
std::int64_t session_of(const visitor& who, std::int64_t event_ms) {
  const auto start_of = [&who](std::int64_t half_hour) {
    random_source random = source_of(who.id_low, static_cast<std::uint64_t>(half_hour));
    return half_hour * 30 * minute_ms + random.between(0, 20 * 60'000);
  };
  const std::int64_t half_hour =
      std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<1800>>>(std::chrono::milliseconds{event_ms})
          .count();
  const std::int64_t start = start_of(half_hour);
  return start <= event_ms ? start : start_of(half_hour - 1);
}

std::int64_t price_cents(random_source& random) { return random.one_in(4) ? 110 : random.between(1, 400) * 5 - 1; }

void put_nothing(writer&, const visitor&, random_source&) {}

void put_page(writer& out, const visitor& who, random_source& random) {
  const std::uint32_t page = random.below(std::size(words::pages));
  if (who.with->platform != "Web") {
    out.raw("\"screen\":").quoted(words::titles[page]).raw(",\"view_id\":\"").token(random, 33).raw("\",\"battery\":");
    out.decimal(random.between(1, 100), 100).raw(",\"network\":").quoted(random.pick(words::networks));
    return;
  }
  out.raw("\"url\":\"https://shop.example").raw(words::pages[page]);
  if (random.one_in(2)) {
    out.raw("#fbclid=").token(random, 60).raw("\"");
  } else {
    out.raw("\",\"title\":").quoted(words::titles[page]).raw(",\"referrer\":").quoted(random.pick(words::referrers));
  }
  out.raw(",\"load_seconds\":").decimal(random.between(80, 4200), 1000);
}

void put_product(writer& out, const visitor&, random_source& random) {
  out.raw("\"product_id\":").integer(random.between(100'000, 999'999));
  out.raw(",\"name\":").quoted(random.pick(words::products));
  out.raw(",\"category\":[")
      .quoted(random.pick(words::categories))
      .raw("],\"price\":")
      .decimal(price_cents(random), 100);
  out.raw(",\"list\":\"").token(random, 22).raw("\",\"in_stock\":");
  out.raw(random.one_in(6) ? "false" : "true");
}

void put_search(writer& out, const visitor&, random_source& random) {
  out.raw("\"query\":").quoted(random.pick(words::searches)).raw(",\"results\":").integer(random.between(0, 480));
  out.raw(",\"filters\":{\"max_price\":").decimal(random.between(1, 20) * 1000, 100).raw(",\"colors\":[");
  out.quoted(random.pick(words::colors)).raw("],\"sort\":null}");
}

void put_button(writer& out, const visitor&, random_source& random) {
  out.raw("\"label\":").quoted(random.pick(words::buttons)).raw(",\"x\":").integer(random.between(0, 1920));
  out.raw(",\"y\":").integer(random.between(0, 4000) - 12).raw(",\"variant\":null");
}

void put_video(writer& out, const visitor&, random_source& random) {
  out.raw("\"video_id\":\"").token(random, 11).raw("\",\"position\":").decimal(random.between(0, 600'000), 1000);
  out.raw(",\"buffered\":[[0,").decimal(random.between(1, 900), 10).raw("]],\"muted\":");
  out.raw(random.one_in(2) ? "true" : "false").raw(",\"network\":").quoted(random.pick(words::networks));
}

void put_order(writer& out, const visitor&, random_source& random) {
  const std::int64_t items = random.between(1, 2);
  std::int64_t total_cents = 0;
  out.raw("\"order_id\":\"").token(random, 20).raw("\",\"items\":[");
  for (std::int64_t item = 0; item < items; ++item) {
    const std::int64_t cents = price_cents(random);
    const std::int64_t quantity = random.between(1, 3);
    total_cents += cents * quantity;
    out.raw(item == 0 ? "{\"sku\":\"" : ",{\"sku\":\"").hex(random.next(), 6).raw("\",\"name\":");
    out.quoted(random.pick(words::products)).raw(",\"quantity\":").integer(quantity);
    out.raw(",\"price\":").decimal(cents, 100).raw("}");
  }
  out.raw("],\"$revenue\":").decimal(total_cents, 100).raw(",\"$currency\":").quoted(random.pick(words::currencies));
  out.raw(",\"coupon\":")
      .quoted_or_null(random.one_in(4) ? "WINTER20" : std::string_view{})
      .raw(",\"tax_rate\":1.9e-1");
}

void put_error(writer& out, const visitor&, random_source& random) {
  out.raw("\"message\":")
      .quoted(random.pick(words::errors))
      .raw(",\"fatal\":")
      .raw(random.one_in(9) ? "true" : "false");
  out.raw(",\"trace_id\":").integer(static_cast<std::int64_t>(random.next() >> 1)).raw(",\"context\":{}");
}

struct action {
  std::string_view event_type;
  void (*put_properties)(writer&, const visitor&, random_source&);
};
// One is picked with even odds, so an action that stands here more often happens more often.
constexpr action actions[] = {
    {"session_start", put_nothing},    {"session_start", put_nothing},   {"session_end", put_nothing},
    {"Page Viewed", put_page},         {"Page Viewed", put_page},        {"Page Viewed", put_page},
    {"Page Viewed", put_page},         {"Product Viewed", put_product},  {"Product Viewed", put_product},
    {"Product Added", put_product},    {"Search Performed", put_search}, {"Search Performed", put_search},
    {"Button Clicked", put_button},    {"Button Clicked", put_button},   {"[Amplitude] Start Session", put_nothing},
    {"video_played", put_video},       {"Order Completed", put_order},   {"Error Shown", put_error},
    {"Push Opened", put_nothing},      {"Artikel gelesen ✓", put_page},  {"app_opened", put_nothing},
    {"app_backgrounded", put_nothing}, {"heartbeat", put_nothing},       {"heartbeat", put_nothing},
};

void put_user_properties(writer& out, const visitor& who, random_source& random) {
  if (!who.signed_in) {
    out.raw("{}");
    return;
  }
  out.raw("{\"plan\":").quoted(who.plan);
  random_source fixed(who.id_low);
  out.raw(",\"gclid\":\"").token(fixed, 55).raw("\"");
  if (who.paying) {
    out.raw(",\"lifetime_value\":").decimal(random.between(1, 90'000), 100);
  }
  if (random.one_in(9)) {
    out.raw(",\"experiments\":[\"checkout-").integer(random.between(1, 9)).raw("\",\"nav-b\"],\"score\":");
    out.decimal(random.between(0, 2000) - 1000, 1000);
  }
  out.raw("}");
}

void put_groups(writer& out, const visitor& who) {
  if (who.company.empty()) {
    out.raw(R"(,"group_properties":{},"groups":{})");
    return;
  }
  out.raw(R"(,"group_properties":{"company":{)").quoted(who.company).raw(":{\"seats\":");
  out.integer(5 + static_cast<std::int64_t>(who.company.size()) * 10).raw(R"(,"tier":"gold"}}},"groups":{"company":[)");
  out.quoted(who.company).raw("]}");
}

void put_data(writer& out, const visitor& who, random_source& random) {
  out.raw(",\"data\":{");
  if (who.with->platform.empty()) {
    out.raw(R"("path":"/batch","group_first_event":{},)");
  }
  if (random.one_in(50)) {
    out.raw(R"("first_event":true,)");
  }
  out.raw(R"("group_ids":{)");
  if (!who.company.empty()) {
    out.raw("\"3124\":[").integer(2'357'687'219 + static_cast<std::int64_t>(who.company.size())).raw("]");
  }
  out.raw(R"(}},"data_type":"event")");
}

void put_device(writer& out, const visitor& who) {
  const words::device& with = *who.with;
  out.raw(",\"device_brand\":").quoted_or_null(with.brand).raw(",\"device_carrier\":").quoted_or_null(with.carrier);
  out.raw(",\"device_family\":").quoted_or_null(with.family).raw(",\"device_id\":\"");
  if (with.platform == "Web") {
    random_source id(who.id_high);
    out.token(id, 22).raw("\"");
  } else {
    out.uuid(who.id_high, who.id_low).raw(with.platform == "Android" ? "R\"" : "\"");
  }
  out.raw(",\"device_manufacturer\":").quoted_or_null(with.manufacturer);
  out.raw(",\"device_model\":").quoted_or_null(with.model).raw(",\"device_type\":").quoted_or_null(with.type);
}

// `$insert_id` to `device_type`.
void put_first_columns(writer& out, const visitor& who, const moments& at, model::project_id project,
                       random_source& random) {
  const std::uint64_t insert_high = random.next();
  out.raw(R"({"$insert_id":")").uuid(insert_high, random.next());
  out.raw("\",\"$insert_key\":\"00")
      .hex(random.next(), 16)
      .hex(random.next(), 16)
      .raw("#")
      .integer(random.between(1, 999));
  out.raw(R"(","$schema":13,"adid":null,"amplitude_attribution_ids":null,"amplitude_event_type":null)");
  out.raw(",\"amplitude_id\":").integer(who.amplitude_id).raw(",\"app\":").integer(project);
  out.raw(",\"city\":").quoted_or_null(who.where->city).raw(",\"client_event_time\":").time(at.client_event);
  out.raw(",\"client_upload_time\":").time(at.client_upload).raw(",\"country\":").quoted_or_null(who.where->country);
  put_data(out, who, random);
  put_device(out, who);
}

void put_location(writer& out, const visitor& who, random_source& random) {
  if (who.with->platform != "Android") {
    out.raw(R"(,"location_lat":null,"location_lng":null)");
    return;
  }
  out.raw(",\"location_lat\":").decimal(std::int64_t{who.where->latitude} * 1000 + random.between(0, 9999), 1'000'000);
  out.raw(",\"location_lng\":").decimal(std::int64_t{who.where->longitude} * 1000 + random.between(0, 9999), 1'000'000);
}

// `dma` to `os_version`.
void put_middle_columns(writer& out, const visitor& who, const moments& at, random_source& random) {
  const action& did = random.pick(actions);
  // Counts up for a device; the starting point keeps it positive for uploads that are days late.
  const std::int64_t event_id = 1 + who.number % 900 + (ms_of(at.client_event) / 7919) % 100'000;
  out.raw(",\"dma\":")
      .quoted_or_null(who.where->dma)
      .raw(",\"event_id\":")
      .integer(event_id)
      .raw(",\"event_properties\":{");
  did.put_properties(out, who, random);
  out.raw("},\"event_time\":").time(at.event).raw(",\"event_type\":").quoted(did.event_type);
  out.raw(R"(,"global_user_properties":{})");
  put_groups(out, who);
  out.raw(",\"idfa\":null,\"ip_address\":\"").raw(who.where->address_start).integer(who.address >> 8);
  out.raw(".")
      .integer(who.address & 255)
      .raw("\",\"is_attribution_event\":false,\"language\":")
      .quoted(who.where->language);
  out.raw(",\"library\":").quoted(who.with->library);
  put_location(out, who, random);
  out.raw(",\"os_name\":").quoted_or_null(who.with->os_name).raw(",\"os_version\":").quoted_or_null(who.os_version);
}

// `partner_id` to `version_name`.
void put_last_columns(writer& out, const visitor& who, const moments& at, random_source& random) {
  const bool has_session = !who.with->platform.empty();
  out.raw(",\"partner_id\":null,\"paying\":").raw(who.paying ? "true" : "null").raw(",\"plan\":{},\"platform\":");
  out.quoted_or_null(who.with->platform).raw(",\"processed_time\":").time(at.processed);
  out.raw(",\"region\":").quoted_or_null(who.where->region).raw(",\"sample_rate\":null,\"server_received_time\":");
  out.time(at.received).raw(",\"server_upload_time\":").time(at.upload);
  out.raw(",\"session_id\":").integer(has_session ? session_of(who, ms_of(at.client_event)) : -1);
  out.raw(",\"source_id\":null,\"start_version\":").quoted_or_null(who.app_version).raw(",\"user_creation_time\":null");
  if (who.signed_in) {
    out.raw(",\"user_id\":\"").hex(~who.id_low, 16).hex(who.id_high, 8).raw("\"");
  } else {
    out.raw(",\"user_id\":null");
  }
  out.raw(",\"user_properties\":");
  put_user_properties(out, who, random);
  const std::uint64_t uuid_high = random.next();
  out.raw(",\"uuid\":\"").uuid(uuid_high, random.next());
  out.raw("\",\"version_name\":").quoted_or_null(who.app_version).raw("}\n");
}

}  // namespace

event_generator::event_generator(generator_settings settings) : settings_(settings) {}

bool event_generator::next(std::string& line) {
  if (written_ == settings_.events) {
    return false;
  }
  random_source random = source_of(settings_.seed, written_);
  // The lower of two draws: some visitors come often, most of them seldom.
  const visitor who = visitor_of(settings_.seed, std::min(random.below(visitors), random.below(visitors)));
  const moments at = moments_of(settings_.start + std::chrono::milliseconds{upload_ms_}, who, random);
  writer out(line);
  put_first_columns(out, who, at, settings_.project, random);
  put_middle_columns(out, who, at, random);
  put_last_columns(out, who, at, random);

  // `hours` over `events` in whole milliseconds; what is left over is carried, so that no product grows past 64 bits.
  const auto span_ms = static_cast<std::uint64_t>(std::max(settings_.hours, 1)) * std::uint64_t{hour_ms};
  upload_ms_ += static_cast<std::int64_t>(span_ms / settings_.events);
  upload_fraction_ += span_ms % settings_.events;
  if (upload_fraction_ >= settings_.events) {
    upload_fraction_ -= settings_.events;
    ++upload_ms_;
  }
  ++written_;
  return true;
}

}  // namespace spillway::record
