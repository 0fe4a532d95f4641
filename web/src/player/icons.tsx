import type { ComponentChildren } from "preact";

/// Icons of 24 by 24 in the colour of the text around them.
export function Icon({ children, filled = false }: { children: ComponentChildren; filled?: boolean }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill={filled ? "currentColor" : "none"}
      stroke={filled ? "none" : "currentColor"}
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const PlayIcon = () => (
  <Icon filled>
    <path d="M8 5.6v12.800a1.1 1.1 0 0 0 1.7.9l9.6-6.400a1.1 1.1 0 0 0 0-1.800L9.7 4.700a1.1 1.1 0 0 0-1.7.9z" />
  </Icon>
);

export const PauseIcon = () => (
  <Icon filled>
    <rect x="6.5" y="5" width="3.8" height="14" rx="1.2" />
    <rect x="13.7" y="5" width="3.8" height="14" rx="1.2" />
  </Icon>
);

const Speaker = () => <path d="M4 9.500v5h3.500L12 18.500v-13L7.5 9.500z" fill="currentColor" />;

export const SoundIcon = () => (
  <Icon>
    <Speaker />
    <path d="M15.5 9a4.2 4.2 0 0 1 0 6M18 6.500a7.8 7.8 0 0 1 0 11" />
  </Icon>
);

export const MutedIcon = () => (
  <Icon>
    <Speaker />
    <path d="m16 9.5 5 5m0-5-5 5" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M4 7h9m5 0h2M4 17h2m5 0h9" />
    <circle cx="15.5" cy="7" r="2.5" />
    <circle cx="8.5" cy="17" r="2.5" />
  </Icon>
);

export const PictureIcon = () => (
  <Icon>
    <rect x="3" y="5" width="18" height="14" rx="2" />
    <rect x="12" y="11.5" width="6" height="4.5" rx=".8" fill="currentColor" />
  </Icon>
);

export const FullscreenIcon = () => (
  <Icon>
    <path d="M4 9V5.500A1.5 1.5 0 0 1 5.5 4H9m6 0h3.500A1.5 1.5 0 0 1 20 5.500V9m0 6v3.500a1.5 1.5 0 0 1-1.5 1.500H15m-6 0H5.500A1.5 1.5 0 0 1 4 18.500V15" />
  </Icon>
);

export const WindowIcon = () => (
  <Icon>
    <path d="M9 4v3.500A1.5 1.5 0 0 1 7.5 9H4m16 0h-3.500A1.5 1.5 0 0 1 15 7.500V4m0 16v-3.500a1.5 1.5 0 0 1 1.5-1.500H20M4 15h3.500A1.5 1.5 0 0 1 9 16.500V20" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="m5 12.5 4.5 4.500L19 7.5" />
  </Icon>
);

export const CopyIcon = () => (
  <Icon>
    <rect x="9" y="9" width="11" height="11" rx="2.5" />
    <path d="M15 5.500A1.5 1.5 0 0 0 13.5 4h-8A1.5 1.5 0 0 0 4 5.500v8A1.5 1.5 0 0 0 5.5 15" />
  </Icon>
);

export const ViewersIcon = () => (
  <Icon>
    <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" />
    <circle cx="12" cy="12" r="2.8" />
  </Icon>
);

export const OffAirIcon = () => (
  <Icon>
    <path d="M8.5 15.500a5 5 0 0 1 0-7M5.6 18.400a9 9 0 0 1 0-12.800M15.5 8.500a5 5 0 0 1 0 7M18.4 5.600a9 9 0 0 1 0 12.8" opacity=".55" />
    <circle cx="12" cy="12" r="1.6" fill="currentColor" />
    <path d="m4 4 16 16" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon>
    <path d="M12 4 2.8 19.500h18.400zM12 10v4.5" />
    <circle cx="12" cy="17" r=".6" fill="currentColor" />
  </Icon>
);

export const NoteIcon = () => (
  <Icon>
    <path d="M9 17.500V6l10-2v11.5" />
    <circle cx="6.5" cy="17.5" r="2.5" />
    <circle cx="16.5" cy="15.5" r="2.5" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="10.5" cy="10.5" r="6" />
    <path d="m15 15 5 5" />
  </Icon>
);

export const OpenIcon = () => (
  <Icon>
    <path d="M14 4h6v6m0-6-9 9M18 14v4.500a1.5 1.5 0 0 1-1.5 1.500h-11A1.5 1.5 0 0 1 4 18.500v-11A1.5 1.5 0 0 1 5.5 6H10" />
  </Icon>
);
