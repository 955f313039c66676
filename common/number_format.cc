#include "common/number_format.h"

#include <charconv>

namespace probesweep {

std::string FormatDouble(double value) {
  char buffer[32];
  const std::to_chars_result result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, result.ptr);
}

}  // namespace probesweep
