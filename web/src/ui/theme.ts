/// Light or dark: as the device has it, unless somebody chose.

export type Theme = "auto" | "light" | "dark";

const kKey = "sluice.theme";
const kThemes: Theme[] = ["auto", "light", "dark"];

export function storedTheme(): Theme {
  try {
    return kThemes.find((theme) => theme === localStorage.getItem(kKey)) ?? "auto";
  } catch {
    return "auto";
  }
}

/// The one that a press of the switch leads to.
export function nextTheme(theme: Theme): Theme {
  return kThemes[(kThemes.indexOf(theme) + 1) % kThemes.length] ?? "auto";
}

/// Gives the page its colours. Whoever draws with them by himself hears of it by the event "themechange" at the window.
export function showTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  window.dispatchEvent(new Event("themechange"));
}

export function chooseTheme(theme: Theme): void {
  showTheme(theme);
  try {
    if (theme === "auto") localStorage.removeItem(kKey);
    else localStorage.setItem(kKey, theme);
  } catch {
    // A browser that keeps nothing still switches.
  }
}
