#include <string>
#include <tuple>
#include <vector>

#include "release/version.h"

namespace release {
namespace {

// What a version is compared by: whether it is a release comes before the keys
// of the pre-release, and each of these is kind, length and text. The length of a
// text does not count.
using Key = std::tuple<int, std::size_t, std::string>;
using Keys = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, bool, std::vector<Key>>;

Keys keys(const Version& v) {
    std::vector<Key> pre;
    for (const std::string& id : v.pre) {
        bool text = id.find_first_not_of("0123456789") != std::string::npos;
        pre.emplace_back(text ? 1 : 0, text ? 0 : id.size(), id);
    }
    return Keys(v.major, v.minor, v.patch, v.pre.empty(), pre);
}

}  // namespace

int compare(const Version& a, const Version& b) {
    Keys x = keys(a);
    Keys y = keys(b);
    return x < y ? -1 : x > y ? 1 : 0;
}

}  // namespace release
