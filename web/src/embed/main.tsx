import "./embed.css";

import { render } from "preact";

import { embedOptions } from "../lib/embed_options";
import { PlayerView } from "../player/player_view";

const options = embedOptions(location);
if (options.name !== "") document.title = options.name;

const root = document.getElementById("player");
if (root !== null) render(<PlayerView {...options} url={options.playlist} ownsKeyboard />, root);
