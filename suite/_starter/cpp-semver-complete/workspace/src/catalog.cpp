#include "release/catalog.h"

#include <algorithm>
#include <stdexcept>

#include "release/version.h"

namespace release {

std::string newest(const std::vector<std::string>& versions) {
    if (versions.empty()) {
        throw std::out_of_range("no versions");
    }
    Version best = parse(versions.front());
    for (const std::string& text : versions) {
        Version v = parse(text);
        if (compare(v, best) > 0) {
            best = v;
        }
    }
    return best.str();
}

std::vector<std::string> sorted(const std::vector<std::string>& versions) {
    std::vector<Version> parsed;
    for (const std::string& text : versions) {
        parsed.push_back(parse(text));
    }
    std::stable_sort(parsed.begin(), parsed.end(),
                     [](const Version& a, const Version& b) { return compare(a, b) < 0; });
    std::vector<std::string> out;
    for (const Version& v : parsed) {
        out.push_back(v.str());
    }
    return out;
}

}  // namespace release
