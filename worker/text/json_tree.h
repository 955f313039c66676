// Making a tree of JSON that anyone may have written.
#ifndef PROBESWEEP_WORKER_TEXT_JSON_TREE_H_
#define PROBESWEEP_WORKER_TEXT_JSON_TREE_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/json_events.h"

namespace probesweep::worker {

// Builds the tree while the text is read, and gives up as soon as it takes more memory than it may: a few
// bytes of text can make a hundred of a tree. A derived class may take events that are not to be in the tree.
class JsonTreeEvents : public JsonEvents {
 public:
  // `max_bytes`: of the tree in memory.
  explicit JsonTreeEvents(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // `name` stands for the file in messages. Errors: INVALID_ARGUMENT (not JSON; nested more than 64 deep;
  // more values than there is memory for).
  absl::StatusOr<nlohmann::json> ReadTree(absl::string_view text, absl::string_view name);

  bool null() override { return Put(nullptr, 0) != nullptr; }
  bool boolean(bool value) override { return Put(value, 0) != nullptr; }
  bool number_integer(number_integer_t value) override { return Put(value, 0) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return Put(value, 0) != nullptr; }
  bool number_float(number_float_t value, const string_t&) override { return Put(value, 0) != nullptr; }
  bool string(string_t& text) override;
  bool start_object(std::size_t) override;
  bool key(string_t& text) override;
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override;
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override;

 protected:
  // How many lists and objects are open, those that a derived class keeps out of the tree included.
  int depth() const { return depth_; }
  // To be called for each of those that a derived class keeps out.
  bool GoIn();
  bool GoOut();

 private:
  bool Take(uint64_t bytes);
  // Where `value` is now; null: there is no memory for it, which takes `bytes` beside what each value does.
  nlohmann::json* Put(nlohmann::json value, uint64_t bytes);
  bool Open(nlohmann::json container, uint64_t bytes);
  bool Close();

  const uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  int depth_ = 0;
  nlohmann::json root_;
  std::vector<nlohmann::json*> open_;  // from the root inwards
  nlohmann::json* member_ = nullptr;   // of the innermost object, whose value comes next
  std::string problem_;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_JSON_TREE_H_
