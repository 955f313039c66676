// Result rows by what they are of, wherever they come from, so that two sets can be laid side by side.
#ifndef PROBESWEEP_CLIENT_COMPARE_RESULT_SET_H_
#define PROBESWEEP_CLIENT_COMPARE_RESULT_SET_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

// What one row is of. Sweep and model are not in it: the two sides may call them differently.
struct RowKey {
  std::string checkpoint;
  std::string dimension;
  int layer = 0;
  std::string protocol;

  bool operator<(const RowKey& other) const;
  bool operator==(const RowKey& other) const;
};

struct ResultEntry {
  std::map<std::string, double> values;           // by column, those that are there
  std::map<std::string, std::string> provenance;  // by column, those that are known
};

struct ResultSet {
  std::string name;  // for people
  std::map<RowKey, ResultEntry> rows;
};

// Errors: INVALID_ARGUMENT when there is a row of this key already.
absl::Status AddEntry(const RowKey& key, ResultEntry entry, ResultSet& set);
absl::Status AddRow(const v1::ResultRow& row, ResultSet& set);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_COMPARE_RESULT_SET_H_
