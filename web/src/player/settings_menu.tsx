import { useEffect, useRef, useState } from "preact/hooks";

import { CheckIcon, SettingsIcon } from "./icons";
import type { Player } from "./player";
import { kAutomatic, kOff, type Choice, type MenuName, type Menus } from "./source";

interface Section {
  name: MenuName;
  title: string;
  choices: Choice[];
  chosen: number;
}

/// The sections in which there is something to choose.
export function menuSections(menus: Menus): Section[] {
  const { quality, audio, subtitles } = menus;
  const sections: Section[] = [];
  if (quality.choices.length > 1) {
    const choices = [{ id: kAutomatic, label: "Automatic" }, ...[...quality.choices].reverse()];
    sections.push({ name: "quality", title: "Quality", choices, chosen: quality.chosen });
  }
  if (audio.choices.length > 1) sections.push({ name: "audio", title: "Audio", ...audio });
  if (subtitles.choices.length > 0) {
    const choices = [{ id: kOff, label: "Off" }, ...subtitles.choices];
    sections.push({ name: "subtitles", title: "Subtitles", choices, chosen: subtitles.chosen });
  }
  return sections;
}

/// Moves the focus among the items of a menu, as the ARIA menu pattern has it.
function moveFocus(event: KeyboardEvent, menu: HTMLElement): void {
  const items = [...menu.querySelectorAll<HTMLElement>("[role=menuitemradio]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const targets: Record<string, number> = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined) return;
  event.preventDefault();
  items[target]?.focus();
}

export function SettingsMenu({ player, menus, onOpen }: { player: Player; menus: Menus; onOpen(open: boolean): void }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const sections = menuSections(menus);

  useEffect(() => {
    onOpen(open);
    if (!open) return;
    root.current?.querySelector<HTMLElement>("[aria-checked=true]")?.focus();
    const closeOutside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [open]);

  if (sections.length === 0) return null;

  const close = () => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    } else if (open && root.current !== null) {
      moveFocus(event, root.current);
    }
  };

  return (
    <div class="settings" ref={root} onKeyDown={onKeyDown}>
      <button type="button" class="control" aria-label="Settings" aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(!open)}>
        <SettingsIcon />
      </button>
      {open && (
        <div class="menu" role="menu" aria-label="Settings">
          {sections.map((section) => (
            <div key={section.name} class="menu-section" role="group" aria-label={section.title}>
              <div class="menu-title">{section.title}</div>
              {section.choices.map(({ id, label }) => (
                <button
                  key={id}
                  type="button"
                  class="menu-item"
                  role="menuitemradio"
                  aria-checked={id === section.chosen}
                  onClick={() => {
                    player.choose(section.name, id);
                    close();
                  }}
                >
                  <CheckIcon />
                  {label}
                </button>
              ))}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
