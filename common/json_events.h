#ifndef PROBESWEEP_COMMON_JSON_EVENTS_H_
#define PROBESWEEP_COMMON_JSON_EVENTS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"

namespace probesweep {

// JSON read as it comes, without a tree: what an untrusted file makes of memory is up to the reader. A
// derived class overrides the events that its format has; the others end the reading. Each event returns
// whether to go on.
class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  // True when `text` is JSON and every event said to go on.
  bool Read(absl::string_view text) { return nlohmann::json::sax_parse(text.begin(), text.end(), this); }

  bool null() override { return Scalar(); }
  bool boolean(bool) override { return Scalar(); }
  bool number_integer(number_integer_t) override { return Scalar(); }
  bool number_unsigned(number_unsigned_t) override { return Scalar(); }
  bool number_float(number_float_t, const string_t&) override { return Scalar(); }
  bool string(string_t&) override { return Scalar(); }
  bool binary(binary_t&) override { return Scalar(); }
  bool start_object(std::size_t) override { return false; }
  bool key(string_t&) override { return false; }
  bool end_object() override { return false; }
  bool start_array(std::size_t) override { return false; }
  bool end_array() override { return false; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 protected:
  // A value that has no event of its own in the derived class.
  virtual bool Scalar() { return false; }
};

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_JSON_EVENTS_H_
