import { fileURLToPath } from "node:url";

import { MockServer } from "./mock_server";
import { addProgramme } from "./programme";

/// `npm run mock`: the built pages with streams that need no server, to look at while working on them.
const server = new MockServer(fileURLToPath(new URL("../dist", import.meta.url)));
await addProgramme(server);
await server.start(Number(process.env["PORT"] ?? 8081));
console.log(`${server.origin}/`);
