#ifndef PROBESWEEP_TESTS_CONTRACT_STORE_POSTGRES_FIXTURE_H_
#define PROBESWEEP_TESTS_CONTRACT_STORE_POSTGRES_FIXTURE_H_

#include "tests/support/postgres.h"

namespace probesweep::server {

// One server for all tests of this program: each makes a database of its own. Started when first asked for.
inline testing::PostgresServer& SharedPostgres() {
  static testing::PostgresServer server;
  return server;
}

}  // namespace probesweep::server

#endif  // PROBESWEEP_TESTS_CONTRACT_STORE_POSTGRES_FIXTURE_H_
