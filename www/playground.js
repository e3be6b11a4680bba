// The engine for other people's pages: `import { Run } from "https://…/playground.js"`; see
// docs/embedding.md. The hashed names of the program are in the page's own meta element; within the
// page this is the program that already runs.
const address = (name) => new URL(name, import.meta.url).href;

const page = await (await fetch(address("index.html"))).text();
const [, module, wasm] = page.match(/name="playground-program" data-module="([^"]+)" data-wasm="([^"]+)"/);
const program = await import(address(module));
await program.default({ module_or_path: address(wasm) });

export const { Run, engine } = program;
