// Content-addressed files: datasets and artifacts, under <folder>/blobs/<first two digits>/<digest>.
#ifndef PROBESWEEP_SERVER_STORE_BLOB_STORE_H_
#define PROBESWEEP_SERVER_STORE_BLOB_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"

namespace probesweep::server {

// One upload. Destroyed before Finish, it leaves nothing behind. Not thread-safe; every call blocks on the
// disk.
class BlobWriter {
 public:
  ~BlobWriter();
  BlobWriter(const BlobWriter&) = delete;
  BlobWriter& operator=(const BlobWriter&) = delete;
  // Errors: RESOURCE_EXHAUSTED (over the size limit, disk full).
  absl::Status Append(absl::string_view bytes);
  // Checks the digest and makes the blob durable. Errors: INVALID_ARGUMENT when the bytes have another
  // digest.
  absl::Status Finish();
  int64_t size() const { return size_; }

 private:
  friend class BlobStore;
  BlobWriter(std::string digest, std::string temporary, std::string target, int fd, int64_t max_bytes);

  const std::string digest_, temporary_, target_;
  int fd_;
  const int64_t max_bytes_;
  int64_t size_ = 0;
  Sha256 sha_;
};

// One download. Not thread-safe; blocks on the disk.
class BlobReader {
 public:
  ~BlobReader();
  BlobReader(const BlobReader&) = delete;
  BlobReader& operator=(const BlobReader&) = delete;
  // The next at most `max_bytes`; empty at the end. Errors: DATA_LOSS when the file does not have its digest.
  absl::StatusOr<std::string> Read(size_t max_bytes);

 private:
  friend class BlobStore;
  BlobReader(std::string digest, std::string path, int fd);

  const std::string digest_, path_;
  const int fd_;
  bool ended_ = false;
  Sha256 sha_;
};

// Thread-safe.
class BlobStore {
 public:
  // Makes the folders; clears what interrupted uploads left. Errors: PERMISSION_DENIED and the like, naming
  // the folder.
  static absl::StatusOr<std::unique_ptr<BlobStore>> Open(const std::string& folder,
                                                         int64_t max_blob_bytes = int64_t{1} << 30);

  // Errors: INVALID_ARGUMENT (no digest), RESOURCE_EXHAUSTED.
  absl::StatusOr<std::unique_ptr<BlobWriter>> Write(const std::string& digest);
  // Errors: NOT_FOUND.
  absl::StatusOr<std::unique_ptr<BlobReader>> Read(const std::string& digest) const;
  bool Has(const std::string& digest) const;

 private:
  BlobStore(std::string folder, int64_t max_blob_bytes)
      : folder_(std::move(folder)), max_blob_bytes_(max_blob_bytes) {}
  std::string PathOf(const std::string& digest) const;

  const std::string folder_;  // …/blobs
  const int64_t max_blob_bytes_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_BLOB_STORE_H_
