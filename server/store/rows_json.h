// An outcome's rows as the JSON that the store keeps, column names once:
//
//   {"columns": ["accuracy", "mi_tx"], "rows": [[0, "released", 0.9, 0.25], [1, "released", 0.8, null]]}
#ifndef PROBESWEEP_SERVER_STORE_ROWS_JSON_H_
#define PROBESWEEP_SERVER_STORE_ROWS_JSON_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/domain/outcome.h"

namespace probesweep::server {

// Values are finite; they read back bit by bit. Column names and protocols are UTF-8.
std::string RowsToJson(const std::vector<LayerRow>& rows);

// Errors: DATA_LOSS.
absl::Status RowsFromJson(const std::string& text, std::vector<LayerRow>& rows);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_ROWS_JSON_H_
