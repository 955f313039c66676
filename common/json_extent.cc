#include "common/json_extent.h"

#include <algorithm>

namespace probesweep {

JsonExtent MeasureJson(absl::string_view text) {
  JsonExtent extent;
  extent.values = 1;
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (in_string || !is_space) ++extent.bytes;
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == ',') {
      ++extent.values;
    } else if (c == '[' || c == '{') {
      ++extent.values;  // the first in it
      extent.depth = std::max(extent.depth, ++depth);
    } else if (c == ']' || c == '}') {
      depth = std::max(depth - 1, 0);
    }
  }
  return extent;
}

}  // namespace probesweep
