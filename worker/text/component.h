// Reading one component of tokenizer.json, with errors that say which component of which file.
#ifndef PROBESWEEP_WORKER_TEXT_COMPONENT_H_
#define PROBESWEEP_WORKER_TEXT_COMPONENT_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

// A view of one JSON value and of the way to it ("dir/tokenizer.json: normalizer.normalizers[1]"). The value
// must outlive the view. Errors are INVALID_ARGUMENT naming file, component and field unless said otherwise.
class Component {
 public:
  Component(const nlohmann::json& value, std::string file);

  const nlohmann::json& json() const { return *value_; }
  bool is_null() const;
  // Empty when there is no such field or it is not a string.
  std::string Type() const;

  // True when the field is there and not null.
  bool Has(absl::string_view key) const;
  absl::StatusOr<bool> Bool(absl::string_view key) const;
  absl::StatusOr<bool> BoolOr(absl::string_view key, bool otherwise) const;
  absl::StatusOr<std::string> String(absl::string_view key) const;
  // A whole number in [0, 2^32).
  absl::StatusOr<int64_t> Integer(absl::string_view key) const;
  // Exactly one character.
  absl::StatusOr<char32_t> Character(absl::string_view key) const;

  // The field, or a null component when it is absent.
  Component Field(absl::string_view key) const;
  // The elements of an array. Also an error: components nested more than 16 deep, a list
  // longer than any tokenizer has.
  absl::StatusOr<std::vector<Component>> Elements(absl::string_view key) const;

  absl::Status Invalid(absl::string_view what) const;
  // UNIMPLEMENTED: this component's type is not one of `implemented`; `what` is e.g. "normalizer".
  absl::Status TypeNotImplemented(absl::string_view what, absl::string_view implemented) const;
  // UNIMPLEMENTED: this component has a setting that is not implemented.
  absl::Status NotImplemented(absl::string_view what) const;

 private:
  Component(const nlohmann::json& value, std::string file, std::string path, int depth);

  const nlohmann::json* value_;
  std::string file_;
  std::string path_;  // within the file; "" for the whole
  int depth_ = 0;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_COMPONENT_H_
