// settings_doc: prints docs/settings.md.
#include <cstdio>

#include "server/settings/usage.h"

int main() { return std::fputs(martlet::settings::settings_page().c_str(), stdout) < 0 ? 1 : 0; }
