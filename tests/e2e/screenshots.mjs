// The screenshots of the README, taken from the built page: `cargo xtask screenshots`.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { open, setUp } from "./lib.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

/** `arrange` brings the page into the state that is to be seen. */
const SHOTS = [
  { name: "opening-light", viewport: DESKTOP, colorScheme: "light", arrange: settle },
  { name: "opening-dark", viewport: DESKTOP, colorScheme: "dark", arrange: settle },
  { name: "opening-phone", viewport: PHONE, colorScheme: "light", arrange: settle },
];

/** Long enough for a leader and its first commands. */
async function settle(page) {
  await page.waitForTimeout(4000);
}

mkdirSync(FOLDER, { recursive: true });
const stage = await setUp();
try {
  for (const { name, arrange, ...options } of SHOTS) {
    const page = await open(stage, options);
    await arrange(page);
    await page.screenshot({ path: `${FOLDER}${name}.png` });
    console.log(`docs/screenshots/${name}.png`);
    await page.context().close();
  }
} finally {
  await stage.tearDown();
}
