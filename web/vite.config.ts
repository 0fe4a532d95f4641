import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vitest/config";

/// The libraries that end up in the bundle; their licences go with them as licenses.txt.
const kBundled = ["@fontsource-variable/inter", "hls.js", "preact", "uplot"];

function licenses(): Plugin {
  return {
    name: "licenses",
    apply: "build",
    generateBundle() {
      const texts = kBundled.map((name) => {
        const read = (file: string) => readFileSync(new URL(`node_modules/${name}/${file}`, import.meta.url), "utf8").trim();
        const { version } = JSON.parse(read("package.json")) as { version: string };
        return `${name} ${version}\n\n${read("LICENSE")}\n`;
      });
      this.emitFile({ type: "asset", fileName: "licenses.txt", source: texts.join(`\n${"-".repeat(78)}\n\n`) });
    },
  };
}

/// The embedded page always needs hls.js: its download begins with the page, not after the page's own script.
function preloadHls(): Plugin {
  return {
    name: "preload-hls",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { path, bundle }) {
        const chunk = Object.values(bundle ?? {}).find((file) => file.type === "chunk" && file.name === "hls");
        if (path !== "/embed.html" || chunk === undefined) return [];
        return [{ tag: "link", attrs: { rel: "modulepreload", crossorigin: true, href: `/${chunk.fileName}` }, injectTo: "head" }];
      },
    },
  };
}

export default defineConfig({
  base: "/", // pages are served below any stream name, so the assets are addressed absolutely
  plugins: [licenses(), preloadHls()],
  build: {
    target: "es2020",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: "index.html", admin: "admin.html", embed: "embed.html" } },
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
