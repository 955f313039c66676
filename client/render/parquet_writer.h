// Tables as Apache Parquet files, version 1: every column nullable, PLAIN, uncompressed. Why our own:
// docs/adr/0007-parquet-without-arrow.md.
#ifndef PROBESWEEP_CLIENT_RENDER_PARQUET_WRITER_H_
#define PROBESWEEP_CLIENT_RENDER_PARQUET_WRITER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/render/export_value.h"

namespace probesweep::client {

struct ParquetColumn {
  std::string name;
  ColumnType type;  // text: UTF-8 strings; integer: INT64; number: DOUBLE
};

// Streams rows out in row groups, so that memory does not grow with the table. The same rows give the same
// bytes. Not thread-safe.
class ParquetWriter {
 public:
  struct Limits {
    int64_t rows = 65536;             // of a row group
    size_t bytes = size_t{64} << 20;  // of its values; a group ends with the row that reaches either
  };

  ParquetWriter(std::vector<ParquetColumn> columns, std::function<absl::Status(absl::string_view)> sink)
      : ParquetWriter(std::move(columns), std::move(sink), Limits()) {}
  ParquetWriter(std::vector<ParquetColumn> columns, std::function<absl::Status(absl::string_view)> sink,
                Limits limits);

  // One value for each column, of its type or nothing. Text that is no UTF-8 is mended with U+FFFD: readers
  // refuse the whole file otherwise. Errors: INVALID_ARGUMENT (another number of values, a value of another
  // type); the sink's.
  absl::Status Append(const std::vector<ExportValue>& row);
  // Writes what makes the file readable. Errors: the sink's.
  absl::Status Finish();

 private:
  // A column of the row group under way.
  struct Chunk {
    std::string values;         // PLAIN: those that are there
    std::vector<bool> present;  // one for each row
  };
  // Where a written column chunk lies.
  struct ChunkPlace {
    int64_t offset = 0;
    int64_t bytes = 0;
  };
  struct Group {
    int64_t rows = 0;
    std::vector<ChunkPlace> chunks;
  };

  absl::Status Write(absl::string_view bytes);
  absl::Status Begin();
  absl::Status WriteGroup();
  std::string Footer() const;

  const std::vector<ParquetColumn> columns_;
  const std::function<absl::Status(absl::string_view)> sink_;
  const Limits limits_;
  int64_t written_ = 0;  // bytes
  std::vector<Chunk> chunks_;
  int64_t rows_ = 0;  // in chunks_
  std::vector<Group> groups_;
};

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_PARQUET_WRITER_H_
