// config.json of a checkpoint, read field by field.
#ifndef PROBESWEEP_WORKER_CHECKPOINT_CONFIG_FILE_H_
#define PROBESWEEP_WORKER_CHECKPOINT_CONFIG_FILE_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

// The text of config.json or of another such file at `path`. Errors: INVALID_ARGUMENT (not a JSON object,
// more than a configuration has).
absl::StatusOr<std::unique_ptr<nlohmann::json>> ParseConfig(const std::string& text, const std::string& path);

// A field may stand under several spellings, since configurations come in two generations ("rotary_pct" and
// "rope_parameters.partial_rotary_factor"): each getter takes them all, a dot meaning "inside", and the first
// that is there and not null counts. Errors are INVALID_ARGUMENT naming file and field unless said otherwise.
// Immutable, thread-safe.
class ConfigFile {
 public:
  using Spellings = std::initializer_list<const char*>;

  // Reads <folder>/config.json. Errors: NOT_FOUND (no such folder, no such file), INVALID_ARGUMENT (not JSON,
  // more than a configuration has, no model_type).
  static absl::StatusOr<ConfigFile> Open(const std::string& folder);
  ConfigFile(ConfigFile&&) noexcept;
  ConfigFile& operator=(ConfigFile&&) noexcept;
  ~ConfigFile();

  const std::string& path() const { return path_; }
  const std::string& model_type() const { return model_type_; }

  bool Has(Spellings field) const { return Find(field) != nullptr; }
  // The field is there, and null: not always the same as not there.
  bool IsNull(const char* field) const;
  bool IsObject(const char* field) const;
  // A whole number from 1 to 2^31 − 1.
  absl::StatusOr<int64_t> Size(Spellings field) const;
  // A finite number.
  absl::StatusOr<double> NumberOr(Spellings field, double otherwise) const;
  absl::StatusOr<bool> BoolOr(Spellings field, bool otherwise) const;
  absl::StatusOr<std::string> StringOr(Spellings field, const std::string& otherwise) const;
  // A list of texts; empty without the field.
  absl::StatusOr<std::vector<std::string>> Strings(Spellings field) const;

  absl::Status Invalid(absl::string_view field, absl::string_view what) const;
  // UNIMPLEMENTED: the field asks for arithmetic that is not implemented.
  absl::Status NotImplemented(absl::string_view field, absl::string_view value,
                              absl::string_view implemented) const;

 private:
  ConfigFile(std::string path, std::unique_ptr<nlohmann::json> json);
  const nlohmann::json* Find(Spellings field) const;

  std::string path_;
  std::string model_type_;
  std::unique_ptr<nlohmann::json> json_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_CONFIG_FILE_H_
