// The engine for other people's pages: `import { Run, linearize, list } from "https://…/playground.js"`; see docs/embedding.md.
const address = (name) => new URL(name, import.meta.url).href;

const program = await import(address("worker.js"));
await program.default({ module_or_path: address("worker_bg.wasm") });

export const { Run, engine, linearize, list } = program;
