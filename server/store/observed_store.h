#ifndef PROBESWEEP_SERVER_STORE_OBSERVED_STORE_H_
#define PROBESWEEP_SERVER_STORE_OBSERVED_STORE_H_

#include <functional>
#include <memory>
#include <string>

#include "common/clock.h"
#include "server/store/store.h"

namespace probesweep::server {

// Called after each operation ("load", "commit", "find", "read") with the time it took; from any thread.
using StoreObserver =
    std::function<void(const char* operation, absl::Duration duration, const absl::Status&)>;

// A decorator: the same store, measured.
std::unique_ptr<Store> ObserveStore(std::unique_ptr<Store> store, Clock* clock, StoreObserver observer);

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_STORE_OBSERVED_STORE_H_
