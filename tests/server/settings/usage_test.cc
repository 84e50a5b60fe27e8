#include "server/settings/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "server/settings/option_table.h"

namespace martlet::settings {
namespace {

using testing::HasSubstr;

TEST(Usage, TheUsageTextShowsEveryRow) {
  const std::string usage = usage_text();
  for (const OptionRow& row : flags()) EXPECT_THAT(usage, HasSubstr(std::string("\n-") + row.letter)) << row.letter;
  for (const OptionRow& row : sub_options()) EXPECT_THAT(usage, HasSubstr(std::string("\n   ") + row.name));
}

TEST(Usage, TheDocumentedSettingsAreTheTable) {
  std::ifstream file(MARTLET_DOCS_DIR "/settings.md");
  ASSERT_TRUE(file) << "docs/settings.md is missing";
  std::ostringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), settings_page()) << "print it again: settings_doc > docs/settings.md";
}

}  // namespace
}  // namespace martlet::settings
