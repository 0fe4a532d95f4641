import type { LaunchOptions } from "playwright-core";

/// Debian's Chromium, as root in a container.
export const kBrowserOptions: LaunchOptions = {
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"],
};
