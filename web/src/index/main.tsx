import "./index.css";

import { render } from "preact";

import { readServer } from "../lib/urls";
import { App } from "./app";

const root = document.getElementById("app");
if (root !== null) render(<App server={readServer(document, location)} />, root);
