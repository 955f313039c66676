// The one list of the values that a result row may hold. Export, tables, docs and checks all read it.
#ifndef PROBESWEEP_COMMON_RESULT_COLUMNS_H_
#define PROBESWEEP_COMMON_RESULT_COLUMNS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace probesweep {

// Values by column name. A value that could not be computed is absent, never NaN.
using ResultValues = std::map<std::string, double>;

struct ResultColumn {
  const char* name;
  bool integer;             // printed without a fraction
  const char* description;  // with unit
};

// In export order, after the identifying columns (sweep … protocol).
const std::vector<ResultColumn>& ResultColumns();

// Null for an unknown name.
const ResultColumn* FindResultColumn(absl::string_view name);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_RESULT_COLUMNS_H_
