import "./index.css";

import { render } from "preact";

import { readServer } from "../lib/urls";
import { showTheme, storedTheme } from "../ui/theme";
import { App } from "./app";

showTheme(storedTheme());
const root = document.getElementById("app");
if (root !== null) render(<App server={readServer(document, location)} />, root);
