import { runnerImport } from "vite";

/// node test/run.mjs FILE.ts [ARGUMENT...]: runs a TypeScript file on a Node that cannot yet.
await runnerImport(process.argv[2]);
