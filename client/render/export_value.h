#ifndef PROBESWEEP_CLIENT_RENDER_EXPORT_VALUE_H_
#define PROBESWEEP_CLIENT_RENDER_EXPORT_VALUE_H_

#include <cstdint>
#include <string>
#include <variant>

namespace probesweep::client {

enum class ColumnType { kText, kInteger, kNumber };

// Nothing: not known, or it could not be computed. A number is finite.
using ExportValue = std::variant<std::monostate, std::string, int64_t, double>;

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_EXPORT_VALUE_H_
