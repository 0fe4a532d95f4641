#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "format/m3u8/report.hpp"
#include "format/m3u8/rules.hpp"

namespace sluice::m3u8 {
namespace {

using GroupKey = std::pair<Rendition::Type, std::string>;
using Groups = std::map<GroupKey, std::vector<const Rendition*>>;

Groups group(const MasterPlaylist& playlist) {
  Groups groups;
  for (const auto& rendition : playlist.renditions) groups[{rendition.type, rendition.group_id}].push_back(&rendition);
  return groups;
}

void check_renditions(const MasterPlaylist& playlist, Report& report) {
  for (const auto& r : playlist.renditions) {
    if (r.is_default && !r.autoselect) report.add(Rule::default_is_autoselect, "rendition {}", r.name);
    const bool subtitles = r.type == Rendition::Type::subtitles;
    const bool captions = r.type == Rendition::Type::closed_captions;
    if ((subtitles && r.uri.empty()) || (captions && !r.uri.empty())) {
      report.add(Rule::subtitles_have_uri, "rendition {} has URI \"{}\"", r.name, r.uri);
    }
  }
}

/// What has to be the same in corresponding members of groups, as far as we read it.
using Member = std::tuple<std::string, std::string, bool, bool, bool>;
std::set<Member> members(const std::vector<const Rendition*>& group) {
  std::set<Member> out;
  for (const auto* r : group) out.emplace(r->name, r->language, r->is_default, r->autoselect, r->forced);
  return out;
}

void check_groups(const Groups& groups, Report& report) {
  for (const auto& [key, group] : groups) {
    std::set<std::string> names;
    for (const auto* r : group) {
      if (!names.insert(r->name).second)
        report.add(Rule::group_names_unique, "{} twice in group {}", r->name, key.second);
    }
    const auto defaults = std::ranges::count_if(group, &Rendition::is_default);
    if (defaults > 1) report.add(Rule::group_one_default, "group {} has {}", key.second, defaults);
    // The first group of its type stands for what all must have; the map is ordered by type.
    const auto& first = *groups.lower_bound({key.first, std::string()});
    if (members(first.second) != members(group)) {
      report.add(Rule::group_members_alike, "groups {} and {} differ", first.first.second, key.second);
    }
  }
}

void check_variants(const MasterPlaylist& playlist, const Groups& groups, Report& report) {
  for (const auto& v : playlist.variants) {
    if (v.codecs.empty()) report.add(Rule::codecs_present, "variant {}", v.uri);
    const auto check_group = [&](Rendition::Type type, const std::string& id) {
      if (!id.empty() && !groups.contains({type, id}))
        report.add(Rule::group_exists, "variant {} names group {}", v.uri, id);
    };
    check_group(Rendition::Type::audio, v.audio);
    check_group(Rendition::Type::subtitles, v.subtitles);
    check_group(Rendition::Type::closed_captions, v.closed_captions);
  }
}

}  // namespace

std::vector<Violation> check(const MasterPlaylist& playlist) {
  Report report;
  const auto groups = group(playlist);
  check_renditions(playlist, report);
  check_groups(groups, report);
  check_variants(playlist, groups, report);
  return report.take();
}

}  // namespace sluice::m3u8
