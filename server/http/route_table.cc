#include "server/http/route_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace probesweep::server {
HttpResponse PlainText(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

RouteTable::RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {
  index_ = "ProbeSweep coordinator\n\n";
  for (const Route& route : routes_) {
    absl::StrAppend(&index_, absl::StrFormat("%-12s %s\n", route.path, route.description));
  }
}

void RouteTable::Handle(const HttpRequest& request, HttpReply reply) const {
  const std::string path = request.target.substr(0, request.target.find('?'));
  const Route* route = Find(path);
  if (route == nullptr && path != "/") {
    return reply(PlainText(404, "Nothing is here. What there is: /\n"));
  }
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = PlainText(405, "Only GET and HEAD are answered here.\n");
    response.allow = "GET, HEAD";
    return reply(std::move(response));
  }
  if (route == nullptr) return reply(PlainText(200, index_));
  route->handle(request, std::move(reply));
}

const Route* RouteTable::Find(const std::string& path) const {
  for (const Route& route : routes_) {
    if (route.path == path) return &route;
  }
  return nullptr;
}

}  // namespace probesweep::server
