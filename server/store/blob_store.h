// Content-addressed files: datasets and artifacts, under <folder>/blobs/<first two digits>/<digest>.
#ifndef PROBESWEEP_SERVER_STORE_BLOB_STORE_H_
#define PROBESWEEP_SERVER_STORE_BLOB_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
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
  // Ties the blobs in the folder to the store with this identity, the first one that asks. Before Open.
  // Errors: FAILED_PRECONDITION when they belong to another one: to this one they would seem to be used by
  // nobody.
  static absl::Status Adopt(const std::string& folder, const std::string& store_identity);
  // Makes the folders; clears what uploads to another process left unfinished, and puts back what a removal
  // left half done: for the one that may write here. Errors: PERMISSION_DENIED and the like, naming the
  // folder.
  static absl::StatusOr<std::unique_ptr<BlobStore>> Open(const std::string& folder,
                                                         int64_t max_blob_bytes = int64_t{1} << 30);

  // Errors: INVALID_ARGUMENT (no digest), RESOURCE_EXHAUSTED.
  absl::StatusOr<std::unique_ptr<BlobWriter>> Write(const std::string& digest);
  // Errors: NOT_FOUND.
  absl::StatusOr<std::unique_ptr<BlobReader>> Read(const std::string& digest) const;
  bool Has(const std::string& digest) const;
  // In bytes; -1 when it is not there.
  int64_t SizeOf(const std::string& digest) const;

  // For blobs that somebody is about to refer to: as SizeOf, and the blob counts as uploaded now.
  int64_t Claim(const std::string& digest);
  // Digests of all blobs uploaded, or claimed, before `before`.
  absl::StatusOr<std::vector<std::string>> OlderThan(absl::Time before) const;
  // Removes the blob unless it was uploaded or claimed since `before`, also a moment ago, by this process or
  // another one. Its size; -1 when it stays or is gone already.
  absl::StatusOr<int64_t> RemoveIfOlder(const std::string& digest, absl::Time before);

 private:
  BlobStore(std::string folder, std::string uploads, int64_t max_blob_bytes)
      : folder_(std::move(folder)), uploads_(std::move(uploads)), max_blob_bytes_(max_blob_bytes) {}
  std::string PathOf(const std::string& digest) const;
  absl::Status PutBackRemovals();

  const std::string folder_;   // …/blobs
  const std::string uploads_;  // what is not received to its end
  const int64_t max_blob_bytes_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_BLOB_STORE_H_
