#ifndef RELEASE_CATALOG_H
#define RELEASE_CATALOG_H

#include <string>
#include <vector>

namespace release {

// newest is the newest of these versions, the first of them where several are
// equally new. It throws std::invalid_argument for a text that is no version and
// std::out_of_range for an empty list.
std::string newest(const std::vector<std::string>& versions);

// sorted returns the versions, oldest first; those of equal precedence keep
// their order.
std::vector<std::string> sorted(const std::vector<std::string>& versions);

}  // namespace release

#endif
