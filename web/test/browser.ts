import type { LaunchOptions } from "playwright-core";

/// Debian's Chromium, as root in a container. Sound may begin without a tap, or, as people have it, may not.
function browserOptions(autoplay: "no-user-gesture-required" | "document-user-activation-required"): LaunchOptions {
  return {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", `--autoplay-policy=${autoplay}`],
  };
}

export const kBrowserOptions = browserOptions("no-user-gesture-required");
export const kStrictBrowserOptions = browserOptions("document-user-activation-required");
