#include "intake/zip_text.hpp"

#include "intake/input_names.hpp"
#include "intake/zip.hpp"

namespace spillway::intake {
namespace {

class member_reader final : public byte_reader {
public:
  explicit member_reader(zip_reader& zip) : zip_(zip) {}
  result<std::size_t> read(char* out, std::size_t bytes_max) override { return zip_.read(out, bytes_max); }

private:
  zip_reader& zip_;
};

result<std::unique_ptr<text_source>> refuse_zip(byte_reader&, codec::gunzip_limits) {
  return failure{errc::invalid, "opening a member of a zip", "it is a zip again, and only one packing is undone",
                 "unpack the outer zip, then take in what was in it"};
}

class zip_text final : public text_source {
public:
  zip_text(std::unique_ptr<zip_reader> zip, codec::gunzip_limits limits)
      : zip_(std::move(zip)), member_(*zip_), limits_(limits) {}

  result<std::optional<std::string>> next() override {
    text_.reset();
    SPILLWAY_TRY_ASSIGN(auto member, zip_->next());
    while (member && !is_input(member->name)) {
      SPILLWAY_TRY_ASSIGN(member, zip_->next());
    }
    if (!member) {
      return std::nullopt;
    }
    name_ = member->name;
    auto opened = open_text(member_, refuse_zip, limits_);
    if (!opened) {
      return base::while_doing(name_, opened.error());
    }
    text_ = std::move(*opened);
    SPILLWAY_TRY(text_->next());
    return name_;
  }

  result<std::size_t> read(char* out, std::size_t bytes_max) override {
    auto got = text_->read(out, bytes_max);
    return got ? std::move(got) : base::while_doing(name_, got.error());
  }

private:
  std::unique_ptr<zip_reader> zip_;
  member_reader member_;
  codec::gunzip_limits limits_;
  std::string name_;
  std::unique_ptr<text_source> text_;
};

}  // namespace

result<std::unique_ptr<text_source>> open_zip_text(byte_reader& source, codec::gunzip_limits limits) {
  SPILLWAY_TRY_ASSIGN(std::unique_ptr<zip_reader> zip, zip_reader::open(source, limits));
  return std::unique_ptr<text_source>(std::make_unique<zip_text>(std::move(zip), limits));
}

}  // namespace spillway::intake
