import { Icon } from "../player/icons";

export { CheckIcon, CopyIcon, OpenIcon, SearchIcon, ViewersIcon, WarningIcon } from "../player/icons";

export const SunIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" />
  </Icon>
);

export const MoonIcon = () => (
  <Icon>
    <path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z" />
  </Icon>
);

export const AutoIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" />
  </Icon>
);

export const GaugeIcon = () => (
  <Icon>
    <path d="M4.3 17.5a9 9 0 1 1 15.4 0M12 13l4-4.5" />
    <circle cx="12" cy="13.5" r="1.2" fill="currentColor" />
  </Icon>
);

export const StreamsIcon = () => (
  <Icon>
    <path d="M8.5 15.5a5 5 0 0 1 0-7M5.6 18.4a9 9 0 0 1 0-12.8M15.5 8.5a5 5 0 0 1 0 7M18.4 5.6a9 9 0 0 1 0 12.8" />
    <circle cx="12" cy="12" r="1.3" fill="currentColor" />
  </Icon>
);

export const SessionsIcon = () => (
  <Icon>
    <circle cx="9" cy="8.5" r="3.2" />
    <path d="M3 19.5c.4-3.4 2.8-5.2 6-5.2s5.6 1.8 6 5.2M15.8 5.6a3.2 3.2 0 0 1 0 5.9M17.8 14.7c1.9.7 3 2.4 3.2 4.8" />
  </Icon>
);

export const LogIcon = () => (
  <Icon>
    <path d="M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4 6.5h.5M4 12h.5M4 17.5h.5" />
  </Icon>
);

export const ConfigIcon = () => (
  <Icon>
    <path d="m8 8-4.5 4L8 16M16 8l4.5 4L16 16M13.5 5.5l-3 13" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M12 5v14M5 12h14" />
  </Icon>
);

export const CrossIcon = () => (
  <Icon>
    <path d="m6 6 12 12M18 6 6 18" />
  </Icon>
);

export const LeaveIcon = () => (
  <Icon>
    <path d="M14 4h4.5A1.5 1.5 0 0 1 20 5.5v13a1.5 1.5 0 0 1-1.5 1.5H14M10 8l-4 4 4 4M6.5 12H15" />
  </Icon>
);

export const BackIcon = () => (
  <Icon>
    <path d="m14.5 6-6 6 6 6" />
  </Icon>
);

export const ForwardIcon = () => (
  <Icon>
    <path d="m9.5 6 6 6-6 6" />
  </Icon>
);

export const UpIcon = () => (
  <Icon>
    <path d="m6 14.5 6-6 6 6" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="m6 9.5 6 6 6-6" />
  </Icon>
);

export const RestartIcon = () => (
  <Icon>
    <path d="M19 12a7 7 0 1 1-2.1-5M19 4v4h-4" />
  </Icon>
);

export const BinIcon = () => (
  <Icon>
    <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10.3 11v5M13.7 11v5" />
  </Icon>
);

export const PenIcon = () => (
  <Icon>
    <path d="m4.5 19.5.8-4L16 4.8a1.5 1.5 0 0 1 2.1 0l1.1 1.1a1.5 1.5 0 0 1 0 2.1L8.5 18.7z" />
  </Icon>
);

export const LockIcon = () => (
  <Icon>
    <rect x="5" y="10.5" width="14" height="9.5" rx="2" />
    <path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5" />
  </Icon>
);
