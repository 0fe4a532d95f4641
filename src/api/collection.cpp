#include "api/collection.hpp"

namespace sluice::api {

std::expected<Query, QueryError> parse_list_query(const Call& call) {
  const Listed& listed = *call.endpoint.listed;
  std::vector<std::string_view> others;
  for (const Parameter& parameter : call.endpoint.parameters) others.push_back(parameter.name);
  return parse_query(call.request.query, {.fields = listed.fields(),
                                          .rights = call.rights,
                                          .key = listed.key,
                                          .sort = listed.sort,
                                          .limit = listed.limit,
                                          .ignored = others});
}

net::HttpResponse query_refusal(const QueryError& error) {
  net::HttpResponse response = json_answer(boost::json::object{
      {"error", boost::json::string(error.error)},
      {"name", boost::json::string(error.name)},
      {"while", "parsing_query"},
  });
  response.status = 400;
  return response;
}

}  // namespace sluice::api
