import { useState } from "preact/hooks";

import { AutoIcon, MoonIcon, SunIcon } from "./icons";
import { chooseTheme, nextTheme, storedTheme, type Theme } from "./theme";

const kWords: Record<Theme, string> = { auto: "as the device has them", light: "light", dark: "dark" };
const kIcons: Record<Theme, () => preact.JSX.Element> = { auto: AutoIcon, light: SunIcon, dark: MoonIcon };

export function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  const label = `Colours: ${kWords[theme]}`;
  const ThemeIcon = kIcons[theme];
  const onClick = () => {
    chooseTheme(nextTheme(theme));
    setTheme(nextTheme(theme));
  };
  return (
    <button type="button" class="button is-quiet is-icon" aria-label={label} title={label} onClick={onClick}>
      <ThemeIcon />
    </button>
  );
}
