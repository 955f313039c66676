#ifndef PROBESWEEP_TESTS_UNIT_WORKER_TEXT_JSON_LINES_H_
#define PROBESWEEP_TESTS_UNIT_WORKER_TEXT_JSON_LINES_H_

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/file.h"

namespace probesweep::worker {

// The lines of a file, each a JSON value. A file that cannot be read fails the test.
inline std::vector<nlohmann::json> ReadJsonLines(const std::string& path) {
  const auto text = ReadFile(path);
  EXPECT_TRUE(text.ok()) << text.status();
  std::vector<nlohmann::json> lines;
  if (!text.ok()) return lines;
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    lines.push_back(nlohmann::json::parse(line.begin(), line.end()));
  }
  EXPECT_FALSE(lines.empty()) << path;
  return lines;
}

}  // namespace probesweep::worker

#endif  // PROBESWEEP_TESTS_UNIT_WORKER_TEXT_JSON_LINES_H_
