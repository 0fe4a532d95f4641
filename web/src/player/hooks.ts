import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { Player, type PlayerOptions } from "./player";
import type { PlayerState } from "./state";

/// One player for as long as the address stays the same.
export function usePlayer(options: PlayerOptions) {
  const video = useRef<HTMLVideoElement>(null);
  const [player, setPlayer] = useState<Player>();
  const [state, setState] = useState<PlayerState>();

  useEffect(() => {
    if (video.current === null) return;
    const created = new Player(video.current, options);
    setPlayer(created);
    setState(created.state);
    created.subscribe(setState);
    return () => created.destroy();
  }, [options.url, options.lowLatency]);

  return { video, player, state };
}

/// Keeps the last picture on view while a new source takes over the element.
export function useStill(player: Player | undefined) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState(false);

  useEffect(() => {
    const still = canvas.current;
    const video = still?.parentElement?.querySelector("video");
    if (player === undefined || still === null || video == null) return;
    player.onBeforeReload = () => {
      if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return;
      still.width = video.videoWidth;
      still.height = video.videoHeight;
      still.getContext("2d")?.drawImage(video, 0, 0);
      setShown(true);
    };
    const hide = () => setShown(false);
    video.addEventListener("loadeddata", hide);
    return () => video.removeEventListener("loadeddata", hide);
  }, [player]);

  return { canvas, shown };
}

const kIdleMs = 2_800;

/// True while the viewer does nothing: then the controls step back.
export function useIdle() {
  const [idle, setIdle] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const wake = useCallback(() => {
    setIdle(false);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setIdle(true), kIdleMs);
  }, []);
  const rest = useCallback(() => {
    clearTimeout(timer.current);
    setIdle(true);
  }, []);
  useEffect(() => {
    wake();
    return () => clearTimeout(timer.current);
  }, []);
  return { idle, wake, rest };
}

/// iPhones know full screen for the video element only.
interface IPhoneVideo extends HTMLVideoElement {
  webkitEnterFullscreen?: () => void;
}

export function useFullscreen() {
  const element = useRef<HTMLDivElement>(null);
  const [fullscreen, setFullscreen] = useState(false);

  useEffect(() => {
    const update = () => setFullscreen(document.fullscreenElement === element.current);
    document.addEventListener("fullscreenchange", update);
    return () => document.removeEventListener("fullscreenchange", update);
  }, []);

  const toggle = useCallback(() => {
    const root = element.current;
    if (root === null) return;
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    else if (document.fullscreenEnabled) void root.requestFullscreen().catch(() => undefined);
    else root.querySelector<IPhoneVideo>("video")?.webkitEnterFullscreen?.();
  }, []);

  return { element, fullscreen, toggle };
}
