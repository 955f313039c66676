#include "worker/checkpoint/fingerprint.h"

// Compiled in: one package less on machines that only run.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "absl/strings/escaping.h"

namespace probesweep::worker {

struct Fingerprint::State {
  XXH3_state_t xxh3;
};

Fingerprint::Fingerprint() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh3); }
Fingerprint::~Fingerprint() = default;

void Fingerprint::Update(absl::string_view bytes) {
  XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

std::string Fingerprint::Hex() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state_->xxh3));
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest));
}

}  // namespace probesweep::worker
