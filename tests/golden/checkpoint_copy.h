// A golden checkpoint's copy in a folder of its own, to be changed or damaged.
#ifndef PROBESWEEP_TESTS_GOLDEN_CHECKPOINT_COPY_H_
#define PROBESWEEP_TESTS_GOLDEN_CHECKPOINT_COPY_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/string_view.h"
#include "common/file.h"
#include "common/safetensors.h"
#include "tests/support/test_data.h"

namespace probesweep::testing {

inline std::string GoldenFolder(const std::string& name) { return SourceDir() + "/tests/golden/" + name; }

class CheckpointCopy {
 public:
  // With tokenizer.json, which has a token for each printable ASCII character: id = character − 31.
  explicit CheckpointCopy(const std::string& model = "gpt_neox", const std::string& config = "config.json") {
    Copy(GoldenFolder(model) + "/" + config, "config.json");
    Copy(GoldenFolder(model) + "/model.safetensors", "model.safetensors");
    Copy(GoldenFolder("tokenizer.json"), "tokenizer.json");
  }

  const std::string& path() const { return folder_.path(); }
  std::string File(const std::string& name) const { return folder_.File(name); }

  void Write(const std::string& file, absl::string_view bytes) const {
    const absl::Status status = WriteFileAtomically(File(file), bytes);
    EXPECT_TRUE(status.ok()) << status;
  }
  void Remove(const std::string& file) const { std::filesystem::remove(File(file)); }
  void Truncate(const std::string& file, uint64_t bytes) const {
    std::filesystem::resize_file(File(file), std::filesystem::file_size(File(file)) - bytes);
  }

  // Changes a field of config.json; a null value removes it.
  void SetConfig(const std::string& field, const nlohmann::json& value) const {
    nlohmann::json config = nlohmann::json::parse(Read("config.json"));
    if (value.is_null()) {
      config.erase(field);
    } else {
      config[field] = value;
    }
    Write("config.json", config.dump());
  }

  // Sets one fp32 entry of a tensor in model.safetensors.
  void SetWeight(const std::string& tensor, size_t entry, float value) const {
    const auto header = ReadSafetensorsHeader(File("model.safetensors"));
    ASSERT_TRUE(header.ok()) << header.status();
    ASSERT_EQ(header->tensors.count(tensor), 1u) << tensor;
    std::string bytes = Read("model.safetensors");
    std::memcpy(&bytes[header->tensors.at(tensor).begin + entry * sizeof(float)], &value, sizeof(float));
    Write("model.safetensors", bytes);
  }

 private:
  std::string Read(const std::string& file) const {
    const auto bytes = ReadFile(File(file));
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    return bytes.ok() ? *bytes : "";
  }
  void Copy(const std::string& from, const std::string& file) const {
    std::filesystem::copy_file(from, File(file));
  }

  TempDir folder_;
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_GOLDEN_CHECKPOINT_COPY_H_
