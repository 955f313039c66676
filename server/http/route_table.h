// What the HTTP server answers: paths and the functions behind them. Knows nothing of sockets.
#ifndef PROBESWEEP_SERVER_HTTP_ROUTE_TABLE_H_
#define PROBESWEEP_SERVER_HTTP_ROUTE_TABLE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace probesweep::server {

struct HttpRequest {
  std::string method;  // "GET", as sent
  std::string target;  // path and query, as sent
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;  // the Allow header; only with status 405
};

HttpResponse PlainText(int status, std::string body);

// Called exactly once with the answer, from any thread.
using HttpReply = absl::AnyInvocable<void(HttpResponse)>;

struct Route {
  std::string path;         // matched exactly, query aside
  std::string description;  // one line, shown by the index page
  // Must return at once: it runs on the thread of all connections. It may keep `reply` for later.
  std::function<void(const HttpRequest&, HttpReply)> handle;
};

// Immutable, so thread-safe.
class RouteTable {
 public:
  // Adds "/" by itself: a plain-text index of `routes`.
  explicit RouteTable(std::vector<Route> routes);

  // Finds the route and calls it. Unknown paths give 404, methods other than GET and HEAD 405. HEAD is
  // handled like GET; whoever sends the answer leaves the body out.
  void Handle(const HttpRequest& request, HttpReply reply) const;

 private:
  const Route* Find(const std::string& path) const;

  std::vector<Route> routes_;
  std::string index_;
};

}  // namespace probesweep::server

#endif  // PROBESWEEP_SERVER_HTTP_ROUTE_TABLE_H_
